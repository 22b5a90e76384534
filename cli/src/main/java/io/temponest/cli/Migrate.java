package io.temponest.cli;

import io.temponest.config.Environment;
import io.temponest.store.Migrations;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Brings a database to this program's schema. */
@Command(
        description =
                "Applies the schema to the database of DATABASE_OWNER_URL or DATABASE_URL, else to the embedded one.")
final class Migrate implements Callable<Integer> {

    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before it calls the command
    private CommandSpec spec;

    Migrate(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    @Override
    public Integer call() {
        Logging.quiet().apply();
        Environment settings = SettingFlags.read(spec.commandLine().getParseResult(), environment)
                .read();
        DatabaseConfig config = DatabaseConfig.read(settings);
        Logging logging = Logging.read(settings);
        settings.check();
        logging.apply();
        try (Database database = Database.open(config)) {
            int applied = database.migrate();
            PrintWriter out = spec.commandLine().getOut();
            out.printf("Schema version %d, %s%n", Migrations.required(), words(applied));
            out.flush();
        }
        return 0;
    }

    private static String words(int applied) {
        return switch (applied) {
            case 0 -> "nothing to do";
            case 1 -> "1 migration applied";
            default -> applied + " migrations applied";
        };
    }
}
