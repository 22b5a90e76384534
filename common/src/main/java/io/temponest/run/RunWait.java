package io.temponest.run;

import io.temponest.identity.TypeId;
import java.time.Instant;
import java.util.Optional;

/**
 * Something that a run waits for.
 *
 * @param kind {@code approval}, {@code timer}, {@code child}, {@code in_doubt}, {@code signal} or {@code budget}
 * @param seq of the step that waits
 * @param until when it is over, or given up, by itself
 * @param approval what has to be decided
 * @param tool whose call waits
 * @param votes of those who have agreed so far
 * @param required how many have to
 * @param run the child
 */
public record RunWait(
        String kind,
        int seq,
        Optional<Instant> until,
        Optional<TypeId> approval,
        Optional<String> tool,
        Optional<Integer> votes,
        Optional<Integer> required,
        Optional<TypeId> run) {

    /** In a few words, such as {@code approval 1/2}. */
    public String inWords() {
        return switch (kind) {
            case "approval" -> "approval %d/%d".formatted(votes.orElse(0), required.orElse(1));
            case "timer" ->
                "timer until " + until.map(io.temponest.json.Json::time).orElse("");
            case "child" -> "child " + run.map(TypeId::toString).orElse("");
            default -> kind;
        };
    }
}
