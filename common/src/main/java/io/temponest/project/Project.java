package io.temponest.project;

import io.temponest.identity.TypeId;
import java.time.Instant;

/**
 * A project.
 *
 * @param slug its name in URLs, unique in the tenant
 * @param stage {@code idle}, {@code research}, {@code build}, {@code qa}, {@code deploy} or {@code live}
 */
public record Project(
        TypeId id, String slug, String name, String description, String stage, Instant createdAt, Instant updatedAt) {}
