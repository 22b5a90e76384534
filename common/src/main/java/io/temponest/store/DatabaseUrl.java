package io.temponest.store;

import io.temponest.config.Secret;
import io.vertx.pgclient.PgConnectOptions;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where a PostgreSQL database is and who connects.
 *
 * @param port TCP port
 * @param tls how the way there is protected
 */
public record DatabaseUrl(String host, int port, String database, String user, Secret password, DatabaseTls tls) {

    private static final int DEFAULT_PORT = 5432;
    private static final Set<String> PARAMETERS = Set.of(DatabaseTls.MODE, DatabaseTls.AUTHORITIES);

    /**
     * Reads {@code postgresql://user:password@host:port/database?sslmode=verify-full&sslrootcert=file}, of which the query may be
     * missing; fails with {@link IllegalArgumentException} naming what is missing or wrong. Blocks for the file.
     */
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
                new Secret(colon < 0 ? "" : decode(login.substring(colon + 1))),
                DatabaseTls.read(parameters(uri)));
    }

    private static Map<String, String> parameters(URI uri) {
        Map<String, String> parameters = new HashMap<>();
        String query = Optional.ofNullable(uri.getRawQuery()).orElse("");
        for (String pair : query.isEmpty() ? new String[0] : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            if (equals < 0 || !PARAMETERS.contains(name) || parameters.containsKey(name)) {
                throw new IllegalArgumentException(
                        "has '%s', but takes sslmode=… and sslrootcert=… once each, and nothing else".formatted(name));
            }
            parameters.put(name, decode(pair.substring(equals + 1)));
        }
        return parameters;
    }

    /** Another database of the same server. */
    public DatabaseUrl withDatabase(String other) {
        return new DatabaseUrl(host, port, other, user, password, tls);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** With a query, to which more can be added. */
    String jdbc() {
        return "jdbc:postgresql://%s:%d/%s?%s".formatted(host, port, database, tls.jdbc());
    }

    PgConnectOptions options(String role) {
        PgConnectOptions options = new PgConnectOptions()
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
        tls.into(options);
        return options;
    }
}
