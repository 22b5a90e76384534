package io.temponest.gateway.limit;

import java.time.Duration;

/** What the limits say to a request. */
public sealed interface Verdict {

    /** Nothing limits it. */
    record Unlimited() implements Verdict {}

    /** @param usage of the limit that is nearest to its end */
    record Within(Usage usage) implements Verdict {}

    /**
     * Too much.
     *
     * @param limit in words, such as {@code 5 per minute for login by address}
     * @param ever whether waiting can help at all
     */
    record Exceeded(String limit, Usage usage, Duration retryAfter, boolean ever) implements Verdict {}

    /** Nobody knows, and the request's class does not go on without. */
    record Undecided() implements Verdict {}

    /** Too many ask at once. */
    record Overloaded() implements Verdict {}
}
