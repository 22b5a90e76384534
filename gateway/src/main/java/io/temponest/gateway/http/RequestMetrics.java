package io.temponest.gateway.http;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Rate, errors and duration of requests by endpoint; every label is of a closed set. */
public final class RequestMetrics {

    private static final Duration[] BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(5),
        Duration.ofMillis(25),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofMillis(2_500),
        Duration.ofSeconds(10),
        Duration.ofSeconds(60)
    };

    private final MeterRegistry registry;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final Map<Label, Timer> timers = new ConcurrentHashMap<>();

    private record Label(String method, String path, int status) {

        static Label of(Optional<Endpoint> endpoint, int status) {
            return endpoint.isPresent()
                    ? new Label(endpoint.get().method().name(), endpoint.get().path(), status)
                    : new Label("", "unmatched", status);
        }

        String endpoint() {
            return method.isEmpty() ? path : method + " " + path;
        }
    }

    public RequestMetrics(MeterRegistry registry, LongCalls calls) {
        this.registry = registry;
        Gauge.builder("temponest_http_requests_in_flight", inFlight, AtomicInteger::get)
                .register(registry);
        Gauge.builder("temponest_http_streams_open", calls, LongCalls::size).register(registry);
    }

    void begun() {
        inFlight.incrementAndGet();
    }

    void ended(Optional<Endpoint> endpoint, int status, long nanos) {
        inFlight.decrementAndGet();
        Label label = Label.of(endpoint, status);
        Timer known = timers.get(label);
        (known == null ? timers.computeIfAbsent(label, this::timer) : known).record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer timer(Label label) {
        return Timer.builder("temponest_http_requests")
                .description("Requests by endpoint and status")
                .tag("endpoint", label.endpoint())
                .tag("status", Integer.toString(label.status()))
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }
}
