package io.temponest.cli;

import io.temponest.config.Environment;
import io.temponest.config.Setting;
import io.temponest.store.DatabaseUrl;
import java.nio.file.Path;
import java.util.Optional;

/** Which database a process uses. */
sealed interface DatabaseConfig {

    /** One that the process starts itself, with its data in a folder. */
    record Embedded(Path folder) implements DatabaseConfig {}

    /** One that runs elsewhere. */
    record External(DatabaseUrl service, DatabaseUrl owner) implements DatabaseConfig {}

    /** Reads the settings; mistakes are told to the environment. */
    static DatabaseConfig read(Environment environment) {
        Optional<DatabaseUrl> service = environment.parsed(Setting.DATABASE_URL, DatabaseUrl::parse);
        Optional<DatabaseUrl> owner = environment.parsed(Setting.DATABASE_OWNER_URL, DatabaseUrl::parse);
        boolean named = environment.optional(Setting.DATABASE_URL).isPresent();
        if (!named && owner.isPresent()) {
            environment.problem("%s is set and %s is not"
                    .formatted(Setting.DATABASE_OWNER_URL.variable(), Setting.DATABASE_URL.variable()));
        }
        return service.<DatabaseConfig>map(url -> new External(url, owner.orElse(url)))
                .orElseGet(() -> new Embedded(environment.path(Setting.DATA_DIR).resolve("postgres")));
    }
}
