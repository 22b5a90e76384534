package io.temponest.workers.webhook;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.temponest.workers.webhook.WebhookQueueStore.Depth;
import java.time.Duration;
import java.util.function.ToDoubleFunction;

/** How delivering goes, on this node; what the queue holds is the same on all. */
final class WebhookMetrics {

    private final MeterRegistry metrics;
    private final Timer attempts;
    private final Timer latency;
    private final DepthSeen depth = new DepthSeen();

    WebhookMetrics(MeterRegistry metrics) {
        this.metrics = metrics;
        this.attempts = timer("temponest_webhook_attempt", "from the connection to the end of the answer");
        this.latency = timer("temponest_webhook_latency", "from the event to the success");
        gauge("waiting", Depth::waiting);
        gauge("retrying", Depth::retrying);
        gauge("in_flight", Depth::inFlight);
        Gauge.builder("temponest_webhook_late_seconds", depth, seen -> seen.now.lateSeconds())
                .register(metrics);
    }

    /** What was seen last. */
    private static final class DepthSeen {
        private volatile Depth now = new Depth(0, 0, 0, 0);
    }

    private Timer timer(String name, String what) {
        return Timer.builder(name)
                .description(what)
                .serviceLevelObjectives(
                        Duration.ofMillis(100),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(10))
                .register(metrics);
    }

    private void gauge(String state, ToDoubleFunction<Depth> value) {
        Gauge.builder("temponest_webhook_queue", depth, seen -> value.applyAsDouble(seen.now))
                .tag("state", state)
                .register(metrics);
    }

    void seen(Depth now) {
        depth.now = now;
    }

    void settled(Outcome outcome, Duration took, Duration sinceEvent) {
        metrics.counter("temponest_webhook_deliveries", "outcome", outcome.toString())
                .increment();
        attempts.record(took);
        if (outcome == Outcome.DELIVERED) {
            latency.record(sinceEvent);
        }
    }
}
