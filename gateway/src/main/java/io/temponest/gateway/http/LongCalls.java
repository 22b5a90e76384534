package io.temponest.gateway.http;

import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.identity.TenantId;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The streams and long waits that are open in this process: their bound, and the way to end them all. Safe for any thread. */
public final class LongCalls {

    private final Vertx vertx;
    private final int cap;
    private final Set<Entry> open = ConcurrentHashMap.newKeySet();
    private final Map<TenantId, Integer> byTenant = new ConcurrentHashMap<>();
    private volatile boolean stopping;

    public LongCalls(Vertx vertx, int cap) {
        this.vertx = vertx;
        this.cap = cap;
    }

    /** One that is open. */
    public final class Entry {

        private final TenantId tenant;
        private final Context context;
        private final Runnable stop;

        private Entry(TenantId tenant, Context context, Runnable stop) {
            this.tenant = tenant;
            this.context = context;
            this.stop = stop;
        }

        public void close() {
            remove(this);
        }
    }

    /**
     * Refuses a further one: with {@code overloaded_error} when there are as many as may be, with {@code rate_limit_error}
     * when the tenant has its part.
     */
    public void admit(TenantId tenant, int most) {
        if (open.size() >= cap) {
            throw ApiError.overloaded("The number of open streams").exception();
        }
        if (byTenant.getOrDefault(tenant, 0) >= most) {
            throw ApiError.of(
                            ErrorType.RATE_LIMIT_ERROR,
                            "rate_limit_exceeded",
                            "The limit of %d open streams and waits by tenant is reached.".formatted(most))
                    .exception();
        }
    }

    /**
     * Opens one on the caller's context, after {@link #admit}.
     *
     * @param stop ends it; called on the same context, at most once
     */
    public Entry open(TenantId tenant, Runnable stop) {
        Entry entry = new Entry(tenant, vertx.getOrCreateContext(), stop);
        open.add(entry);
        byTenant.merge(tenant, 1, Integer::sum);
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
        if (remove(entry)) {
            entry.context.runOnContext(go -> entry.stop.run());
        }
    }

    private boolean remove(Entry entry) {
        boolean there = open.remove(entry);
        if (there) {
            byTenant.computeIfPresent(entry.tenant, (same, count) -> count == 1 ? null : Integer.valueOf(count - 1));
        }
        return there;
    }

    public int size() {
        return open.size();
    }
}
