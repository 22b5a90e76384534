package io.temponest.workers.tool;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.agent.Agent;
import io.temponest.agent.AgentStore;
import io.temponest.approval.Risk;
import io.temponest.bus.Bus;
import io.temponest.identity.TenantId;
import io.temponest.json.Json;
import io.temponest.workers.tool.ToolSpec.Retry;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;

/** The tools that every tenant has: its knowledge, time, and its agents as {@code agent__<slug>}. */
public final class BuiltInTools implements Toolbox {

    public static final String WAIT = "wait";
    public static final String AGENT = "agent__";

    /** The field of a timer's arguments. */
    public static final String SECONDS = "seconds";

    /** The field of a child's arguments. */
    public static final String TASK = "task";

    private final AgentStore agents;
    private final Tool knowledge;
    private final Tool wait = new Tool.Timer(new ToolSpec(
            WAIT,
            "Waits before going on.",
            schema(SECONDS, "integer", "How long, from 1 second to 30 days."),
            Effect.PURE,
            Risk.LOW,
            Duration.ofDays(30),
            Retry.NONE));

    public BuiltInTools(Bus bus, AgentStore agents) {
        this.agents = agents;
        this.knowledge = new KnowledgeSearch(bus);
    }

    static ObjectNode schema(String field, String type, String description) {
        ObjectNode schema = Json.STRICT.createObjectNode().put("type", "object");
        schema.putObject("properties").putObject(field).put("type", type).put("description", description);
        schema.putArray("required").add(field);
        return schema.put("additionalProperties", false);
    }

    @Override
    public Future<Optional<Tool>> find(TenantId tenant, String name) {
        if (name.startsWith(AGENT)) {
            return agents.find(tenant, name.substring(AGENT.length()))
                    .map(found -> found.filter(agent -> name.equals(AGENT + agent.slug()))
                            .map(agent -> child(name, agent)));
        }
        return Future.succeededFuture(
                switch (name) {
                    case KnowledgeSearch.NAME -> Optional.of(knowledge);
                    case WAIT -> Optional.of(wait);
                    default -> Optional.empty();
                });
    }

    /** The engine makes its run once, so that the call itself does nothing twice; what the agent does has risks of its own. */
    private static Tool child(String name, Agent agent) {
        String about = agent.description().isBlank() ? agent.name() : agent.name() + ": " + agent.description();
        return new Tool.Child(
                new ToolSpec(
                        name,
                        "Gives a task to another agent and returns its answer. " + about,
                        schema(TASK, "string", "The task, with all that the agent has to know."),
                        Effect.PURE,
                        Risk.LOW,
                        Duration.ofDays(1),
                        Retry.NONE),
                agent);
    }
}
