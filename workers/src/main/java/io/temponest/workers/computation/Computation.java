package io.temponest.workers.computation;

import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads for computing, as many as are useful, with a queue that refuses when it is full. Safe for use by any context. */
public final class Computation {

    private final String name;
    private final int bound;
    private final WorkerExecutor executor;
    private final AtomicInteger admitted = new AtomicInteger();
    private final Promise<Void> idle = Promise.promise();
    private volatile boolean closing;

    /**
     * @param threads that compute
     * @param waiting tasks that may wait for one; one more is refused
     */
    public Computation(Vertx vertx, String name, int threads, int waiting) {
        this.name = name;
        this.bound = threads + waiting;
        this.executor = vertx.createSharedWorkerExecutor(name, threads, 5, TimeUnit.MINUTES);
    }

    /** Runs a task; fails with {@code overloaded_error} when too many wait. The future completes on the caller's context. */
    public <T> Future<T> run(Callable<T> task) {
        if (admitted.incrementAndGet() > bound || closing) {
            leave();
            return Future.failedFuture(refused());
        }
        return executor.executeBlocking(
                        () -> {
                            if (closing) {
                                throw refused();
                            }
                            return task.call();
                        },
                        false)
                .onComplete(done -> leave());
    }

    private ApiException refused() {
        return ApiError.overloaded(name).exception();
    }

    private void leave() {
        if (admitted.decrementAndGet() == 0 && closing) {
            idle.tryComplete();
        }
    }

    /** Refuses what waits and what comes; completes when the tasks in progress have ended. Never fails. */
    public Future<Void> close() {
        closing = true;
        if (admitted.get() == 0) {
            idle.tryComplete();
        }
        return idle.future().compose(done -> executor.close()).otherwiseEmpty();
    }
}
