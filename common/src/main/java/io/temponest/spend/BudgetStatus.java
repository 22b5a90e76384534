package io.temponest.spend;

import java.time.Instant;
import java.util.Optional;

/**
 * Where a budget stands in the period of now.
 *
 * @param periodEnd empty for a total
 * @param settled what calls of the period did cost, as the ledger says
 * @param leased what nodes hold for calls that are open or may come; zero for a soft budget
 */
public record BudgetStatus(Budget budget, Instant periodStart, Optional<Instant> periodEnd, Usd settled, Usd leased) {

    /** What settled calls leave of the limit. */
    public Usd remaining() {
        return budget.limit().less(settled);
    }
}
