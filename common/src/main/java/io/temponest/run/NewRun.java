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
 */
public record NewRun(
        Agent agent, Optional<String> projectSlug, RunRequest request, ModelName model, Duration deadline) {}
