package io.temponest.gateway.http;

import io.temponest.error.ApiError;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The streams and long waits that are open in this process: their bound, and the way to end them all. Safe for any thread. */
public final class LongCalls {

    private final Vertx vertx;
    private final int cap;
    private final Set<Entry> open = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;

    public LongCalls(Vertx vertx, int cap) {
        this.vertx = vertx;
        this.cap = cap;
    }

    /** One that is open. */
    public final class Entry {

        private final Context context;
        private final Runnable stop;

        private Entry(Context context, Runnable stop) {
            this.context = context;
            this.stop = stop;
        }

        public void close() {
            open.remove(this);
        }
    }

    /** Refuses a further one with {@code overloaded_error} when there are as many as may be. */
    public void admit() {
        if (open.size() >= cap) {
            throw ApiError.overloaded("The number of open streams").exception();
        }
    }

    /**
     * Opens one on the caller's context, after {@link #admit}.
     *
     * @param stop ends it; called on the same context, at most once
     */
    public Entry open(Runnable stop) {
        Entry entry = new Entry(vertx.getOrCreateContext(), stop);
        open.add(entry);
        if (stopping) {
            stop(entry);
        }
        return entry;
    }

    /** Ends all that are open, and from now on any that is opened. */
    public void stopAll() {
        stopping = true;
        open.forEach(this::stop);
    }

    private void stop(Entry entry) {
        if (open.remove(entry)) {
            entry.context.runOnContext(go -> entry.stop.run());
        }
    }

    public int size() {
        return open.size();
    }
}
