package io.temponest.account;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.identity.TenantId;
import java.time.Instant;

/**
 * A tenant.
 *
 * @param plan {@code free}, {@code developer} or {@code enterprise}
 * @param settings an object
 */
public record Tenant(
        TenantId id, String name, String slug, String plan, JsonNode settings, Instant createdAt, Instant updatedAt) {}
