package io.temponest.cli;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that runs parts of the platform until it is told to stop. */
abstract sealed class ServerCommand implements Callable<Integer> permits Up, GatewayCommand, WorkerCommand {

    private final Map<String, String> environment;
    private final Set<Part> parts;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before it calls the command
    private CommandSpec spec;

    ServerCommand(Map<String, String> environment, Set<Part> parts) {
        this.environment = Map.copyOf(environment);
        this.parts = Set.copyOf(parts);
    }

    @Override
    public Integer call() throws InterruptedException {
        long began = System.nanoTime();
        Logging.quiet().apply();
        PlatformConfig config = PlatformConfig.read(
                SettingFlags.read(spec.commandLine().getParseResult(), environment)
                        .read(),
                parts);
        config.logging().apply();
        Steps steps = new Steps(spec.commandLine().getOut());
        steps.say("TempoNest " + Main.Version.text());
        Foreground.run(steps, () -> Platform.start(config, steps), platform -> ready(config, platform, steps, began));
        return 0;
    }

    /**
     * What is done, and said, when everything runs.
     *
     * @param began when the command did, as a value of {@link System#nanoTime()}
     */
    abstract void ready(PlatformConfig config, Platform platform, Steps steps, long began);

    static String url(PlatformConfig config, int port) {
        String host = config.gateway().host();
        String reachable = host.equals("0.0.0.0") || host.equals("::") ? "127.0.0.1" : host;
        return "%s://%s:%d"
                .formatted(
                        config.gateway().tls() ? "https" : "http",
                        reachable.contains(":") ? "[" + reachable + "]" : reachable,
                        port);
    }

    static String after(long began) {
        return Steps.seconds(java.time.Duration.ofNanos(System.nanoTime() - began));
    }
}
