package io.temponest.spend;

/**
 * Tokens of one or more model calls.
 *
 * @param inputTokens all of the input, cached or not
 * @param cachedInputTokens the part of it that the provider had in its cache
 * @param outputTokens of the answers
 * @param estimated counted by us, because the provider sent no numbers
 */
public record Usage(long inputTokens, long cachedInputTokens, long outputTokens, boolean estimated) {

    public static final Usage NONE = new Usage(0, 0, 0, false);

    public Usage plus(Usage other) {
        return new Usage(
                inputTokens + other.inputTokens,
                cachedInputTokens + other.cachedInputTokens,
                outputTokens + other.outputTokens,
                estimated || other.estimated);
    }
}
