package io.temponest.gateway.runs;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.temponest.error.ApiError;
import io.temponest.identity.TypeId;
import io.temponest.model.Message;
import io.temponest.run.Citation;
import io.temponest.run.Run;
import io.temponest.run.RunStatus;
import io.temponest.run.RunWait;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A run as clients see it. */
public record RunView(
        TypeId id,
        String object,
        String agent,
        TypeId agentId,
        int agentVersion,
        Optional<String> project,
        RunStatus status,
        Optional<String> queueReason,
        String model,
        Optional<List<Message>> input,
        Optional<String> output,
        Optional<List<Citation>> citations,
        Cost usage,
        int steps,
        int recoveries,
        Optional<ApiError> error,
        Instant createdAt,
        Optional<Instant> startedAt,
        Optional<Instant> finishedAt,
        Optional<List<RunWait>> waitingFor,
        Optional<Instant> pausedAt,
        Optional<TypeId> parentRun,
        Optional<TypeId> retryOf,
        Optional<TypeId> forkedFrom,
        int attempt) {

    /** Tokens of all steps and what they cost, in US dollars. */
    record Cost(
            long inputTokens,
            long cachedInputTokens,
            long outputTokens,
            @JsonProperty("cost_usd") BigDecimal costUsd) {}

    public static RunView of(Run run) {
        return of(run, Optional.of(run.input()), Optional.of(run.citations()));
    }

    /** As lists have it: without input, output and citations, which may have megabytes each. */
    static RunView summary(Run run) {
        return of(run, Optional.empty(), Optional.empty());
    }

    private static RunView of(Run run, Optional<List<Message>> input, Optional<List<Citation>> citations) {
        return new RunView(
                run.id(),
                "run",
                run.agentSlug(),
                run.agentId(),
                run.agentVersion(),
                run.project(),
                run.status(),
                reason(run),
                run.model(),
                input,
                run.output(),
                citations,
                new Cost(
                        run.usage().inputTokens(),
                        run.usage().cachedInputTokens(),
                        run.usage().outputTokens(),
                        run.costUsd()),
                run.steps(),
                run.recoveries(),
                run.error(),
                run.createdAt(),
                run.startedAt(),
                run.finishedAt(),
                run.waitingFor().isEmpty() ? Optional.empty() : Optional.of(run.waitingFor()),
                run.pausedAt(),
                run.kin().parent(),
                run.kin().originRun().filter(origin -> run.kin().origin().equals(Optional.of("retry"))),
                run.kin().originRun().filter(origin -> run.kin().origin().equals(Optional.of("fork"))),
                run.kin().attempt());
    }

    /** Why a run that does not run does not run. */
    private static Optional<String> reason(Run run) {
        if (run.status() != RunStatus.WAITING) {
            return run.queueReason();
        }
        List<String> reasons = new ArrayList<>();
        run.pausedAt().ifPresent(since -> reasons.add("paused"));
        run.waitingFor().forEach(wait -> reasons.add(wait.inWords()));
        return reasons.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", reasons));
    }
}
