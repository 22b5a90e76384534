package io.temponest.cli;

import io.temponest.config.Environment;
import io.temponest.config.Setting;
import io.temponest.gateway.auth.JwtKeyFile;
import io.temponest.gateway.auth.JwtKeys;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The keys of access tokens; running gateways see each change within a second or two. */
@Command(
        description = "Rotates the keys that sign access tokens: add, wait for all gateways to know the key, promote,"
                + " wait 15 minutes until the old tokens have expired, retire.")
final class KeysCommand implements Runnable {

    /** With its own commands, each of which takes settings. */
    static CommandLine line(Map<String, String> environment) {
        CommandLine keys = new CommandLine(new KeysCommand());
        add(
                keys,
                "add",
                new Step(environment, JwtKeyFile::add),
                "Appends a new key, which verifies and does not sign.");
        add(keys, "promote", new Step(environment, JwtKeyFile::promote), "Makes the newest key the one that signs.");
        add(
                keys,
                "retire",
                new Step(environment, JwtKeyFile::retire),
                "Drops the oldest key that does not sign; what it has signed is refused.");
        CommandLine list = new CommandLine(new Listing(environment));
        list.getCommandSpec().usageMessage().description("Shows the thumbprints of the keys; the first one signs.");
        SettingFlags.addTo(list.getCommandSpec());
        keys.addSubcommand("list", list);
        return keys;
    }

    private static void add(CommandLine keys, String name, Step step, String description) {
        CommandLine line = new CommandLine(step);
        line.getCommandSpec().usageMessage().description(description);
        SettingFlags.addTo(line.getCommandSpec());
        keys.addSubcommand(name, line);
    }

    @Override
    public void run() {
        throw new UsageException("keys takes add, promote, retire or list");
    }

    /** The file that the settings of a command name. */
    private static JwtKeyFile file(CommandSpec spec, Map<String, String> environment) {
        Environment settings = SettingFlags.read(spec.commandLine().getParseResult(), environment)
                .read();
        Path file = settings.optional(Setting.JWT_KEYS)
                .map(Path::of)
                .orElseGet(() -> JwtKeys.inFolder(settings.path(Setting.DATA_DIR)));
        settings.check();
        return new JwtKeyFile(file, InstantSource.system());
    }

    private static int run(CommandSpec spec, Map<String, String> environment, Function<JwtKeyFile, String> work) {
        try {
            String said = work.apply(file(spec, environment));
            PrintWriter out = spec.commandLine().getOut();
            out.print(said);
            out.flush();
            return 0;
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        }
    }

    @Command
    static final class Step implements Callable<Integer> {

        private final Map<String, String> environment;
        private final ToIntFunction<JwtKeyFile> change;

        @Spec
        @SuppressWarnings("NullAway.Init") // set by picocli before it calls the command
        private CommandSpec spec;

        Step(Map<String, String> environment, ToIntFunction<JwtKeyFile> change) {
            this.environment = Map.copyOf(environment);
            this.change = change;
        }

        @Override
        public Integer call() {
            return run(spec, environment, file -> {
                int keys = change.applyAsInt(file);
                return "%s holds %d %s%n".formatted(file, keys, keys == 1 ? "key" : "keys");
            });
        }
    }

    @Command
    static final class Listing implements Callable<Integer> {

        private final Map<String, String> environment;

        @Spec
        @SuppressWarnings("NullAway.Init") // set by picocli before it calls the command
        private CommandSpec spec;

        Listing(Map<String, String> environment) {
            this.environment = Map.copyOf(environment);
        }

        @Override
        public Integer call() {
            return run(spec, environment, file -> {
                List<String> keys = file.list();
                return IntStream.range(0, keys.size())
                        .mapToObj(i -> "%s  %s%n".formatted(keys.get(i), i == 0 ? "signs" : "verifies"))
                        .collect(Collectors.joining());
            });
        }
    }
}
