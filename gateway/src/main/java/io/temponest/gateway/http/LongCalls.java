package io.temponest.gateway.http;

import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.identity.TenantId;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The streams and long waits that are open in this process: their bound, and the way to end them all. Safe for any thread. */
public final class LongCalls {

    private final Vertx vertx;
    private final int cap;
    private final Set<Entry> open = new HashSet<>();
    private final Map<TenantId, Integer> byTenant = new HashMap<>();
    private boolean stopping;

    public LongCalls(Vertx vertx, int cap) {
        this.vertx = vertx;
        this.cap = cap;
    }

    /** A place of one, from before anything is promised until its request is over. */
    public final class Entry {

        private final TenantId tenant;
        private final Context context;
        private Optional<Runnable> stop = Optional.empty();

        private Entry(TenantId tenant, Context context) {
            this.tenant = tenant;
            this.context = context;
        }

        /** @param action ends it; called on the context that it was admitted on, at most once, and soon if all are to end */
        public void onStop(Runnable action) {
            setStop(this, action);
        }

        /** Leaves the place, whether or not anything came of it. */
        public void close() {
            remove(this);
        }
    }

    /**
     * Takes a place, or refuses: with {@code overloaded_error} when there are as many as may be, with {@code rate_limit_error}
     * when the tenant has its part.
     */
    public synchronized Entry admit(TenantId tenant, int most) {
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
        Entry entry = new Entry(tenant, vertx.getOrCreateContext());
        open.add(entry);
        byTenant.merge(tenant, 1, Integer::sum);
        return entry;
    }

    private synchronized void setStop(Entry entry, Runnable action) {
        entry.stop = Optional.of(action);
        if (stopping) {
            stop(entry);
        }
    }

    /** Ends all that are open, and from now on any that begins. */
    public synchronized void stopAll() {
        stopping = true;
        List.copyOf(open).forEach(this::stop);
    }

    private void stop(Entry entry) {
        entry.stop.ifPresent(action -> {
            if (remove(entry)) {
                entry.context.runOnContext(go -> action.run());
            }
        });
    }

    private synchronized boolean remove(Entry entry) {
        boolean there = open.remove(entry);
        if (there) {
            byTenant.computeIfPresent(entry.tenant, (same, count) -> count == 1 ? null : Integer.valueOf(count - 1));
        }
        return there;
    }

    public synchronized int size() {
        return open.size();
    }
}
