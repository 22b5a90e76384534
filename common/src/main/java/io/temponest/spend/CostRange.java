package io.temponest.spend;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A time range of costs, in whole hours: its beginning is rounded down and its end up.
 *
 * @param from inclusive
 * @param to exclusive
 */
public record CostRange(Instant from, Instant to) {

    public CostRange {
        from = from.truncatedTo(ChronoUnit.HOURS);
        Instant floor = to.truncatedTo(ChronoUnit.HOURS);
        to = floor.equals(to) ? to : floor.plus(1, ChronoUnit.HOURS);
        if (from.isAfter(to)) {
            throw new IllegalArgumentException("from must not be after to");
        }
    }
}
