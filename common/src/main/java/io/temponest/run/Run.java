package io.temponest.run;

import io.temponest.error.ApiError;
import io.temponest.identity.TypeId;
import io.temponest.model.Message;
import io.temponest.spend.Usage;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A run as its tenant sees it.
 *
 * @param queueReason why a queued run is not running yet
 * @param steps steps in its journal that have ended
 * @param recoveries how often it was taken over from a worker that was lost
 * @param events number of its last event
 */
public record Run(
        TypeId id,
        TypeId agentId,
        String agentSlug,
        int agentVersion,
        Optional<String> project,
        RunStatus status,
        Optional<String> queueReason,
        String model,
        List<Message> input,
        Optional<String> output,
        List<Citation> citations,
        Usage usage,
        BigDecimal costUsd,
        int steps,
        int recoveries,
        long events,
        Optional<ApiError> error,
        Instant createdAt,
        Optional<Instant> startedAt,
        Optional<Instant> finishedAt) {

    public Run {
        input = List.copyOf(input);
        citations = List.copyOf(citations);
    }
}
