package io.temponest.e2e;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A TempoNest process of its own, with the class path of the tests: started, watched, and killed like a real one. */
final class TempoNestProcess implements AutoCloseable {

    private static final List<String> FLAGS = List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseCompactObjectHeaders",
            "-Dai.djl.offline=true",
            "-DOPT_OUT_TRACKING=true",
            "-Xmx768m");

    private final Process process;
    private final Path log;
    private final int httpPort;
    private final int opsPort;

    private TempoNestProcess(Process process, Path log, int httpPort, int opsPort) {
        this.process = process;
        this.log = log;
        this.httpPort = httpPort;
        this.opsPort = opsPort;
    }

    /**
     * Starts a process.
     *
     * @param command {@code up}, {@code gateway} or {@code worker}
     * @param settings without the prefix
     * @param folder for its log
     */
    static TempoNestProcess start(String command, Map<String, String> settings, Path folder) throws IOException {
        int httpPort = Ports.free();
        int opsPort = Ports.free();
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(FLAGS);
        line.add("-cp");
        line.add(System.getProperty("java.class.path"));
        line.add("io.temponest.cli.Main");
        line.add(command);
        ProcessBuilder builder = new ProcessBuilder(line);
        Map<String, String> all =
                new HashMap<>(Map.of("HTTP_PORT", Integer.toString(httpPort), "OPS_PORT", Integer.toString(opsPort)));
        all.putAll(settings);
        builder.environment().keySet().removeIf(name -> name.startsWith("TEMPONEST_"));
        all.forEach((name, value) -> builder.environment().put("TEMPONEST_" + name, value));
        Path log = Files.createTempFile(folder, command + "-", ".log");
        builder.redirectErrorStream(true).redirectOutput(log.toFile());
        return new TempoNestProcess(builder.start(), log, httpPort, opsPort);
    }

    String url() {
        return "http://127.0.0.1:" + httpPort;
    }

    /** Waits until the process says that it is ready. @return how long that took from now */
    Duration awaitReady() {
        long begin = System.nanoTime();
        await().alias("ready; log:\n" + log)
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(this::ready);
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private boolean ready() throws IOException, InterruptedException {
        if (!process.isAlive()) {
            throw new IllegalStateException("the process ended with " + process.exitValue() + ":\n" + log());
        }
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + opsPort + "/health/ready"))
                                            .timeout(Duration.ofSeconds(2))
                                            .build(),
                                    BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        }
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    /** SIGKILL: no hook runs, no connection is closed in order. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor(10, TimeUnit.SECONDS);
    }

    /** SIGTERM, and waits for the end. @return the exit code */
    int terminate() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("did not stop within 20 s");
        }
        return process.exitValue();
    }

    @Override
    public void close() throws InterruptedException {
        if (process.isAlive()) {
            process.destroy();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    /** What the first start left for its admin. */
    static JsonNode admin(Path dataDir) throws IOException {
        return Api.tree(Files.readString(dataDir.resolve("admin.json")));
    }
}
