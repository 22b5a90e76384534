package io.temponest.cli;

import io.temponest.config.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * The program. Exits with 0 when a command did its work, 1 when it could not, 2 when the command line or the settings are
 * wrong.
 */
@Command(
        name = "temponest",
        description = "Runs AI agents for many tenants.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        usageHelpAutoWidth = true,
        versionProvider = Main.Version.class,
        exitCodeOnInvalidInput = Main.WRONG,
        exitCodeOnExecutionException = Main.FAILED,
        subcommandsRepeatable = false)
public final class Main {

    static final int FAILED = 1;
    static final int WRONG = 2;

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "show where an error came from")
    private boolean debug;

    private Main() {}

    /** Runs one command and ends the process. */
    public static void main(String[] arguments) {
        System.exit(commandLine(System.getenv()).execute(arguments));
    }

    /** The whole command line, for a given environment. */
    static CommandLine commandLine(Map<String, String> environment) {
        Main main = new Main();
        CommandLine commands = new CommandLine(main);
        commands.addSubcommand("up", withSettings(new Up(environment)));
        commands.addSubcommand("gateway", withSettings(new GatewayCommand(environment)));
        commands.addSubcommand("worker", withSettings(new WorkerCommand(environment)));
        commands.addSubcommand("migrate", withSettings(new Migrate(environment)));
        commands.addSubcommand("keys", KeysCommand.line(environment));
        commands.addSubcommand("demo", new Demo(environment));
        commands.setExecutionExceptionHandler((failure, command, given) -> main.report(failure, command.getErr()));
        return commands;
    }

    private static CommandLine withSettings(Object command) {
        CommandLine line = new CommandLine(command);
        SettingFlags.addTo(line.getCommandSpec());
        return line;
    }

    private int report(Exception failure, PrintWriter err) {
        if (debug) {
            failure.printStackTrace(err);
        }
        err.println("temponest: " + message(failure));
        err.flush();
        return failure instanceof ConfigException || failure instanceof UsageException ? WRONG : FAILED;
    }

    private static String message(Throwable failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank() ? failure.toString() : message;
    }

    static final class Version implements IVersionProvider {

        @Override
        public String[] getVersion() {
            return new String[] {"TempoNest " + text()};
        }

        static String text() {
            try (InputStream file = Objects.requireNonNull(Main.class.getResourceAsStream("program.properties"))) {
                Properties properties = new Properties();
                properties.load(file);
                return properties.getProperty("version", "unknown");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
