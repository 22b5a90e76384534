package io.temponest.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that ask as fast as they are answered, with a moment's thought in between, spread over several gateways.
 *
 * @param requests every one, with when it was sent and answered, in nanoseconds of one clock
 */
record LimitedLoad(List<Request> requests) {

    private static final Duration THOUGHT = Duration.ofMillis(100);

    /** One that was answered. */
    record Request(long sent, long answered, int status) {

        boolean admitted() {
            return status == 200;
        }
    }

    static LimitedLoad run(List<URI> gateways, String path, String key, int clients, Duration time) {
        ConcurrentLinkedQueue<Request> requests = new ConcurrentLinkedQueue<>();
        long end = System.nanoTime() + time.toNanos();
        try (HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                HttpRequest request = HttpRequest.newBuilder(
                                gateways.get(i % gateways.size()).resolve(path))
                        .header("Authorization", "Bearer " + key)
                        .timeout(Duration.ofSeconds(20))
                        .build();
                threads.add(Thread.startVirtualThread(() -> {
                    while (System.nanoTime() < end) {
                        requests.add(ask(http, request));
                        LockSupport.parkNanos(THOUGHT.toNanos());
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
        return new LimitedLoad(List.copyOf(requests));
    }

    private static Request ask(HttpClient http, HttpRequest request) {
        long sent = System.nanoTime();
        try {
            int status = http.send(request, BodyHandlers.discarding()).statusCode();
            return new Request(sent, System.nanoTime(), status);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    long admitted() {
        return requests.stream().filter(Request::admitted).count();
    }

    /** The most that were admitted within any such time: sent and answered in it, so that they were decided in it. */
    long mostAdmittedWithin(Duration window) {
        List<Request> admitted = requests.stream().filter(Request::admitted).toList();
        long[] sent = admitted.stream().mapToLong(Request::sent).sorted().toArray();
        long most = 0;
        for (long from : sent) {
            most = Math.max(
                    most,
                    admitted.stream()
                            .filter(one -> one.sent() >= from && one.answered() <= from + window.toNanos())
                            .count());
        }
        return most;
    }

    /** How many were admitted in each second since the first was sent. */
    long[] bySecond() {
        long began = requests.stream().mapToLong(Request::sent).min().orElse(0);
        long last = requests.stream().mapToLong(Request::answered).max().orElse(0);
        long[] counts = new long[(int) ((last - began) / 1_000_000_000) + 1];
        requests.stream()
                .filter(Request::admitted)
                .forEach(one -> counts[(int) ((one.answered() - began) / 1_000_000_000)]++);
        return counts;
    }

    @Override
    public String toString() {
        return "%d requests, %d admitted; admitted by second: %s"
                .formatted(requests.size(), admitted(), Arrays.toString(bySecond()));
    }
}
