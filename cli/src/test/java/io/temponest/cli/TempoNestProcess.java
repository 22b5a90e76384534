package io.temponest.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The program as a process of its own, which a test talks to through its ports, its output and its signals. */
public final class TempoNestProcess implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(25);
    private static final Pattern READY = Pattern.compile("Ready after .* s(?: at (?<url>http\\S+))?");
    private static final Pattern OPS = Pattern.compile("metrics and health on (?<port>\\d+)");

    private static final String LOOSE_LIMITS = Path.of("src", "test", "resources", "loose-limits.json")
            .toAbsolutePath()
            .toString();

    private final Process process;
    private final Thread reader;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final CompletableFuture<String> ready = new CompletableFuture<>();
    private final CompletableFuture<Integer> ops = new CompletableFuture<>();

    private TempoNestProcess(Process process) {
        this.process = process;
        // Of the platform: a virtual thread that waits for a pipe keeps its carrier, of which there are as many as
        // cores.
        this.reader = Thread.ofPlatform().daemon().start(this::read);
    }

    /**
     * Starts a server command on free ports and does not wait for it.
     *
     * @param settings variables of the environment, which has nothing of the test's own in it
     */
    static TempoNestProcess start(Path dataDir, Map<String, String> settings, String command) {
        return start(dataDir, loosely(settings), Program.line(command));
    }

    /** @param flags of the JVM, instead of what it has learned of starts */
    static TempoNestProcess start(Path dataDir, Map<String, String> settings, String command, List<String> flags) {
        return start(dataDir, loosely(settings), Program.line(command, flags));
    }

    /** Tests of other things sign in more often than a person does. */
    private static Map<String, String> loosely(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.putIfAbsent("TEMPONEST_LIMITS_FILE", LOOSE_LIMITS);
        return all;
    }

    /**
     * Starts a server command as it is built, with nothing of the test's on its class path.
     *
     * @param jar the program, beside its libraries
     */
    public static TempoNestProcess start(Path jar, Path dataDir, Map<String, String> settings, String command) {
        return start(dataDir, settings, Program.line(jar, command));
    }

    private static TempoNestProcess start(Path dataDir, Map<String, String> settings, List<String> line) {
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("TEMPONEST_") || name.startsWith("JAVA_TOOL"));
        environment.put("TEMPONEST_HTTP_PORT", "0");
        environment.put("TEMPONEST_OPS_PORT", "0");
        environment.put("TEMPONEST_DATA_DIR", dataDir.toString());
        environment.putAll(settings);
        try {
            return new TempoNestProcess(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                heard(line);
            }
        } catch (IOException e) {
            lines.add(e.toString());
        }
        IllegalStateException over = new IllegalStateException(
                "the process ended with " + process.onExit().join().exitValue() + ":\n" + log());
        ready.completeExceptionally(over);
        ops.completeExceptionally(over);
    }

    /** Waits until the process ends by itself. */
    int exitCode() {
        return awaitExit(START_LIMIT);
    }

    private void heard(String line) {
        lines.add(line);
        Matcher port = OPS.matcher(line);
        if (port.find()) {
            ops.complete(Integer.valueOf(port.group("port")));
        }
        Matcher said = READY.matcher(line);
        if (said.find()) {
            ready.complete(said.group("url") == null ? "" : said.group("url"));
        }
    }

    /** Waits until the process says that it is ready. */
    public TempoNestProcess awaitReady() {
        await(ready);
        return this;
    }

    /** Of the API; waits until the process is ready. */
    public URI url() {
        return URI.create(await(ready));
    }

    /** What is at a path of the port for metrics and health; waits until the port is open. */
    String ops(String path) {
        URI url = URI.create("http://127.0.0.1:%d%s".formatted(await(ops), path));
        try (InputStream body = url.toURL().openStream()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private <T> T await(CompletableFuture<T> said) {
        try {
            return said.get(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("not ready:\n" + log(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    /** All that it has written. */
    public String log() {
        return String.join("\n", lines);
    }

    List<String> lines() {
        return List.copyOf(lines);
    }

    /** Ends it with SIGKILL. */
    void kill() {
        process.toHandle().destroyForcibly();
        awaitExit(STOP_LIMIT);
    }

    /** Asks it to stop, with SIGTERM. @return its exit code */
    int stop() {
        // By its handle: the process's own method would close its output before the last lines were read.
        process.toHandle().destroy();
        return awaitExit(STOP_LIMIT);
    }

    /** Asks it to stop and to write down what it has learned, which takes a while. */
    void stopAndLearn() {
        process.toHandle().destroy();
        int code = awaitExit(START_LIMIT);
        if (code != 0) {
            throw new AssertionError("ended with " + code + ":\n" + log());
        }
    }

    private int awaitExit(Duration limit) {
        try {
            if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("did not end within " + limit.toSeconds() + " s:\n" + log());
            }
            reader.join(STOP_LIMIT);
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            stop();
        }
    }

    /** Ends the embedded PostgreSQL that a killed process left behind, if it did. */
    static void endDatabase(Path dataDir) throws IOException {
        try (Stream<Path> files = Files.walk(dataDir)) {
            for (Path file : files.filter(f -> f.endsWith("postmaster.pid")).toList()) {
                ProcessHandle.of(Long.parseLong(
                                Files.readAllLines(file).getFirst().strip()))
                        .ifPresent(ProcessHandle::destroyForcibly);
            }
        }
    }
}
