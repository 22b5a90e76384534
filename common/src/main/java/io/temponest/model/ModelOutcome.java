package io.temponest.model;

import io.temponest.error.ApiError;
import io.temponest.spend.Usage;
import java.math.BigDecimal;
import java.util.List;

/** How a model call ended. A failure to reach or understand the provider is an outcome too, not an exception. */
public sealed interface ModelOutcome {

    /** What is known to have been used until the end, however it ended. */
    Usage usage();

    /** What that did cost, as the ledger has it; zero of what is not charged. */
    BigDecimal costUsd();

    /** The same at a cost. */
    default ModelOutcome charged(BigDecimal cost) {
        return switch (this) {
            case Completed(String text, var calls, String reason, Usage usage, BigDecimal free) ->
                new Completed(text, calls, reason, usage, cost);
            case Failed(ApiError error, boolean retryable, Usage usage, BigDecimal free) ->
                new Failed(error, retryable, usage, cost);
            case Cancelled(Usage usage, BigDecimal free) -> new Cancelled(usage, cost);
        };
    }

    /**
     * The answer is complete.
     *
     * @param calls tools that it asks for, after the text
     * @param finishReason the provider's word, such as {@code stop} or {@code length}
     */
    record Completed(String text, List<ToolCall> calls, String finishReason, Usage usage, BigDecimal costUsd)
            implements ModelOutcome {

        public Completed {
            calls = List.copyOf(calls);
        }

        public Completed(String text, String finishReason, Usage usage) {
            this(text, List.of(), finishReason, usage, BigDecimal.ZERO);
        }
    }

    /**
     * There is no complete answer.
     *
     * @param error of type {@code upstream_error}, {@code timeout_error}, {@code overloaded_error}, {@code rate_limit_error} or
     *     {@code invalid_request_error}; its code says what happened, e.g. {@code provider_stream_broken}
     * @param retryable whether the same call may succeed later
     */
    record Failed(ApiError error, boolean retryable, Usage usage, BigDecimal costUsd) implements ModelOutcome {

        public Failed(ApiError error, boolean retryable, Usage usage) {
            this(error, retryable, usage, BigDecimal.ZERO);
        }
    }

    /** The caller cancelled, and the provider was told. */
    record Cancelled(Usage usage, BigDecimal costUsd) implements ModelOutcome {

        public Cancelled(Usage usage) {
            this(usage, BigDecimal.ZERO);
        }
    }
}
