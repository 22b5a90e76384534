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
 */
public record Price(String model, LocalDate from, BigDecimal input, BigDecimal cachedInput, BigDecimal output) {

    /** Of what has no price. */
    public static final Price FREE = new Price("*", LocalDate.EPOCH, BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.ZERO);

    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);
    private static final int SCALE = 8;

    public Price {
        if (input.signum() < 0 || cachedInput.signum() < 0 || output.signum() < 0) {
            throw new IllegalArgumentException("a price must not be negative");
        }
    }

    /** In US dollars, to 8 decimals, half even. */
    public BigDecimal cost(Usage usage) {
        return tokens(Math.max(0, usage.inputTokens() - usage.cachedInputTokens()), input)
                .add(tokens(usage.cachedInputTokens(), cachedInput))
                .add(tokens(usage.outputTokens(), output))
                .divide(MILLION, SCALE, RoundingMode.HALF_EVEN);
    }

    private static BigDecimal tokens(long count, BigDecimal perMillion) {
        return perMillion.multiply(BigDecimal.valueOf(count));
    }
}
