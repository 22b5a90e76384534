package io.temponest.gateway.runs;

import io.temponest.error.ApiError;
import io.temponest.run.RunStep;
import io.temponest.spend.Usage;
import java.time.Instant;
import java.util.Optional;

/** A step of a run as clients see it. */
record StepView(
        String object,
        int seq,
        String kind,
        String name,
        String status,
        Instant startedAt,
        Optional<Instant> finishedAt,
        Optional<Usage> usage,
        Optional<ApiError> error) {

    static StepView of(RunStep step) {
        return new StepView(
                "step",
                step.seq(),
                step.kind(),
                step.name(),
                step.status(),
                step.startedAt(),
                step.finishedAt(),
                step.usage(),
                step.error());
    }
}
