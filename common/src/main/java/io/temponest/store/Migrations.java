package io.temponest.store;

import java.util.Arrays;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/** Applies the schema in {@code sql/}: forward only, under Flyway's own advisory lock, never repaired. Blocks its thread. */
public final class Migrations {

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

    /** The schema version that this version of the program needs. */
    public static int required() {
        return Arrays.stream(Flyway.configure()
                        .locations("classpath:io/temponest/sql")
                        .load()
                        .info()
                        .all())
                .map(MigrationInfo::getVersion)
                .mapToInt(version -> version.getMajor().intValueExact())
                .max()
                .orElseThrow();
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
