package io.temponest.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/** Applies the schema in {@code sql/}: forward only, under Flyway's own advisory lock, never repaired. Blocks its thread. */
public final class Migrations {

    private static final String FOLDER = "/io/temponest/sql";
    private static final Pattern VERSION =
            Pattern.compile(".*\\bio[/\\\\]temponest[/\\\\]sql[/\\\\]V(\\d+)__\\w+\\.sql");

    static final String CURRENT =
            "select coalesce(max(version::numeric), 0)::int from flyway_schema_history where success";
    private static final String CONNECT_LIMITS = "&connectTimeout=5&loginTimeout=10&socketTimeout=30";
    private static final String UNDEFINED_TABLE = "42P01";

    private Migrations() {}

    /**
     * Brings the database to this version's schema.
     *
     * @param owner the role that owns the schema
     * @return how many migrations were applied
     */
    public static int apply(DatabaseUrl owner) {
        return configured(owner).load().migrate().migrationsExecuted;
    }

    /**
     * The schema version that a database has, found with one query; 0 where there is no schema yet.
     *
     * @param role any that may read the schema's history
     * @throws SQLException when the database cannot be asked
     */
    public static int current(DatabaseUrl role) throws SQLException {
        try (Connection connection = connection(role);
                Statement statement = connection.createStatement();
                ResultSet version = statement.executeQuery(CURRENT)) {
            version.next();
            return version.getInt(1);
        } catch (SQLException e) {
            if (UNDEFINED_TABLE.equals(e.getSQLState())) {
                return 0;
            }
            throw e;
        }
    }

    /** A plain connection for a question at the start; it gives up within its limits. */
    static Connection connection(DatabaseUrl role) throws SQLException {
        return DriverManager.getConnection(
                role.jdbc() + CONNECT_LIMITS, role.user(), role.password().reveal());
    }

    /** The schema version that this version of the program needs: the newest migration in it. Needs no database. */
    public static int required() {
        try {
            URL folder = Objects.requireNonNull(Migrations.class.getResource(FOLDER), FOLDER);
            return names(folder)
                    .map(VERSION::matcher)
                    .filter(Matcher::matches)
                    .mapToInt(matcher -> Integer.parseInt(matcher.group(1)))
                    .max()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<String> names(URL folder) throws IOException {
        if (folder.openConnection() instanceof JarURLConnection connection) {
            connection.setUseCaches(false);
            try (JarFile jar = connection.getJarFile()) {
                return jar.stream().map(JarEntry::getName).toList().stream();
            }
        }
        try (Stream<Path> files = Files.list(Path.of(URI.create(folder.toString())))) {
            return files.map(Path::toString).toList().stream();
        }
    }

    private static FluentConfiguration configured(DatabaseUrl owner) {
        return Flyway.configure()
                .dataSource(owner.jdbc(), owner.user(), owner.password().reveal())
                .locations("classpath:io/temponest/sql")
                .validateMigrationNaming(true)
                .cleanDisabled(true)
                .connectRetries(3);
    }
}
