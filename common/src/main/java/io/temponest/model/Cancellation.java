package io.temponest.model;

import io.vertx.core.Future;
import io.vertx.core.Promise;

/** Asks work in progress to stop. Asking twice is asking once. Safe for use by any thread. */
public final class Cancellation {

    private final Promise<Void> requested = Promise.promise();

    public void cancel() {
        requested.tryComplete();
    }

    public boolean isRequested() {
        return requested.future().isComplete();
    }

    /** Completes when it is asked for; never fails. */
    public Future<Void> requested() {
        return requested.future();
    }
}
