package io.temponest.gateway.limit;

import java.time.Duration;
import java.util.Locale;

/** What came of asking one window for permits. */
sealed interface Allowance {

    /** Where it was decided. */
    enum Where {
        /** In this process, which counts alone or remembers a refusal. */
        LOCAL,
        /** In this process, from permits that Redis had granted to it. */
        LEASE,
        REDIS;

        private final String text = name().toLowerCase(Locale.ROOT);

        @Override
        public String toString() {
            return text;
        }
    }

    /** @param giveBack undoes it, for a request that is refused for another reason */
    record Granted(Usage usage, Where where, Runnable giveBack) implements Allowance {}

    /** @param retryAfter when there may be enough again; longer than the window where there never will be */
    record Refused(Usage usage, Duration retryAfter, Where where) implements Allowance {}

    /** The cluster's window could not be asked. */
    record Undecided() implements Allowance {}

    /** Too many wait for an answer of the cluster's window, which is there. */
    record Overloaded() implements Allowance {}
}
