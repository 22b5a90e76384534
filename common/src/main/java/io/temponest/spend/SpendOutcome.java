package io.temponest.spend;

import io.temponest.identity.TypeId;

/** Whether a call may be made. */
public sealed interface SpendOutcome {

    /** Its money is reserved and the call is written down: it may be sent, and its ticket must be settled. */
    record Opened(Ticket ticket) implements SpendOutcome {}

    /**
     * A hard budget has too little left for it. Asking again does not help in this period.
     *
     * @param scope {@code tenant}, {@code project}, {@code user}, {@code agent} or {@code key}
     * @param period {@code daily}, {@code weekly}, {@code monthly} or {@code total}
     */
    record Refused(TypeId budget, String scope, String period) implements SpendOutcome {}

    /** It could not be written down or its budgets could not be asked: the call must not be sent, and may be tried again. */
    record Unavailable() implements SpendOutcome {}
}
