package io.temponest.identity;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * What an API key may use at most, beside its tenant's limits; empty: no limit of its own.
 *
 * @param requestsPerMinute at least 1
 * @param tokensPerMinute model tokens, at least 1
 * @param concurrency requests in progress at once on one node, at least 1
 */
public record KeyLimits(
        Optional<Integer> requestsPerMinute, Optional<Integer> tokensPerMinute, Optional<Integer> concurrency) {

    public static final KeyLimits NONE = new KeyLimits(Optional.empty(), Optional.empty(), Optional.empty());

    /** The narrower of each. */
    public KeyLimits atMost(KeyLimits most) {
        return new KeyLimits(
                lesser(requestsPerMinute, most.requestsPerMinute),
                lesser(tokensPerMinute, most.tokensPerMinute),
                lesser(concurrency, most.concurrency));
    }

    private static Optional<Integer> lesser(Optional<Integer> one, Optional<Integer> other) {
        return Stream.concat(one.stream(), other.stream()).min(Integer::compare);
    }
}
