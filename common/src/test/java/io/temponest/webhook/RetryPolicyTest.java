package io.temponest.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {

    @Test
    void theStandardOneTriesNineTimesInAboutADayAndAHalf() {
        assertThat(RetryPolicy.STANDARD.seconds()).containsExactly(5, 30, 120, 600, 1_800, 7_200, 21_600, 86_400);
        assertThat(RetryPolicy.STANDARD.after(9, Optional.empty(), new Random(1)))
                .isEmpty();
    }

    @Property
    void aWaitIsThePolicysAFifthMoreOrLess(@ForAll @IntRange(min = 1, max = 8) int attempt, @ForAll long seed) {
        Duration planned = RetryPolicy.STANDARD.delays().get(attempt - 1);
        Duration wait = RetryPolicy.STANDARD
                .after(attempt, Optional.empty(), new Random(seed))
                .orElseThrow();

        assertThat(wait.toMillis())
                .isBetween((long) (planned.toMillis() * 0.8), (long) Math.ceil(planned.toMillis() * 1.2));
    }

    @Property
    void whoAsksForMoreTimeGetsItUpToADay(@ForAll @IntRange(max = 200_000) int asked, @ForAll long seed) {
        Duration wait = RetryPolicy.STANDARD
                .after(1, Optional.of(Duration.ofSeconds(asked)), new Random(seed))
                .orElseThrow();

        if (asked > 6) {
            assertThat(wait).isEqualTo(Duration.ofSeconds(Math.min(asked, 86_400)));
        } else {
            assertThat(wait).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(6));
        }
    }

    @Test
    void aPolicyOfOnesOwnHasBounds() {
        assertThat(RetryPolicy.ofSeconds(List.of()).after(1, Optional.of(Duration.ofSeconds(1)), new Random(1)))
                .isEmpty();
        for (List<Integer> wrong : List.of(List.of(0), List.of(-1), List.of(86_401), Collections.nCopies(21, 1))) {
            assertThatThrownBy(() -> RetryPolicy.ofSeconds(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("retry_seconds must");
        }
    }
}
