package io.temponest.conformance;

import java.util.Optional;
import java.util.function.Function;

/**
 * What is right.
 *
 * @param text that the SDK gives, of a stream all that came
 * @param requests that it sends to TempoNest
 * @param calls that TempoNest makes of the provider
 * @param failure as TempoNest tells it
 */
record Expected(Function<Stage, String> text, int requests, int calls, Optional<Failure> failure) {

    static Expected answer(String text, int requests, int calls) {
        return answer(stage -> text, requests, calls);
    }

    static Expected answer(Function<Stage, String> text, int requests, int calls) {
        return new Expected(text, requests, calls, Optional.empty());
    }

    /** Nothing but a failure. */
    static Expected failure(Sdk sdk, Failure failure, int calls) {
        return new Expected(stage -> "", sdk.manner().requests(failure), calls, Optional.of(failure));
    }

    /** A stream that fails after its first text; no SDK asks again then. */
    static Expected broken(String text, Failure failure) {
        return new Expected(stage -> text, 1, 1, Optional.of(failure));
    }

    /** For people: requests and calls, and whether that is an answer. */
    String figures() {
        return "%s%d/%d".formatted(failure.isPresent() ? "fails " : "", requests, calls);
    }
}
