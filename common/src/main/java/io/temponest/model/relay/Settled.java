package io.temponest.model.relay;

import io.temponest.model.wire.answer.CompleteAnswer;
import io.temponest.spend.Usage;
import java.math.BigDecimal;
import java.util.Optional;

/**
 * What an answer came to.
 *
 * @param costUsd US dollars, to 8 decimals
 * @param finishReason in the provider's word, where it said one
 * @param answer where it was to be recorded, succeeded, and {@link io.temponest.model.wire.Recorder} could
 */
public record Settled(
        Usage usage, BigDecimal costUsd, Optional<String> finishReason, Optional<CompleteAnswer> answer) {}
