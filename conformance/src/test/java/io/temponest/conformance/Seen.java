package io.temponest.conformance;

import java.util.Optional;

/**
 * What came of it.
 *
 * @param text that the SDK gave, of a stream all that came
 * @param requests that the SDK sent to TempoNest
 * @param thrown how the SDK told that it failed, if it did
 */
record Seen(String text, int requests, Optional<Thrown> thrown) {

    /**
     * A failure in an SDK's words.
     *
     * @param type the exception's class
     * @param status of HTTP, 0 where the SDK does not say
     * @param code as the API has it, empty where the SDK does not say
     */
    record Thrown(String type, int status, String code, String message) {}
}
