package io.temponest.conformance;

import io.temponest.conformance.Seen.Thrown;
import java.util.Set;
import java.util.function.Function;

/**
 * How an SDK tells failures, and when it asks again by itself.
 *
 * @param told what it throws; the message is a part of what it says
 * @param again the failures after which it asks {@value #AGAIN} times again, whatever TempoNest says
 */
record Manner(Function<Failure, Thrown> told, Set<Failure> again) {

    private static final int AGAIN = 2;

    Manner {
        again = Set.copyOf(again);
    }

    boolean asksAgain(Failure failure) {
        return again.contains(failure);
    }

    int requests(Failure failure) {
        return asksAgain(failure) ? 1 + AGAIN : 1;
    }
}
