package io.temponest.store;

import io.temponest.config.Secret;
import io.vertx.pgclient.PgConnectOptions;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/**
 * Where a PostgreSQL database is and who connects.
 *
 * @param port TCP port
 */
public record DatabaseUrl(String host, int port, String database, String user, Secret password) {

    private static final int DEFAULT_PORT = 5432;

    /** Reads {@code postgresql://user:password@host:port/database}; fails with {@link IllegalArgumentException} naming what is missing. */
    public static DatabaseUrl parse(String text) {
        URI uri = URI.create(text.strip());
        if (!"postgresql".equals(uri.getScheme()) && !"postgres".equals(uri.getScheme())) {
            throw new IllegalArgumentException("must start with postgresql://");
        }
        String login = uri.getRawUserInfo();
        String path = uri.getPath();
        if (uri.getHost() == null || login == null || path == null || path.length() < 2) {
            throw new IllegalArgumentException("must have the form postgresql://user:password@host:port/database");
        }
        int colon = login.indexOf(':');
        return new DatabaseUrl(
                uri.getHost(),
                uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
                path.substring(1),
                decode(colon < 0 ? login : login.substring(0, colon)),
                new Secret(colon < 0 ? "" : decode(login.substring(colon + 1))));
    }

    /** Another database of the same server. */
    public DatabaseUrl withDatabase(String other) {
        return new DatabaseUrl(host, port, other, user, password);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    String jdbc() {
        return "jdbc:postgresql://%s:%d/%s".formatted(host, port, database);
    }

    PgConnectOptions options(String role) {
        return new PgConnectOptions()
                .setHost(host)
                .setPort(port)
                .setDatabase(database)
                .setUser(user)
                .setPassword(password.reveal())
                .addProperty("role", role)
                .addProperty("application_name", "temponest")
                .addProperty("statement_timeout", "30000")
                .addProperty("idle_in_transaction_session_timeout", "10000")
                .setCachePreparedStatements(true)
                .setPreparedStatementCacheMaxSize(512)
                .setReconnectAttempts(0);
    }
}
