package io.temponest.identity;

import java.util.Optional;
import java.util.Set;

/**
 * Who makes a request: a person with a token or a program with a key.
 *
 * @param tenant the only tenant whose rows the request may touch
 * @param user the person; empty for a key that belongs to the tenant itself
 * @param apiKey the key that was presented, if any
 * @param permissions what the request may do
 * @param limits of the key alone
 */
public record Principal(
        TenantId tenant,
        Optional<TypeId> user,
        Optional<TypeId> apiKey,
        Set<Permission> permissions,
        KeyLimits limits) {

    /** One whose key, if there is one, has no limits of its own. */
    public Principal(TenantId tenant, Optional<TypeId> user, Optional<TypeId> apiKey, Set<Permission> permissions) {
        this(tenant, user, apiKey, permissions, KeyLimits.NONE);
    }

    public Principal {
        permissions = Set.copyOf(permissions);
    }

    public boolean may(Permission permission) {
        return permissions.contains(permission);
    }
}
