package io.temponest.conformance;

import java.net.URI;

/**
 * One thing that an SDK is asked to do.
 *
 * @param prompt repeated {@code times}
 * @param first called when the first text of a stream has come
 */
record Ask(Verb verb, URI base, String key, String model, String prompt, int times, Runnable first) {

    String text() {
        return prompt.repeat(times);
    }
}
