package io.temponest.model;

import io.temponest.spend.Usage;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;

/**
 * What a model costs from a day (UTC) on, in US dollars per million tokens.
 *
 * @param model {@code provider/model}, or {@code provider/*} for all of a provider that are not named
 * @param input of tokens that the provider did not have in its cache
 * @param cachedInput of those that it had
 * @param cacheWrite of input that it wrote to its cache, where it says so
 */
public record Price(
        String model,
        LocalDate from,
        BigDecimal input,
        BigDecimal cachedInput,
        BigDecimal cacheWrite,
        BigDecimal output) {

    /** What Anthropic takes for writing to its cache, where what is written lives for five minutes. */
    private static final BigDecimal WRITING = new BigDecimal("1.25");

    /** Of what has no price. */
    public static final Price FREE = new Price("*", LocalDate.EPOCH, BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.ZERO);

    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);
    private static final int SCALE = 8;

    public Price {
        if (input.signum() < 0 || cachedInput.signum() < 0 || cacheWrite.signum() < 0 || output.signum() < 0) {
            throw new IllegalArgumentException("a price must not be negative");
        }
    }

    /** A price that says nothing of writing to a cache: it costs a quarter more than other input. */
    public Price(String model, LocalDate from, BigDecimal input, BigDecimal cachedInput, BigDecimal output) {
        this(model, from, input, cachedInput, input.multiply(WRITING).stripTrailingZeros(), output);
    }

    /** The same with another price of what is written to the cache. */
    Price writing(BigDecimal cacheWrite) {
        return new Price(model, from, input, cachedInput, cacheWrite, output);
    }

    /** In US dollars, to 8 decimals, half even. */
    public BigDecimal cost(Usage usage) {
        return cost(usage, 0);
    }

    /**
     * The same.
     *
     * @param cacheWritten the part of the input that was written to the provider's cache
     */
    public BigDecimal cost(Usage usage, long cacheWritten) {
        BigDecimal all = tokens(Math.max(0, usage.inputTokens() - usage.cachedInputTokens() - cacheWritten), input)
                .add(tokens(usage.cachedInputTokens(), cachedInput))
                .add(tokens(usage.outputTokens(), output));
        return (cacheWritten == 0 ? all : all.add(tokens(cacheWritten, cacheWrite)))
                .divide(MILLION, SCALE, RoundingMode.HALF_EVEN);
    }

    private static BigDecimal tokens(long count, BigDecimal perMillion) {
        return perMillion.multiply(BigDecimal.valueOf(count));
    }
}
