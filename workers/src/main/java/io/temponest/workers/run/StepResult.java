package io.temponest.workers.run;

import io.temponest.error.ApiError;
import io.temponest.json.Json;
import io.temponest.knowledge.Passage;
import io.temponest.spend.Usage;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** How a step of the journal ended, as its payload keeps it. Field names are part of the journal's format. */
sealed interface StepResult {

    Instant startedAt();

    /** The phase that the row is written with. */
    default String phase() {
        return this instanceof Broken ? "failed" : "done";
    }

    /** Passages were found, in the order of their marks. */
    record Retrieved(Instant startedAt, List<Passage> passages) implements StepResult {
        public Retrieved {
            passages = List.copyOf(passages);
        }
    }

    /** A model answered. */
    record Answered(
            Instant startedAt, String text, String finishReason, Usage usage, BigDecimal costUsd, long latencyMs)
            implements StepResult {}

    /** The step failed for good. */
    record Broken(Instant startedAt, ApiError error, Optional<Usage> usage) implements StepResult {}

    /** Reads a row that ended a step. */
    static StepResult read(String kind, String phase, String payload) {
        if (phase.equals("failed")) {
            return Json.read(payload, Broken.class);
        }
        return switch (kind) {
            case "retrieval" -> Json.read(payload, Retrieved.class);
            case "llm" -> Json.read(payload, Answered.class);
            default ->
                throw new IllegalStateException("a journal with steps of kind " + kind + " needs a newer version");
        };
    }
}
