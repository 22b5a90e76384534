package io.temponest.spend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/** Money that neither loses nor gains a hundred-millionth. */
class UsdTest {

    private static final long MOST = 999_999_999_999_999_999L;

    @Property
    void everyAmountSurvivesItsDecimalsAndItsText(@ForAll @LongRange(max = MOST) long units) {
        Usd amount = new Usd(units);

        assertThat(Usd.of(amount.amount())).isEqualTo(amount);
        assertThat(Usd.parse(amount.toString())).isEqualTo(amount);
        assertThat(amount.amount().scale()).isEqualTo(8);
    }

    @Property
    void sumsAndDifferencesAreThoseOfDecimals(
            @ForAll @LongRange(max = MOST / 2) long a, @ForAll @LongRange(max = MOST / 2) long b) {
        Usd one = new Usd(a);
        Usd other = new Usd(b);

        assertThat(one.plus(other).amount()).isEqualTo(one.amount().add(other.amount()));
        assertThat(one.less(other).amount())
                .isEqualByComparingTo(one.amount().subtract(other.amount()).max(BigDecimal.ZERO));
        assertThat(one.min(other).amount()).isEqualTo(one.amount().min(other.amount()));
        assertThat(Integer.signum(one.compareTo(other))).isEqualTo(one.amount().compareTo(other.amount()));
    }

    @Property
    void anEstimateIsNeverTooSmallNorTooLargeByAUnit(@ForAll @LongRange(max = MOST) long tenths) {
        BigDecimal dollars = BigDecimal.valueOf(tenths, 9);
        BigDecimal over = Usd.ceil(dollars).amount().subtract(dollars);

        assertThat(over).isBetween(BigDecimal.ZERO, new BigDecimal("0.000000009"));
    }

    @Test
    void whatTheLedgerCannotHoldIsNoAmount() {
        assertThatThrownBy(() -> Usd.parse("0.000000001")).hasMessageContaining("8 decimals");
        assertThatThrownBy(() -> Usd.parse("-0.01")).hasMessageContaining("from 0");
        assertThatThrownBy(() -> Usd.parse("10000000000")).hasMessageContaining("less than 10000000000");
        assertThatThrownBy(() -> Usd.parse("ten")).hasMessageContaining("not an amount");
    }

    /** A number of twenty bytes must not be written out. */
    @Test
    void hugeExponentsCostNothing() {
        assertThatThrownBy(() -> Usd.of(new BigDecimal("1e2000000000"))).hasMessageContaining("less than 10000000000");
        assertThatThrownBy(() -> Usd.of(new BigDecimal("1e-2000000000"))).isInstanceOf(IllegalArgumentException.class);
        assertThat(Usd.of(new BigDecimal("0e2000000000"))).isEqualTo(Usd.ZERO);
    }

    @Test
    void anEstimateThatIsTooLargeIsTheMostThereIs() {
        assertThat(Usd.ceil(new BigDecimal("1e15"))).isEqualTo(new Usd(MOST));
    }
}
