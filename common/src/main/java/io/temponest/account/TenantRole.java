package io.temponest.account;

import io.temponest.identity.Permission;
import io.temponest.identity.TypeId;
import java.time.Instant;
import java.util.Set;

/**
 * A role of a tenant.
 *
 * @param builtIn whether every tenant has it; it cannot be changed then
 */
public record TenantRole(
        TypeId id, String name, String description, boolean builtIn, Set<Permission> permissions, Instant createdAt) {

    public TenantRole {
        permissions = Set.copyOf(permissions);
    }
}
