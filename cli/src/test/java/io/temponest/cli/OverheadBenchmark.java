package io.temponest.cli;

import io.temponest.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What a call to a model costs more through the gateway, with authentication, limits, a hard budget, the ledger and traces on,
 * than without it: beside it in the same run the same calls go straight to the model server, twice, which shows the noise, and
 * through a proxy that does nothing, and through others where the command names them. Everything runs on the same cores.
 */
final class OverheadBenchmark {

    private static final int CONNECTIONS = 32;
    private static final int STREAMS = Integer.getInteger("overhead.streams", 512);
    private static final int PAIRS = Integer.getInteger("overhead.pairs", 1_000);
    private static final Duration WARM_UP = Duration.ofSeconds(Integer.getInteger("overhead.warm_up", 40));
    private static final Duration ROUND = Duration.ofSeconds(Integer.getInteger("overhead.round", 6));
    private static final int ROUNDS = 3;
    private static final String BEGIN = "<!-- bench/overhead -->\n";
    private static final String END = "<!-- end -->\n";

    /**
     * One way to the models.
     *
     * @param cpu of all processes on the way, in seconds
     * @param own of the first of them alone
     */
    private record Way(String name, Map<String, URI> urls, String headers, Supplier<Double> cpu, Supplier<Double> own) {

        URI url(String speed) {
            return known(urls, speed).resolve("chat/completions");
        }

        byte[] request(String speed, boolean stream) {
            String model = headers.contains("Bearer tn_") ? speed + "/parrot" : "parrot";
            return HttpConnection.request(
                    url(speed),
                    headers,
                    "{\"model\":\"%s\",\"max_tokens\":100,\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"How does the lamp turn?\"}]}"
                            .formatted(model, stream));
        }
    }

    /** What the command writes down. Times in microseconds. */
    private record Result(
            String machine,
            Map<String, Map<String, Latency>> latencies,
            Map<String, Throughput> throughput,
            Map<String, Streaming> streams,
            List<Double> residentMib) {}

    private record Latency(double p50, double p99) {

        static Latency of(long[] nanos) {
            Arrays.sort(nanos);
            return new Latency(nanos[nanos.length / 2] / 1e3, nanos[(int) Math.ceil(nanos.length * 0.99) - 1] / 1e3);
        }
    }

    private record Throughput(double perSecond, double cpuMicros, double ownCpuMicros) {}

    private record Streaming(int streams, long frames, double cpuMicrosPerFrame, double ownCpuMicrosPerFrame) {}

    private OverheadBenchmark() {}

