package io.temponest.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Keeps a platform running until the process is told to stop (SIGTERM, SIGINT), and then stops it in order. */
final class Foreground {

    private static final Duration START_ENDS = Duration.ofSeconds(15);

    private final CountDownLatch started = new CountDownLatch(1);
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
        Thread hook = new Thread(foreground::stopInOrder, "stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            Platform platform = start.get();
            foreground.stop = platform::close;
            foreground.started.countDown();
            ready.accept(platform);
        } catch (RuntimeException e) {
            foreground.abandon(hook);
            throw e;
        }
        new CountDownLatch(1).await();
    }

    /** Stops what has started, unless the process is stopping already. */
    private void abandon(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException stopping) {
            started.countDown();
            return;
        }
        stop.run();
    }

    private void stopInOrder() {
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
        }
        // An ordered stop is a success; without this the process would end with the signal's number.
        Runtime.getRuntime().halt(0);
    }
}
