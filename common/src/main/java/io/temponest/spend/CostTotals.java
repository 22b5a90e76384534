package io.temponest.spend;

/**
 * What calls came to.
 *
 * @param calls all of them, however they ended
 * @param inputTokens all of the input, cached or not
 */
public record CostTotals(
        long calls,
        long failed,
        long cancelled,
        long lost,
        long inputTokens,
        long cachedInputTokens,
        long outputTokens,
        Usd costUsd) {

    public static final CostTotals NONE = new CostTotals(0, 0, 0, 0, 0, 0, 0, Usd.ZERO);
}
