package io.temponest.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.identity.TypeId;
import java.time.Instant;

/**
 * A durable event of a run.
 *
 * @param seq from 1, without gaps within the run
 * @param type such as {@code run.started} or {@code step.completed}
 */
public record RunEvent(TypeId run, long seq, String type, JsonNode data, Instant createdAt) {

    /** Whether the run has ended with this event. */
    public boolean last() {
        return switch (type) {
            case "run.succeeded", "run.failed", "run.cancelled", "run.timed_out", "run.dead" -> true;
            default -> false;
        };
    }
}
