package io.temponest.node;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops what was started, in the reverse order, each step awaited within its time. A step that fails or is late is logged
 * and does not hold up the next. For one thread that is not an event loop.
 */
public final class StopSequence {

    private static final Logger LOG = LoggerFactory.getLogger(StopSequence.class);

    private final Deque<Step> steps = new ArrayDeque<>();

    private record Step(String name, Duration limit, Supplier<Future<?>> action) {}

    /** Adds a step that runs before all that were added earlier. */
    public void add(String name, Duration limit, Supplier<Future<?>> action) {
        steps.push(new Step(name, limit, action));
    }

    public void run() {
        while (!steps.isEmpty()) {
            Step step = steps.pop();
            try {
                step.action().get().await(step.limit().toMillis(), TimeUnit.MILLISECONDS);
            } catch (Exception e) {
                LOG.atWarn().setCause(e).addKeyValue("step", step.name()).log("stop.step_failed");
            }
        }
    }
}
