package io.temponest.agent;

import io.temponest.identity.TypeId;
import java.time.Instant;

/**
 * An agent with its current version.
 *
 * @param slug its name in URLs, unique in the tenant
 * @param version number of the current version, from 1
 * @param versionId id of the current version
 */
public record Agent(
        TypeId id,
        String slug,
        String name,
        String description,
        boolean builtIn,
        int version,
        TypeId versionId,
        AgentSpec spec,
        Instant createdAt,
        Instant updatedAt) {}
