package io.temponest.gateway.costs;

import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.gateway.http.Query;
import io.temponest.spend.CostRange;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;

/** The time range of a request about costs, in whole hours of UTC. */
final class CostRanges {

    static final Set<String> PARAMETERS = Set.of("from", "to");

    private final InstantSource clock;

    CostRanges(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * From {@code from} to before {@code to}, by default until now.
     *
     * @param standard how long before its end it begins where the request does not say
     * @param longest how long it may be
     */
    CostRange read(Query query, Duration standard, Duration longest) {
        Instant to = query.time("to").orElseGet(clock::instant);
        Instant from = query.time("from").orElseGet(() -> to.minus(standard));
        if (!from.isBefore(to)) {
            throw invalid("'from' must be before 'to'.");
        }
        CostRange range = new CostRange(from, to);
        if (Duration.between(range.from(), range.to()).compareTo(longest.plusHours(1)) > 0) {
            throw invalid("'from' must be at most %d days before 'to'.".formatted(longest.toDays()));
        }
        return range;
    }

    private static ApiException invalid(String message) {
        return ApiError.invalid("from", "invalid_range", message).exception();
    }
}
