package io.temponest.workers.computation;

import io.temponest.error.ApiError;
import io.vertx.core.Future;
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
        if (admitted.incrementAndGet() > bound) {
            admitted.decrementAndGet();
            return Future.failedFuture(ApiError.overloaded(name).exception());
        }
        return executor.executeBlocking(task, false).onComplete(done -> admitted.decrementAndGet());
    }

    public Future<Void> close() {
        return executor.close();
    }
}
