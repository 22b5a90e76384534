package io.temponest.model;

import io.temponest.error.ApiError;

/** How a model call ended. A failure to reach or understand the provider is an outcome too, not an exception. */
public sealed interface ModelOutcome {

    /** What is known to have been used until the end, however it ended. */
    Usage usage();

    /**
     * The answer is complete.
     *
     * @param finishReason the provider's word, such as {@code stop} or {@code length}
     */
    record Completed(String text, String finishReason, Usage usage) implements ModelOutcome {}

    /**
     * There is no complete answer.
     *
     * @param error of type {@code upstream_error}, {@code timeout_error}, {@code overloaded_error}, {@code rate_limit_error} or
     *     {@code invalid_request_error}; its code says what happened, e.g. {@code provider_stream_broken}
     * @param retryable whether the same call may succeed later
     */
    record Failed(ApiError error, boolean retryable, Usage usage) implements ModelOutcome {}

    /** The caller cancelled, and the provider was told. */
    record Cancelled(Usage usage) implements ModelOutcome {}
}
