package io.temponest.workers.run;

import io.temponest.bus.Bus;
import io.temponest.bus.Deadline;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.temponest.identity.Ids;
import io.temponest.model.Models;
import io.temponest.model.TokenCounter;
import io.temponest.store.SqlFailure;
import io.temponest.workers.tool.Toolbox;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What executions work with, and the one place where they retry.
 *
 * @param journal where steps are written
 * @param gates where runs wait
 */
record Engine(Vertx vertx, Bus bus, Ids ids, JournalStore journal, GateStore gates, Models models, Toolbox toolbox) {

    TokenCounter counter() {
        return new TokenCounter(vertx, bus);
    }

    static final ApiError DEADLINE_EXCEEDED =
            ApiError.of(ErrorType.TIMEOUT_ERROR, "deadline_exceeded", "The run did not end within its deadline.");
    static final ApiError RUN_CANCELLED =
            ApiError.of(ErrorType.CONFLICT_ERROR, "run_cancelled", "The run was cancelled.");

    private static final int FIRST_PAUSE_MS = 100;
    private static final int LONGEST_PAUSE_MS = 2_000;
    private static final int ASK_ATTEMPTS = 4;

    /**
     * Reads or writes the database, again and again while it is away: what was done must be recorded, however long that
     * takes, as long as the run is ours. Every write is fenced and may be repeated.
     */
    <T> T persist(LiveRun live, Supplier<Future<T>> work) {
        for (int attempt = 1; ; attempt++) {
            try {
                return work.get().await();
            } catch (RuntimeException failure) {
                if (!SqlFailure.isRetryable(failure)) {
                    throw failure;
                }
                if (live.stop() == LiveRun.Stop.LOST) {
                    throw new LeaseLostException(live.run().lease());
                }
                pause(attempt);
            }
        }
    }

    /** Asks other workers, again when they are at their limit or gone, within the deadline. */
    <T> T asking(LiveRun live, Deadline deadline, Supplier<Future<T>> question) {
        for (int attempt = 1; ; attempt++) {
            try {
                return question.get().await();
            } catch (ApiException failure) {
                ErrorType type = failure.error().type();
                boolean again = (type == ErrorType.OVERLOADED_ERROR || type == ErrorType.TIMEOUT_ERROR)
                        && attempt < ASK_ATTEMPTS
                        && live.stop() == LiveRun.Stop.NONE
                        && !deadline.passed();
                if (!again) {
                    throw failure;
                }
                pause(attempt);
            }
        }
    }

    /** Waits before another attempt: twice as long each time, with jitter. */
    void pause(int attempt) {
        int base = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << Math.min(attempt, 10));
        long millis = ThreadLocalRandom.current().nextLong(base / 2, base);
        vertx.timer(millis, TimeUnit.MILLISECONDS).await();
    }
}
