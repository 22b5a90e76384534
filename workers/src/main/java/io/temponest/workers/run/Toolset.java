package io.temponest.workers.run;

import io.temponest.agent.AgentSpec;
import io.temponest.agent.ToolGrant;
import io.temponest.approval.Risk;
import io.temponest.model.ToolOffer;
import io.temponest.workers.tool.Effect;
import io.temponest.workers.tool.Tool;
import io.temponest.workers.tool.ToolSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The tools of one agent, as its grants name them and as they are at the moment. */
final class Toolset {

    static final Toolset NONE = new Toolset(Map.of(), Risk.LOW);

    private final Map<String, Granted> tools;
    private final Risk agent;

    private record Granted(Tool tool, Risk risk) {}

    private Toolset(Map<String, Granted> tools, Risk agent) {
        this.tools = tools;
        this.agent = agent;
    }

    /** @param found what there is of the agent's tools, by name */
    static Toolset of(AgentSpec agent, Map<String, Tool> found) {
        Map<String, Granted> tools = new LinkedHashMap<>();
        for (ToolGrant grant : agent.toolGrants()) {
            Optional.ofNullable(found.get(grant.name()))
                    .ifPresent(tool -> tools.put(
                            grant.name(),
                            new Granted(
                                    tool, tool.spec().risk().max(grant.risk().orElse(Risk.LOW)))));
        }
        return new Toolset(tools, agent.riskLevel());
    }

    Optional<Tool> find(String name) {
        return Optional.ofNullable(tools.get(name)).map(Granted::tool);
    }

    /** What a call may do at worst: what the tool or its grant says and, where it changes anything, what the agent does. */
    Risk risk(String name) {
        return Optional.ofNullable(tools.get(name))
                .map(granted -> granted.tool().spec().effect() == Effect.PURE
                        ? granted.risk()
                        : granted.risk().max(agent))
                .orElse(Risk.LOW);
    }

    List<ToolOffer> offers() {
        return tools.values().stream()
                .map(granted -> granted.tool().spec())
                .map(Toolset::offer)
                .toList();
    }

    private static ToolOffer offer(ToolSpec spec) {
        return new ToolOffer(spec.name(), spec.description(), spec.parameters());
    }
}
