package io.temponest.cli;

import io.temponest.embedded.EmbeddedPostgres;
import io.temponest.store.DatabaseUrl;
import io.temponest.store.Migrations;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The database of a process. Blocks its thread.
 *
 * @param service as which the program works
 * @param owner as which it migrates
 * @param server the embedded server; empty where the database runs elsewhere
 */
record Database(DatabaseUrl service, DatabaseUrl owner, Optional<EmbeddedPostgres> server) implements AutoCloseable {

    static Database open(DatabaseConfig config) {
        return switch (config) {
            case DatabaseConfig.External(DatabaseUrl service, DatabaseUrl owner) ->
                new Database(service, owner, Optional.empty());
            case DatabaseConfig.Embedded(var folder) -> {
                EmbeddedPostgres server = EmbeddedPostgres.start(folder);
                yield new Database(server.appUrl(), server.ownerUrl(), Optional.of(server));
            }
        };
    }

    /**
     * Brings the schema to this program's version.
     *
     * @return how many migrations were applied
     */
    int migrate() {
        // Flyway costs most of a second; one query tells that there is nothing to do.
        return current(owner) == Migrations.required() ? 0 : Migrations.apply(owner);
    }

    /** Fails unless the schema is this program's; for processes that may not change it. */
    void requireSchema() {
        int current = current(service);
        if (current < Migrations.required()) {
            throw new CommandFailure(
                    "the database has schema version %d and this program needs %d; run 'temponest migrate' with the owner's URL first"
                            .formatted(current, Migrations.required()));
        }
    }

    private static CommandFailure unusable(DatabaseUrl role, SQLException failure) {
        return new CommandFailure(
                "cannot use the database %s at %s:%d as %s: %s"
                        .formatted(role.database(), role.host(), role.port(), role.user(), failure.getMessage()),
                failure);
    }

    private static int current(DatabaseUrl role) {
        int current;
        try {
            current = Migrations.current(role);
        } catch (SQLException e) {
            throw unusable(role, e);
        }
        if (current > Migrations.required()) {
            throw new CommandFailure(
                    "the database has schema version %d, which is newer than this program's %d; use the newer TempoNest"
                            .formatted(current, Migrations.required()));
        }
        return current;
    }

    String description() {
        return server.isPresent()
                ? "embedded PostgreSQL on port " + service.port()
                : "%s at %s:%d".formatted(service.database(), service.host(), service.port());
    }

    @Override
    public void close() {
        server.ifPresent(EmbeddedPostgres::close);
    }
}