    /** @param arguments where the results go, the document whose table is replaced, then other proxies as name=url */
    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createTempDirectory("temponest-overhead");
        try (Helper models = Helper.start("models");
                Helper proxy = Helper.start("proxy", Integer.toString(models.port()));
                TempoNestProcess gateway = gateway(folder, models.port())) {
            List<Way> ways = new ArrayList<>();
            Map<String, URI> direct = urls(models.port());
            ways.add(new Way("direct", direct, "", () -> 0.0, () -> 0.0));
            ways.add(new Way("direct again", direct, "", () -> 0.0, () -> 0.0));
            ways.add(new Way("bare Vert.x proxy", urls(proxy.port()), "", proxy::cpu, proxy::cpu));
            ways.add(temponest(gateway, folder));
            for (String other : Arrays.asList(arguments).subList(2, arguments.length)) {
                ways.add(other(other));
            }
            Result result = measure(ways, gateway);
            Files.writeString(Path.of(arguments[0]), Json.text(result) + "\n");
            write(Path.of(arguments[1]), result);
        }
        System.exit(0);
    }

    private static Map<String, URI> urls(int port) {
        return Map.of(
                "instant", URI.create("http://127.0.0.1:" + port + "/instant/v1/"),
                "slow", URI.create("http://127.0.0.1:" + port + "/slow/v1/"));
    }

    private static TempoNestProcess gateway(Path folder, int models) throws IOException {
        Path prices = Files.writeString(
                folder.resolve("prices.json"),
                "[{\"model\":\"instant/*\",\"from\":\"2025-01-01\",\"input\":\"0.15\",\"cached_input\":\"0.075\",\"output\":\"0.60\"},"
                        + "{\"model\":\"slow/*\",\"from\":\"2025-01-01\",\"input\":\"0.15\",\"cached_input\":\"0.075\",\"output\":\"0.60\"}]");
        Map<String, String> settings = new LinkedHashMap<>();
        urls(models).forEach((name, url) -> {
            String provider = "TEMPONEST_PROVIDER_" + name.toUpperCase(Locale.ROOT);
            settings.put(provider + "_KIND", "openai");
            settings.put(provider + "_BASE_URL", url.toString().replaceAll("/$", ""));
            settings.put(provider + "_API_KEY", "sk-none");
        });
        settings.put("TEMPONEST_PRICES_FILE", prices.toString());
        settings.put("TEMPONEST_OTLP_ENDPOINT", "http://127.0.0.1:" + models);
        settings.put("TEMPONEST_TRACE_SHARE", "0.01");
        return TempoNestProcess.start(folder.resolve("data"), settings, "up").awaitReady();
    }

    private static Way temponest(TempoNestProcess gateway, Path folder) {
        ApiCaller admin = TestServer.admin(gateway, folder.resolve("data"));
        ApiCaller.Answer made = admin.post(
                "/v1/budgets", Map.of("scope", "tenant", "period", "monthly", "limit_usd", "100000", "hard", true));
        if (made.status() != 201) {
            throw new IllegalStateException(made.text());
        }
        URI url = gateway.url().resolve("/v1/");
        return new Way(
                "TempoNest",
                Map.of("instant", url, "slow", url),
                "authorization: Bearer " + admin.token() + "\r\n",
                () -> cpu(gateway.handle()) + postgres(folder),
                () -> cpu(gateway.handle()));
    }

    /** Another product that is told by headers where the models are: {@code name=url to v1/|header|header…}. */
    private static Way other(String text) {
        String[] parts = text.split("\\|");
        String[] named = parts[0].split("=", 2);
        String headers = Stream.of(parts).skip(1).map(line -> line + "\r\n").reduce("", String::concat);
        URI url = URI.create(named[1]);
        Supplier<Double> listening = () -> Optional.ofNullable(System.getProperty("overhead.pid." + named[0]))
                .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)))
                .map(OverheadBenchmark::cpuOfAll)
                .orElse(Double.NaN);
        return new Way(named[0], Map.of("instant", url, "slow", url), headers, listening, listening);
    }

    private static double cpu(ProcessHandle process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
    }

    private static double cpuOfAll(ProcessHandle process) {
        return Stream.concat(Stream.of(process), process.descendants())
                .mapToDouble(OverheadBenchmark::cpu)
                .sum();
    }

    private static double postgres(Path folder) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .commandLine()
                        .filter(line -> line.contains(folder.toString()) && line.contains("postgres"))
                        .isPresent())
                .mapToDouble(OverheadBenchmark::cpuOfAll)
                .sum();
    }

    private static Result measure(List<Way> ways, TempoNestProcess gateway) throws Exception {
        List<Double> resident = new ArrayList<>();
        System.out.println("warming up");
        for (Way way : ways) {
            load(way, Duration.ofNanos(WARM_UP.toNanos() * (way.name().startsWith("direct") ? 1 : 2) / 2));
        }
        resident.add(residentMib(gateway));
        Map<String, Map<String, Latency>> latencies = new LinkedHashMap<>();
        for (String speed : List.of("slow", "instant")) {
            latencies.put(speed, paired(ways, speed));
            latencies
                    .get(speed)
                    .forEach((name, latency) ->
                            System.out.println("one connection, %s upstream, %s: %s".formatted(speed, name, latency)));
        }
        resident.add(residentMib(gateway));
        Map<String, List<Throughput>> rounds = new LinkedHashMap<>();
        for (int round = 0; round < ROUNDS; round++) {
            for (Way way : ways) {
                Throughput measured = load(way, ROUND);
                System.out.println("%d connections, %s: %s".formatted(CONNECTIONS, way.name(), measured));
                rounds.computeIfAbsent(way.name(), first -> new ArrayList<>()).add(measured);
            }
        }
        resident.add(residentMib(gateway));
        Map<String, Streaming> streams = new LinkedHashMap<>();
        for (Way way : ways) {
            if (!way.name().equals("direct again")) {
                streams.put(way.name(), streams(way));
                System.out.println("%s: %s".formatted(way.name(), streams.get(way.name())));
            }
        }
        resident.add(residentMib(gateway));
        Map<String, Throughput> throughput = new LinkedHashMap<>();
        rounds.forEach((name, all) -> throughput.put(name, median(all)));
        return new Result(machine(), latencies, throughput, streams, resident);
    }

    private static Throughput median(List<Throughput> rounds) {
        return rounds.stream()
                .sorted(java.util.Comparator.comparingDouble(Throughput::perSecond))
                .toList()
                .get(rounds.size() / 2);
    }

    /** Every way once, then every way again: what disturbs one disturbs all. */
    private static Map<String, Latency> paired(List<Way> ways, String speed) throws IOException {
        long[][] nanos = new long[ways.size()][PAIRS];
        List<HttpConnection> connections = new ArrayList<>();
        List<byte[]> requests = new ArrayList<>();
        for (Way way : ways) {
            connections.add(new HttpConnection(way.url(speed)));
            requests.add(way.request(speed, false));
        }
        for (int pair = -PAIRS / 10; pair < PAIRS; pair++) {
            for (int way = 0; way < ways.size(); way++) {
                long began = System.nanoTime();
                connections.get(way).send(requests.get(way));
                if (pair >= 0) {
                    nanos[way][pair] = System.nanoTime() - began;
                }
            }
        }
        Map<String, Latency> latencies = new LinkedHashMap<>();
        for (int way = 0; way < ways.size(); way++) {
            connections.get(way).close();
            latencies.put(ways.get(way).name(), Latency.of(nanos[way]));
        }
        return latencies;
    }

    /** A closed loop. */
    private static Throughput load(Way way, Duration time) throws InterruptedException {
        AtomicLong answers = new AtomicLong();
        byte[] request = way.request("instant", false);
        double cpu = way.cpu().get();
        double own = way.own().get();
        long began = System.nanoTime();
        long until = began + time.toNanos();
        everyone(CONNECTIONS, number -> {
            try (HttpConnection connection = new HttpConnection(way.url("instant"))) {
                while (System.nanoTime() < until) {
                    connection.send(request);
                    answers.incrementAndGet();
                }
            }
        });
        double seconds = (System.nanoTime() - began) / 1e9;
        return new Throughput(
                answers.get() / seconds,
                (way.cpu().get() - cpu) * 1e6 / answers.get(),
                (way.own().get() - own) * 1e6 / answers.get());
    }

    /** Streams at once, of which each must arrive whole. */
    private static Streaming streams(Way way) throws InterruptedException {
        AtomicLong frames = new AtomicLong();
        byte[] request = way.request("instant", true);
        double cpu = way.cpu().get();
        double own = way.own().get();
        everyone(STREAMS, number -> {
            try (HttpConnection connection = new HttpConnection(way.url("instant"))) {
                String body = new String(connection.send(request), StandardCharsets.UTF_8);
                frames.addAndGet(intact(body));
            }
        });
        return new Streaming(
                STREAMS,
                frames.get(),
                (way.cpu().get() - cpu) * 1e6 / frames.get(),
                (way.own().get() - own) * 1e6 / frames.get());
    }

    /** @return how many frames it has */
    private static int intact(String body) {
        int frames = 0;
        int words = 0;
        for (String line : body.split("\n\n", -1)) {
            if (!line.isEmpty()) {
                frames++;
                if (line.contains("word%04d ".formatted(words))) {
                    words++;
                }
            }
        }
        if (words != MockModels.FRAMES || !body.endsWith("data: [DONE]\n\n")) {
            throw new IllegalStateException("a stream arrived with %d of %d words".formatted(words, MockModels.FRAMES));
        }
        return frames;
    }

    private interface Work {
        void run(int number) throws IOException;
    }

    private static void everyone(int count, Work work) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        List<Throwable> broken = java.util.Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < count; i++) {
            int number = i;
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    work.run(number);
                } catch (IOException | RuntimeException e) {
                    broken.add(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (!broken.isEmpty()) {
            throw new IllegalStateException(broken.size() + " of " + count + " broke", broken.getFirst());
        }
    }

    private static double residentMib(TempoNestProcess gateway) {
        try (Stream<String> status =
                Files.lines(Path.of("/proc/" + gateway.handle().pid() + "/status"))) {
            return status.filter(line -> line.startsWith("VmRSS:"))
                    .mapToDouble(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0)
                    .findFirst()
                    .orElse(Double.NaN);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String machine() {
        return "%s, %d processors, Java %s"
                .formatted(
                        java.time.LocalDate.now(java.time.ZoneOffset.UTC),
                        Runtime.getRuntime().availableProcessors(),
                        Runtime.version());
    }

    private static void write(Path document, Result result) throws IOException {
        StringBuilder table =
                new StringBuilder("%s. Times in µs; \"added\" is over direct.%n%n".formatted(result.machine()));
        table.append(
                "| way | added p50, 20 ms upstream | added p99 | added p50, instant upstream | added p99 | requests/s | of bare | CPU per request (with PostgreSQL) | CPU per SSE frame (with PostgreSQL) |\n");
        table.append("|---|---|---|---|---|---|---|---|---|\n");
        double bare = known(result.throughput(), "bare Vert.x proxy").perSecond();
        result.throughput().forEach((name, load) -> {
            table.append("| ").append(name);
            for (String speed : List.of("slow", "instant")) {
                Latency direct = known(known(result.latencies(), speed), "direct");
                Latency here = known(known(result.latencies(), speed), name);
                table.append(
                        " | %s | %s".formatted(whole(here.p50() - direct.p50()), whole(here.p99() - direct.p99())));
            }
            table.append(" | %s | %.2f".formatted(whole(load.perSecond()), load.perSecond() / bare));
            table.append(" | %s (%s)".formatted(whole(load.ownCpuMicros()), whole(load.cpuMicros())));
            Optional<Streaming> frames = Optional.ofNullable(result.streams().get(name));
            table.append(" | %s |\n"
                    .formatted(
                            frames.map(of -> "%.1f (%.1f)".formatted(of.ownCpuMicrosPerFrame(), of.cpuMicrosPerFrame()))
                                    .orElse("")));
        });
        table.append(
                "%n%d streams at once of %d frames each, all intact. Resident memory of the gateway between the parts: %s MiB.%n"
                        .formatted(
                                STREAMS,
                                MockModels.FRAMES,
                                result.residentMib().stream()
                                        .map(OverheadBenchmark::whole)
                                        .toList()));
        System.out.println(table);
        String text = Files.readString(document);
        int begin = text.indexOf(BEGIN) + BEGIN.length();
        Files.writeString(document, text.substring(0, begin) + table + text.substring(text.indexOf(END, begin)));
    }

    private static <T> T known(Map<String, T> map, String name) {
        return Objects.requireNonNull(map.get(name), name);
    }

    private static String whole(double number) {
        return Double.isNaN(number)
                ? "-"
                : BigDecimal.valueOf(number).setScale(0, RoundingMode.HALF_UP).toPlainString();
    }

    /** A process of {@link MockModels}. */
    private record Helper(Process process, int port) implements AutoCloseable {

        static Helper start(String... arguments) throws IOException {
            List<String> line = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:+UseCompactObjectHeaders",
                    "-Xmx512m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    MockModels.class.getName()));
            line.addAll(List.of(arguments));
            Process process = new ProcessBuilder(line)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            BufferedReader said =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            String port = said.readLine();
            while (port != null && !port.startsWith("port ")) {
                port = said.readLine();
            }
            if (port == null) {
                throw new IOException(String.join(" ", line) + " did not start");
            }
            return new Helper(process, Integer.parseInt(port.substring("port ".length())));
        }

        double cpu() {
            return OverheadBenchmark.cpu(process.toHandle());
        }

        @Override
        public void close() throws IOException {
            process.getOutputStream().close();
            process.onExit().join();
        }
    }
}
