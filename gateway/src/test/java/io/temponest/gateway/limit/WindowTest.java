package io.temponest.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.gateway.limit.Window.Taken;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The window by itself, against all that was ever granted. */
class WindowTest {

    private static final Quota THOUSAND = Quota.perMinute(1_000);

    private record Granted(long at, int permits) {}

    private static long within(List<Granted> all, long from, long until) {
        return all.stream()
                .filter(grant -> grant.at() >= from && grant.at() < until)
                .mapToLong(Granted::permits)
                .sum();
    }

    @Property(tries = 300)
    void noWindowEverHoldsMoreThanTheLimit(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 300) int limit,
            @ForAll @IntRange(min = 6, max = 600) int seconds) {
        Random random = new Random(seed);
        Quota quota = new Quota(limit, Duration.ofSeconds(seconds));
        Window window = new Window();
        List<Granted> granted = new ArrayList<>();
        long now = random.nextLong(1L << 40);
        for (int i = 0; i < 400; i++) {
            now += random.nextInt(3) == 0 ? random.nextLong(quota.window().toMillis() / 10) : random.nextLong(20);
            int least = 1 + random.nextInt(Math.max(1, limit / 4));
            Taken taken = window.take(now, quota, least, least + random.nextInt(5));
            if (taken.granted() > 0) {
                assertThat(taken.granted()).isGreaterThanOrEqualTo(least);
                granted.add(new Granted(now, taken.granted()));
            }
        }

        // A window that begins at a grant holds the most; a permit may be used a lease's life after its grant.
        long reach = quota.window().toMillis() + quota.leaseMillis();
        assertThat(granted)
                .allSatisfy(first -> assertThat(within(granted, first.at(), first.at() + reach))
                        .isLessThanOrEqualTo(limit));
    }

    @Property(tries = 100)
    void whoeverAsksAgainWhenToldGetsWhatWasRefused(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 100) int limit) {
        Random random = new Random(seed);
        Quota quota = Quota.perMinute(limit);
        Window window = new Window();
        long now = random.nextLong(1L << 40);
        for (int i = 0; i < 200; i++) {
            now += random.nextLong(400);
            int amount = 1 + random.nextInt(limit);
            Taken taken = window.take(now, quota, amount, amount);
            if (taken.granted() == 0) {
                now += taken.retryMillis();
                assertThat(window.take(now, quota, amount, amount).granted()).isEqualTo(amount);
            }
        }
    }

    @Test
    void nearlyAllOfTheLimitIsReachedMinuteByMinute() {
        Window window = new Window();
        List<Granted> granted = new ArrayList<>();
        long hour = Duration.ofHours(1).toMillis();
        for (long now = 0; now < hour; now += 10) {
            if (window.take(now, THOUSAND, 1, 1).granted() == 1) {
                granted.add(new Granted(now, 1));
            }
        }

        assertThat(granted.size() / 60.0).isBetween(950.0, 1_000.0);
    }

    @Test
    void whatIsGivenBackCanBeHadAgain() {
        Quota quota = Quota.perMinute(5);
        Window window = new Window();
        Taken all = window.take(0, quota, 5, 5);
        assertThat(window.take(10, quota, 1, 1).granted()).isZero();

        window.giveBack(all.slot(), 2);

        assertThat(window.take(20, quota, 2, 2).granted()).isEqualTo(2);
        assertThat(window.take(30, quota, 1, 1).granted()).isZero();
    }

    @Test
    void moreThanTheLimitIsNeverThere() {
        Taken taken = new Window().take(0, Quota.perMinute(5), 6, 6);

        assertThat(taken).isEqualTo(new Taken(0, 0, 5, 0, 0));
    }

    @Test
    void aWindowThatIsNearlyUsedUpKeepsHalfOfWhatIsLeftForOthers() {
        Quota quota = Quota.perMinute(10);
        Window window = new Window();

        assertThat(window.take(0, quota, 1, 20).granted()).isEqualTo(5);
        assertThat(window.take(0, quota, 1, 20).granted()).isEqualTo(3);
        assertThat(window.take(0, quota, 1, 20).granted()).isEqualTo(1);
        assertThat(window.take(0, quota, 1, 20).granted()).isEqualTo(1);
        assertThat(window.take(0, quota, 1, 20).granted()).isZero();
    }
}
