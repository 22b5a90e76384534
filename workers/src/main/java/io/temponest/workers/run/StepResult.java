package io.temponest.workers.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.error.ApiError;
import io.temponest.json.Json;
import io.temponest.knowledge.Passage;
import io.temponest.model.ToolCall;
import io.temponest.spend.Usage;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** How a step of the journal ended, as its payload keeps it. Field names are part of the journal's format. */
sealed interface StepResult {

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

    /**
     * A model answered.
     *
     * @param calls tools that it asks for; absent in journals of versions that had none
     */
    record Answered(
            Instant startedAt,
            String text,
            Optional<List<ToolCall>> calls,
            String finishReason,
            Usage usage,
            BigDecimal costUsd,
            long latencyMs)
            implements StepResult {

        List<ToolCall> wanted() {
            return calls.orElse(List.of());
        }
    }

    /** A tool did its work. */
    record Used(Instant startedAt, String text, List<Passage> passages, long latencyMs) implements StepResult {
        public Used {
            passages = List.copyOf(passages);
        }
    }

    /**
     * A gate was closed, by whoever closed it.
     *
     * @param outcome {@code approved}, {@code rejected}, {@code expired}, an answer about an effect in doubt, {@code fired}, or
     *     the status that a child ended with
     * @param arguments that were approved
     * @param output of a child
     */
    record Closed(
            String outcome,
            Optional<JsonNode> arguments,
            Optional<String> comment,
            Optional<String> run,
            Optional<String> output,
            Optional<ApiError> error)
            implements StepResult {}

    /**
     * The engine has decided about a step.
     *
     * @param verdict {@code try_again}, or {@code in_doubt} where the tool did not know either
     * @param of a gate that was answered, or a call of a tool
     */
    record Decided(String verdict, int of) implements StepResult {

        static final String TRY_AGAIN = "try_again";
        static final String IN_DOUBT = "in_doubt";
    }

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
            case "tool" -> Json.read(payload, Used.class);
            case "gate", "timer", "child" -> Json.read(payload, Closed.class);
            case "decision" -> Json.read(payload, Decided.class);
            default ->
                throw new IllegalStateException("a journal with steps of kind " + kind + " needs a newer version");
        };
    }
}
