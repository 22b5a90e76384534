package io.temponest.workers.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.agent.Agent;
import io.temponest.approval.Risk;
import java.util.Optional;

/**
 * Something to wait for.
 *
 * @param kind as the database has it
 * @param name of the step
 * @param patienceS seconds after which it closes by itself
 * @param question for people
 * @param child a run to make
 */
record Gate(
        String kind,
        String name,
        StepIntent intent,
        Optional<Long> patienceS,
        Optional<Question> question,
        Optional<Task> child) {

    /**
     * What people are asked.
     *
     * @param kind {@code start}, {@code tool} or {@code in_doubt}
     * @param required how many have to agree
     * @param arguments that they agree to
     */
    record Question(String kind, Optional<String> tool, Risk risk, int required, JsonNode arguments) {}

    /** What another agent is to do. */
    record Task(Agent agent, String text) {}

    static Gate asking(String kind, StepIntent intent, Question question) {
        return new Gate(
                kind, "approval." + question.kind(), intent, Optional.empty(), Optional.of(question), Optional.empty());
    }

    /** The kind of its step. */
    String stepKind() {
        return switch (kind) {
            case "timer", "child" -> kind;
            default -> "gate";
        };
    }
}
