package io.temponest.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Keeps a platform running until the process is told to stop (SIGTERM, SIGINT, SIGHUP), and then stops it in order. */
final class Foreground {

    private static final Duration START_ENDS = Duration.ofSeconds(15);

    private final CountDownLatch started = new CountDownLatch(1);
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final Steps steps;
    private volatile Runnable stop = () -> {};

    private Foreground(Steps steps) {
        this.steps = steps;
    }

    /**
     * Starts a platform and waits; returns only by failing to start.
     *
     * @param ready what is done, and said, once it runs
     */
    static void run(Steps steps, Supplier<Platform> start, Consumer<Platform> ready) throws InterruptedException {
        Foreground foreground = new Foreground(steps);
        StopSignals.call(foreground::stopInOrder);
        try {
            Platform platform = start.get();
            foreground.stop = platform::close;
            foreground.started.countDown();
            ready.accept(platform);
        } catch (RuntimeException e) {
            if (foreground.stopping.compareAndSet(false, true)) {
                foreground.stop.run();
                throw e;
            }
            foreground.started.countDown();
        }
        new CountDownLatch(1).await();
    }

    private void stopInOrder() {
        if (!stopping.compareAndSet(false, true)) {
            return;
        }
        long since = System.nanoTime();
        try {
            // A start is not cut short: what it has made by then could not be stopped.
            if (started.await(START_ENDS.toMillis(), TimeUnit.MILLISECONDS)) {
                steps.say("Stopping …");
                stop.run();
                steps.say("Stopped after " + Steps.seconds(Duration.ofNanos(System.nanoTime() - since)) + ".");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            // An ordered stop is a success, and nothing is left that libraries' own shutdown hooks would have to do.
            Runtime.getRuntime().halt(0);
        }
    }
}
