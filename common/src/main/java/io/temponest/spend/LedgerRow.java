package io.temponest.spend;

import java.time.Duration;
import java.time.Instant;

/** A call that has ended, as it goes to the ledger. */
record LedgerRow(SpendCall call, Settlement settlement) {

    /** A call whose end nobody knows, at what was unavoidable. */
    static LedgerRow lost(SpendCall call, Instant now) {
        Duration age = Duration.between(call.at(), now);
        return new LedgerRow(
                call,
                new Settlement(
                        Settlement.Status.LOST,
                        new Usage(0, 0, 0, true),
                        call.floor(),
                        age.isNegative() ? Duration.ZERO : age));
    }

    int latencyMillis() {
        return Math.clamp(settlement.latency().toMillis(), 0, Integer.MAX_VALUE);
    }
}
