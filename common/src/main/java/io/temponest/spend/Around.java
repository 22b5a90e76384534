package io.temponest.spend;

import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What all tenants of a node share.
 *
 * @param nanos a clock that does not go back
 * @param alive whether this node's leases are its own still
 * @param asks told when a tenant has something to ask of PostgreSQL
 */
record Around(LongSupplier nanos, BooleanSupplier alive, Consumer<TenantMoney> asks, Later later, SpendPace pace) {

    /** Does something after so many milliseconds. */
    interface Later {
        void after(long millis, Runnable action);
    }

    long idleNanos() {
        return pace.surplusAfter().toNanos();
    }
}
