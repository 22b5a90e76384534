package io.temponest.spend;

/** What calls came to, and the same split in two ways, all of one moment. */
public record CostSummary(CostTotals totals, CostShares byModel, CostShares byAgent) {}
