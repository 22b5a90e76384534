package io.temponest.gateway.bench;

import io.temponest.json.Json;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Requests per second and CPU per request of one small read with more and more of the gateway's controls, beside a plain
 * Vert.x server in the same process. The server runs in a JVM of its own; rounds are interleaved, and the median of each
 * variant counts, so that a noisy machine disturbs all of them alike.
 */
final class ControlsBenchmark {

    private static final int CONNECTIONS = 64;
    private static final int WARM_UP_S = 8;
    private static final int ROUND_S = 4;

    private ControlsBenchmark() {}

    /** What a round of a variant gave. */
    private record Round(double perSecond, double cpuMicros) {}

    /** @param arguments rounds of each variant */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 7;
        Vertx vertx = Vertx.vertx();
        try (Server server = Server.start(collector(vertx))) {
            HttpLoad load = new HttpLoad(vertx, CONNECTIONS);
            List<ControlsServer.Variant> variants = server.variants();
            for (ControlsServer.Variant variant : variants) {
                load.run(variant.port(), variant.path(), variant.header(), WARM_UP_S);
            }
            Map<ControlsServer.Variant, List<Round>> results = new LinkedHashMap<>();
            for (int round = 0; round < rounds; round++) {
                for (ControlsServer.Variant variant : variants) {
                    long cpu = server.cpuNanos();
                    long began = System.nanoTime();
                    long answers = load.run(variant.port(), variant.path(), variant.header(), ROUND_S);
                    double seconds = (System.nanoTime() - began) / 1e9;
                    Round measured = new Round(answers / seconds, (server.cpuNanos() - cpu) / 1e3 / answers);
                    results.computeIfAbsent(variant, first -> new ArrayList<>()).add(measured);
                    System.out.println(String.format(
                            Locale.ROOT,
                            "round %d  %-34s %8.0f requests/s  %6.1f us CPU",
                            round + 1,
                            variant.name(),
                            measured.perSecond(),
                            measured.cpuMicros()));
                }
            }
            table(results);
        } finally {
            vertx.close().await();
        }
    }

    /** Takes traces and throws them away, as quickly as a collector could. @return its port */
    private static int collector(Vertx vertx) {
        return vertx.createHttpServer()
                .requestHandler(traces -> traces.end()
                        .onSuccess(read -> traces.response().end())
                        .onFailure(broken -> traces.connection().close()))
                .listen(0, "127.0.0.1")
                .await()
                .actualPort();
    }

    private static void table(Map<ControlsServer.Variant, List<Round>> results) {
        double plain = median(results.values().iterator().next(), true);
        System.out.println("");
        System.out.println("| read | requests/s | of plain | of the row above | CPU us per request |");
        System.out.println("|---|---|---|---|---|");
        double above = plain;
        for (Map.Entry<ControlsServer.Variant, List<Round>> row : results.entrySet()) {
            double rate = median(row.getValue(), true);
            System.out.println(String.format(
                    Locale.ROOT,
                    "| %s | %.0f | %.2f | %.2f | %.1f |",
                    row.getKey().name(),
                    rate,
                    rate / plain,
                    rate / above,
                    median(row.getValue(), false)));
            above = rate;
        }
    }

    private static double median(List<Round> rounds, boolean rate) {
        double[] sorted = rounds.stream()
                .mapToDouble(round -> rate ? round.perSecond() : round.cpuMicros())
                .sorted()
                .toArray();
        return sorted[sorted.length / 2];
    }

    /** The server's process, asked line by line. */
    private record Server(
            Process process, PrintWriter ask, BufferedReader answers, List<ControlsServer.Variant> variants)
            implements AutoCloseable {

        static Server start(int collector) throws IOException {
            List<String> line = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:+UseCompactObjectHeaders",
                    "-Xmx1g",
                    "-cp",
                    System.getProperty("java.class.path"),
                    ControlsServer.class.getName(),
                    "http://127.0.0.1:" + collector));
            Process process = new ProcessBuilder(line)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            BufferedReader answers =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            String ready = answers.readLine();
            while (ready != null && !ready.startsWith("{\"variants\"")) {
                ready = answers.readLine();
            }
            if (ready == null) {
                throw new IOException("the server did not start");
            }
            PrintWriter ask = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
            return new Server(
                    process,
                    ask,
                    answers,
                    Json.read(ready, ControlsServer.Ready.class).variants());
        }

        /** All CPU time of the server's process so far. */
        long cpuNanos() throws IOException {
            ask.println("cpu");
            return Long.parseLong(answers.readLine());
        }

        @Override
        public void close() {
            ask.close();
            process.onExit().join();
        }
    }
}
