package io.temponest.workers.tool;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.approval.Risk;
import java.time.Duration;

/**
 * What a tool says of itself.
 *
 * @param name as models call it: letters, digits, {@code _} and {@code -}, at most 64
 * @param description what it is for, as models read it
 * @param parameters the JSON Schema of its arguments, which are an object
 * @param effect of a call
 * @param risk of a call, before an agent's grant says that it is higher
 * @param timeout of one call: after it nobody knows whether the call has happened
 * @param retry what is done about calls that fail
 */
public record ToolSpec(
        String name, String description, JsonNode parameters, Effect effect, Risk risk, Duration timeout, Retry retry) {

    /**
     * How often a call is made that failed in passing.
     *
     * @param attempts from 1
     */
    public record Retry(int attempts) {

        public static final Retry NONE = new Retry(1);

        public Retry {
            if (attempts < 1 || attempts > 10) {
                throw new IllegalArgumentException("attempts must be from 1 to 10");
            }
        }
    }
}
