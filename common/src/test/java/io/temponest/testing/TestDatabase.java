package io.temponest.testing;

import io.temponest.embedded.EmbeddedPostgres;
import io.temponest.embedded.UnpackedPostgres;
import io.temponest.identity.Ids;
import io.temponest.identity.TenantId;
import io.temponest.store.DatabaseUrl;
import io.temponest.store.EnginePostgres;
import io.temponest.store.Migrations;
import io.temponest.store.Postgres;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/**
 * A database of its own for a test, migrated, on a real server that all tests of the JVM share. Not durable: the server of
 * tests alone runs without fsync.
 */
public final class TestDatabase {

    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final EmbeddedPostgres SERVER = server();

    private final String name;

    private TestDatabase(String name) {
        this.name = name;
    }

    private static EmbeddedPostgres server() {
        try {
            Path folder = UnpackedPostgres.in(Files.createTempDirectory("temponest-test-postgres"));
            EmbeddedPostgres server = EmbeddedPostgres.start(
                    folder, Map.of("fsync", "off", "synchronous_commit", "off", "full_page_writes", "off"));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, folder), "stop-test-postgres"));
            Migrations.apply(server.ownerUrl());
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void stop(EmbeddedPostgres server, Path folder) {
        server.close();
        try (var files = Files.walk(folder)) {
            files.sorted(java.util.Comparator.reverseOrder()).map(Path::toFile).forEach(java.io.File::delete);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A copy of the migrated, empty database. */
    public static TestDatabase create() {
        String name = "test_" + COUNT.incrementAndGet();
        execute(
                SERVER.superuserUrl().withDatabase("postgres"),
                "create database " + name + " template temponest owner temponest_owner");
        return new TestDatabase(name);
    }

    public DatabaseUrl appUrl() {
        return SERVER.appUrl().withDatabase(name);
    }

    public DatabaseUrl ownerUrl() {
        return SERVER.ownerUrl().withDatabase(name);
    }

    /** For what only an onlooker may do: it sees and changes everything. */
    public DatabaseUrl superuserUrl() {
        return SERVER.superuserUrl().withDatabase(name);
    }

    public Postgres connect(Vertx vertx) {
        return Postgres.connect(vertx, appUrl(), 8);
    }

    public EnginePostgres engine(Vertx vertx) {
        return EnginePostgres.connect(vertx, appUrl(), "engine", 8);
    }

    /** Inserts a tenant. */
    public TenantId tenant() {
        TenantId tenant = new Ids().nextTenant();
        execute(
                superuserUrl(),
                "insert into tenants (id, name, slug) values (?, 'Test', ?)",
                tenant.uuid(),
                "t" + tenant.uuid().toString().replace("-", ""));
        return tenant;
    }

    /** Runs a statement as the onlooker. */
    public int execute(String sql, Object... parameters) {
        return execute(superuserUrl(), sql, parameters);
    }

    private static int execute(DatabaseUrl url, String sql, Object... parameters) {
        try (Connection connection = connection(url)) {
            if (parameters.length == 0) {
                try (Statement statement = connection.createStatement()) {
                    return statement.executeUpdate(sql);
                }
            }
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < parameters.length; i++) {
                    statement.setObject(i + 1, parameters[i]);
                }
                return statement.executeUpdate();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Waits until somebody waits for a lock in this database. */
    public void awaitLockWait() {
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
            try (Connection connection = connection(superuserUrl());
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(
                            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()")) {
                rows.next();
                return rows.getInt(1) > 0;
            }
        });
    }

    /** A plain connection, for tests that look at the database itself. */
    public static Connection connection(DatabaseUrl url) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://%s:%d/%s".formatted(url.host(), url.port(), url.database()),
                url.user(),
                url.password().reveal());
    }
}
