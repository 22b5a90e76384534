package io.temponest.gateway.costs;

import io.temponest.spend.CostTotals;
import io.temponest.spend.Usd;

/** What calls came to, as clients see it. */
record TotalsView(
        Usd totalUsd,
        long calls,
        long failed,
        long cancelled,
        long lost,
        long inputTokens,
        long cachedInputTokens,
        long outputTokens) {

    static TotalsView of(CostTotals totals) {
        return new TotalsView(
                totals.costUsd(),
                totals.calls(),
                totals.failed(),
                totals.cancelled(),
                totals.lost(),
                totals.inputTokens(),
                totals.cachedInputTokens(),
                totals.outputTokens());
    }
}
