package io.temponest.run;

import io.temponest.agent.Agent;
import io.temponest.model.ModelName;
import java.time.Duration;
import java.util.Optional;

/**
 * A run to make.
 *
 * @param agent with the version that the run will keep
 * @param model resolved from the request, the agent or the node's default
 * @param deadline how long it may take, from its creation
 * @param key under which the same request makes no second run
 */
public record NewRun(
        Agent agent,
        Optional<String> projectSlug,
        RunRequest request,
        ModelName model,
        Duration deadline,
        Optional<IdempotencyKey> key) {

    /**
     * The client's key for this request.
     *
     * @param key 1 to 255 characters
     * @param bodySha256 of the request's body, 32 bytes
     */
    @SuppressWarnings("ArrayRecordComponent") // made, stored and dropped; never compared as a record
    public record IdempotencyKey(String key, byte[] bodySha256) {}
}
