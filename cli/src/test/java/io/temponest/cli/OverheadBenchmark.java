package io.temponest.cli;

import io.temponest.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.stream.Collectors;
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
    private static final int STREAM_WARM_UPS = 4;

    /** The ways that must not break: direct twice, the bare proxy, TempoNest. */
    private static final int OURS = 4;

    /** Stands for which models are asked. */
    private static final String SPEED = "{speed}";

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
                    headers.replace(SPEED, speed),
                    "{\"model\":\"%s\",\"max_tokens\":100,\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"How does the lamp turn?\"}]}"
                            .formatted(model, stream));
        }
    }

    private OverheadBenchmark() {}

    /** @param arguments where the results go, the document whose table is replaced, then other proxies as name=url */
    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createTempDirectory("temponest-overhead");
        try (MockProcess models = MockProcess.start("models", System.getProperty("overhead.models_port", "-1"));
                MockProcess proxy = MockProcess.start("proxy", Integer.toString(models.port()));
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
            OverheadResult result = measure(ways, gateway);
            Files.writeString(Path.of(arguments[0]), Json.text(result) + "\n");
            result.writeInto(Path.of(arguments[1]));
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

    /** Another proxy, which may be told by headers where the models are: {@code name=url to v1/|header|header…}. */
    private static Way other(String text) {
        String[] parts = text.split("\\|");
        String[] named = parts[0].split("=", 2);
        String headers = Stream.of(parts).skip(1).map(line -> line + "\r\n").reduce("", String::concat);
        Supplier<Double> listening = () -> Optional.ofNullable(System.getProperty("overhead.pid." + named[0]))
                .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)))
                .map(OverheadBenchmark::cpuOfAll)
                .orElse(Double.NaN);
        Map<String, URI> urls = Stream.of("instant", "slow")
                .collect(Collectors.toMap(speed -> speed, speed -> URI.create(named[1].replace(SPEED, speed))));
        return new Way(named[0], urls, headers, listening, listening);
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

    private static OverheadResult measure(List<Way> ways, TempoNestProcess gateway) throws Exception {
        List<Double> resident = new ArrayList<>();
        System.out.println("warming up");
        for (Way way : ways) {
            load(way, Duration.ofNanos(WARM_UP.toNanos() * (way.name().startsWith("direct") ? 1 : 2) / 2));
        }
        resident.add(residentMib(gateway));
        Map<String, Map<String, OverheadResult.Latency>> latencies = new LinkedHashMap<>();
        for (String speed : List.of("slow", "instant")) {
            latencies.put(speed, paired(ways, speed));
            latencies
                    .get(speed)
                    .forEach((name, latency) ->
                            System.out.println("one connection, %s upstream, %s: %s".formatted(speed, name, latency)));
        }
        resident.add(residentMib(gateway));
        Map<String, List<OverheadResult.Throughput>> rounds = new LinkedHashMap<>();
        for (int round = 0; round < ROUNDS; round++) {
            for (Way way : ways) {
                OverheadResult.Throughput measured = load(way, ROUND);
                System.out.println("%d connections, %s: %s".formatted(CONNECTIONS, way.name(), measured));
                rounds.computeIfAbsent(way.name(), first -> new ArrayList<>()).add(measured);
            }
        }
        resident.add(residentMib(gateway));
        Map<String, OverheadResult.Streaming> streams = new LinkedHashMap<>();
        for (Way way : ways) {
            if (!way.name().equals("direct again")) {
                try {
                    streams.put(way.name(), streams(way));
                    System.out.println("%s: %s".formatted(way.name(), streams.get(way.name())));
                } catch (IllegalStateException broken) {
                    if (ways.indexOf(way) < OURS) {
                        throw broken;
                    }
                    System.out.println("%s: its streams broke (%s)".formatted(way.name(), broken.getMessage()));
                }
            }
        }
        resident.add(residentMib(gateway));
        Map<String, OverheadResult.Throughput> throughput = new LinkedHashMap<>();
        rounds.forEach((name, all) -> throughput.put(name, median(all)));
        return new OverheadResult(machine(), latencies, throughput, streams, resident);
    }

    private static OverheadResult.Throughput median(List<OverheadResult.Throughput> rounds) {
        return rounds.stream()
                .sorted(java.util.Comparator.comparingDouble(OverheadResult.Throughput::perSecond))
                .toList()
                .get(rounds.size() / 2);
    }

    /** Every way once, then every way again: what disturbs one disturbs all. */
    private static Map<String, OverheadResult.Latency> paired(List<Way> ways, String speed) throws IOException {
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
        Map<String, OverheadResult.Latency> latencies = new LinkedHashMap<>();
        for (int way = 0; way < ways.size(); way++) {
            connections.get(way).close();
            latencies.put(ways.get(way).name(), OverheadResult.Latency.of(nanos[way]));
        }
        return latencies;
    }

    /** A closed loop. */
    private static OverheadResult.Throughput load(Way way, Duration time) throws InterruptedException {
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
        return new OverheadResult.Throughput(
                answers.get() / seconds,
                (way.cpu().get() - cpu) * 1e6 / answers.get(),
                (way.own().get() - own) * 1e6 / answers.get());
    }

    /**
     * Streams at once, of which each must arrive whole. What is measured is frames, with their share of the requests: connections
     * on both sides of the way stand before, and the first rounds, whose code is not compiled yet, do not count.
     */
    private static OverheadResult.Streaming streams(Way way) throws IOException, InterruptedException {
        List<HttpConnection> connections = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            connections.add(new HttpConnection(way.url("instant")));
        }
        byte[] whole = way.request("instant", false);
        everyone(STREAMS, number -> connections.get(number).send(whole));
        for (int round = 0; round < STREAM_WARM_UPS; round++) {
            stream(way, connections);
        }
        double cpu = way.cpu().get();
        double own = way.own().get();
        long frames = 0;
        for (int round = 0; round < ROUNDS; round++) {
            frames += stream(way, connections);
        }
        OverheadResult.Streaming measured = new OverheadResult.Streaming(
                STREAMS,
                frames,
                (way.cpu().get() - cpu) * 1e6 / frames,
                (way.own().get() - own) * 1e6 / frames);
        for (HttpConnection connection : connections) {
            connection.close();
        }
        return measured;
    }

    /** One stream on each connection. @return the frames of all */
    private static long stream(Way way, List<HttpConnection> connections) throws InterruptedException {
        AtomicLong frames = new AtomicLong();
        byte[] request = way.request("instant", true);
        everyone(connections.size(), number -> {
            String body = new String(connections.get(number).send(request), StandardCharsets.UTF_8);
            frames.addAndGet(intact(body));
        });
        return frames.get();
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

    private static <T> T known(Map<String, T> map, String name) {
        return Objects.requireNonNull(map.get(name), name);
    }
}
