package io.temponest.agent;

import java.util.Optional;

/** What a new version of an agent changes; what is absent stays. */
public record AgentChanges(Optional<String> name, Optional<String> description, Optional<AgentSpec> spec) {}
