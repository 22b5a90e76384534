package io.temponest.spend;

import java.time.Instant;

/** The costs of an hour or a day, in UTC. */
public record CostBucket(Instant start, CostTotals totals) {}
