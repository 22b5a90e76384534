package io.temponest.bus;

import java.time.Duration;

/**
 * The moment at which nobody waits any more. Crosses the bus as the milliseconds that remain, so clocks need not agree.
 *
 * @param nanos a value of {@link System#nanoTime()}
 */
public record Deadline(long nanos) {

    public static Deadline after(Duration duration) {
        return new Deadline(System.nanoTime() + duration.toNanos());
    }

    static Deadline afterMillis(long millis) {
        return after(Duration.ofMillis(millis));
    }

    /** What is left, in milliseconds; never less than 1, which the bus takes as "at once". */
    public long remainingMillis() {
        return Math.max(1, (nanos - System.nanoTime()) / 1_000_000);
    }

    public boolean passed() {
        return System.nanoTime() - nanos >= 0;
    }

    /** The earlier of this and a limit from now. */
    public Deadline atMost(Duration duration) {
        Deadline other = after(duration);
        return other.nanos - nanos < 0 ? other : this;
    }
}
