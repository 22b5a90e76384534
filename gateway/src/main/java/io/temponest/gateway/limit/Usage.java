package io.temponest.gateway.limit;

import java.time.Duration;

/**
 * What is known of a window after a decision.
 *
 * @param remaining permits that are left, at least 0; in a cluster other nodes may have taken some since
 * @param reset until the whole limit is there again, if nobody asks meanwhile
 */
public record Usage(Quota quota, int remaining, Duration reset) {

    /** Whether this leaves less, as a part of its limit, than another does. */
    boolean tighterThan(Usage other) {
        return (double) remaining / quota.limit() < (double) other.remaining / other.quota.limit();
    }
}
