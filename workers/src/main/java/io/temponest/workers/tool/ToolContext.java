package io.temponest.workers.tool;

import io.temponest.agent.AgentSpec.Retrieval;
import io.temponest.bus.Deadline;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.model.Cancellation;
import java.util.List;

/**
 * For whom a tool is called.
 *
 * @param idempotencyKey the same for every attempt of one call, to be passed on to whoever does the work
 * @param knowledge that the run may search; empty: all of the tenant's
 * @param deadline after which nobody waits for the result
 * @param cancellation asks to stop
 */
public record ToolContext(
        TenantId tenant,
        TypeId run,
        String idempotencyKey,
        List<TypeId> knowledge,
        Retrieval retrieval,
        Deadline deadline,
        Cancellation cancellation) {

    public ToolContext {
        knowledge = List.copyOf(knowledge);
    }
}
