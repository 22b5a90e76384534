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
 * @param waitingFor what a waiting run waits for, besides whoever paused it
 * @param pausedAt when somebody paused it
 * @param kin the runs that it comes from
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
        Optional<Instant> finishedAt,
        List<RunWait> waitingFor,
        Optional<Instant> pausedAt,
        Kin kin) {

    /**
     * Where a run comes from.
     *
     * @param parent whose agent started it
     * @param origin {@code retry} or {@code fork}
     * @param originRun the one that it repeats
     * @param attempt from 1
     */
    public record Kin(Optional<TypeId> parent, Optional<String> origin, Optional<TypeId> originRun, int attempt) {}

    public Run {
        input = List.copyOf(input);
        citations = List.copyOf(citations);
        waitingFor = List.copyOf(waitingFor);
    }
}
