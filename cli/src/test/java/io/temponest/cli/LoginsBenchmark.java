package io.temponest.cli;

import io.temponest.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * How long a request that costs nothing takes while many people sign in at once. The whole product runs in a process of its own,
 * with its own durable PostgreSQL, on the cores that this program uses too.
 */
final class LoginsBenchmark {

    private static final int BOUND_MS = 20;
    private static final String PASSWORD = "a lamp turns twelve times";
    private static final Duration WARM_UP = Duration.ofSeconds(15);
    private static final Duration QUIET = Duration.ofSeconds(10);

    private final Path folder;
    private final URI url;
    private final int people;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private LoginsBenchmark(Path folder, URI url, int people) {
        this.folder = folder;
        this.url = url;
        this.people = people;
    }

    /** What came of the attempts to sign in; whoever is told to come back does. */
    private record Logins(AtomicInteger done, AtomicInteger refused, AtomicInteger others) {

        Logins() {
            this(new AtomicInteger(), new AtomicInteger(), new AtomicInteger());
        }

        void answered(HttpResponse<?> answer) {
            OptionalLong retryAfter = answer.headers().firstValueAsLong("retry-after");
            if (answer.statusCode() == 200) {
                done.incrementAndGet();
            } else if (answer.statusCode() == 503 && retryAfter.isPresent()) {
                refused.incrementAndGet();
                LockSupport.parkNanos(Duration.ofSeconds(retryAfter.getAsLong()).toNanos());
            } else {
                others.incrementAndGet();
            }
        }
    }

    /** @param arguments seconds to measure, people who sign in */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 30;
        int people = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 50;
        Path folder = Files.createTempDirectory("temponest-logins");
        boolean met;
        try (TempoNestProcess process =
                TempoNestProcess.start(folder, Map.of(), "up").awaitReady()) {
            met = new LoginsBenchmark(folder, process.url(), people).run(Duration.ofSeconds(seconds));
        }
        System.exit(met ? 0 : 1);
    }

    private boolean run(Duration time) throws IOException, InterruptedException {
        for (int i = 0; i < people; i++) {
            register(i);
        }
        whileSigningIn(WARM_UP, new Logins());
        CpuUse before = CpuUse.now(folder);
        LiveProbe.Latencies quiet = LiveProbe.during(url, QUIET);
        CpuUse between = CpuUse.now(folder);
        System.out.println("GET /health/live, nobody signing in: %s; %s".formatted(quiet, between.since(before)));
        Logins logins = new Logins();
        LiveProbe.Latencies busy = whileSigningIn(time, logins);
        CpuUse after = CpuUse.now(folder);
        System.out.println(
                "GET /health/live, %d people signing in: %s; %s".formatted(people, busy, after.since(between)));
        System.out.println("logins: %d done in %d s, %d answered 503 with Retry-After, %d anything else"
                .formatted(
                        logins.done().get(),
                        time.toSeconds(),
                        logins.refused().get(),
                        logins.others().get()));
        boolean met = busy.percentile(0.99) < BOUND_MS && logins.others().get() == 0;
        System.out.println(
                "p99 < %d ms while %d logins run at once: %s".formatted(BOUND_MS, people, met ? "met" : "missed"));
        return met;
    }

    private LiveProbe.Latencies whileSigningIn(Duration time, Logins logins) throws IOException, InterruptedException {
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < people; i++) {
            HttpRequest login = post("/v1/auth/login", Map.of("email", email(i), "password", PASSWORD));
            threads.add(Thread.startVirtualThread(() -> {
                while (!over.get()) {
                    logins.answered(send(login));
                }
            }));
        }
        LiveProbe.Latencies latencies = LiveProbe.during(url, time);
        over.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        return latencies;
    }

    private void register(int person) {
        HttpResponse<?> answer = send(post(
                "/v1/auth/register",
                Map.of(
                        "email",
                        email(person),
                        "password",
                        PASSWORD,
                        "full_name",
                        "Marta Olsen",
                        "tenant_name",
                        "Lighthouse " + person)));
        if (answer.statusCode() != 201) {
            throw new IllegalStateException("registering was answered with " + answer.statusCode());
        }
    }

    private static String email(int person) {
        return "keeper%d@skerry.example".formatted(person);
    }

    private HttpRequest post(String path, Map<String, String> body) {
        return HttpRequest.newBuilder(url.resolve(path))
                .header("Content-Type", "application/json")
                .timeout(Duration.ofSeconds(60))
                .POST(BodyPublishers.ofString(Json.text(body)))
                .build();
    }

    private HttpResponse<Void> send(HttpRequest request) {
        try {
            return http.send(request, BodyHandlers.discarding());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
