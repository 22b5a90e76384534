package io.temponest.gateway.limit;

import io.vertx.core.Future;

/** Counts what is used in sliding windows. Safe for use by any context. */
interface Allowances {

    /**
     * Takes permits, all or none; never fails.
     *
     * @param amount at least 1
     */
    Future<Allowance> take(LimitKey key, Quota quota, int amount);
}
