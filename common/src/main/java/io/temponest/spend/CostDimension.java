package io.temponest.spend;

/** What costs are split by. */
public enum CostDimension {
    AGENT,
    PROJECT,
    USER,
    KEY,
    MODEL,
    PROVIDER
}
