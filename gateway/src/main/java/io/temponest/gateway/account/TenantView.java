package io.temponest.gateway.account;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.account.Tenant;
import io.temponest.identity.TenantId;
import java.time.Instant;

/** A tenant as its people see it. */
record TenantView(
        TenantId id,
        String object,
        String name,
        String slug,
        String plan,
        JsonNode settings,
        Instant createdAt,
        Instant updatedAt) {

    static TenantView of(Tenant tenant) {
        return new TenantView(
                tenant.id(),
                "tenant",
                tenant.name(),
                tenant.slug(),
                tenant.plan(),
                tenant.settings(),
                tenant.createdAt(),
                tenant.updatedAt());
    }
}
