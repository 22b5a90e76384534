package io.temponest.model.wire;

import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import java.util.List;

/**
 * One stream on its way from a provider to a client. Every returned string is a whole frame of the client's form. After the
 * last frame, whichever call gave it, every call gives nothing. Not for several threads.
 */
public sealed interface StreamTranslation permits PassedStream, TranslatedStream {

    /**
     * Takes an event of the provider.
     *
     * @param eventName of the event stream; the translation goes by the data, whose type says the same
     * @param data of the event; of Ollama a line of its answer
     */
    List<String> feed(String eventName, String data);

    /** The provider's stream is over. One that did not come to its end becomes a failure. */
    List<String> end();

    /** The stream fails for a reason of ours. */
    List<String> failure(ApiError error);

    /** Whether the last frame was given. */
    boolean isOver();

    /** Whether the last frame told of a failure. */
    boolean isBroken();

    /** What a client is told when a provider's stream is over before its answer is. */
    static ApiError brokenOff() {
        return ApiError.of(ErrorType.UPSTREAM_ERROR, "provider_stream_broken", "The provider broke its answer off.");
    }
}
