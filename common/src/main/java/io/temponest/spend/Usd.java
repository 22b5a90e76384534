package io.temponest.spend;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Collection;

/**
 * An amount of US dollars, zero or more, exact to eight decimals: what {@code numeric(18,8)} holds.
 *
 * @param units hundred-millionths of a dollar, less than 10^18
 */
public record Usd(long units) implements Comparable<Usd> {

    public static final Usd ZERO = new Usd(0);

    static final int SCALE = 8;

    private static final long LIMIT = 1_000_000_000_000_000_000L;
    private static final int MOST_DIGITS = 10;
    private static final int MOST_DECIMALS = 1_000;
    private static final Usd MOST = new Usd(LIMIT - 1);

    public Usd {
        if (units < 0 || units >= LIMIT) {
            throw new IllegalArgumentException("an amount must be from 0 to less than 10000000000 US dollars");
        }
    }

    /** The amount as it is; fails when it is negative, too large, or has more than eight decimals. */
    public static Usd of(BigDecimal dollars) {
        if (dollars.signum() == 0) {
            return ZERO;
        }
        // A number of twenty bytes may have a billion digits.
        if ((long) dollars.precision() - dollars.scale() > MOST_DIGITS || dollars.scale() > MOST_DECIMALS) {
            throw new IllegalArgumentException("an amount must be from 0 to less than 10000000000 US dollars");
        }
        try {
            return new Usd(dollars.movePointRight(SCALE).longValueExact());
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("an amount must have at most 8 decimals", e);
        }
    }

    /** The smallest amount that is not less, for estimates that must not fall short; the largest there is for more than that. */
    public static Usd ceil(BigDecimal dollars) {
        BigDecimal whole = dollars.setScale(SCALE, RoundingMode.CEILING);
        return whole.compareTo(MOST.amount()) >= 0 ? MOST : of(whole);
    }

    @JsonCreator
    public static Usd parse(String dollars) {
        try {
            return of(new BigDecimal(dollars));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not an amount of US dollars: " + dollars, e);
        }
    }

    public static Usd sum(Collection<Usd> amounts) {
        return amounts.stream().reduce(ZERO, Usd::plus);
    }

    /** With eight decimals. */
    public BigDecimal amount() {
        return BigDecimal.valueOf(units, SCALE);
    }

    public Usd plus(Usd other) {
        return new Usd(Math.addExact(units, other.units));
    }

    /** The difference, or zero where the other is more. */
    public Usd less(Usd other) {
        return new Usd(Math.max(0, units - other.units));
    }

    public Usd min(Usd other) {
        return units <= other.units ? this : other;
    }

    @Override
    public int compareTo(Usd other) {
        return Long.compare(units, other.units);
    }

    @Override
    @JsonValue
    public String toString() {
        return amount().toPlainString();
    }
}
