package io.temponest.identity;

import java.util.Optional;
import java.util.Set;

/**
 * Who makes a request: a person with a token or a program with a key.
 *
 * @param tenant the only tenant whose rows the request may touch
 * @param user the person; empty for a key that belongs to the tenant itself
 * @param apiKey the key that was presented, if any
 * @param session where the person is signed in; empty for keys
 * @param permissions what the request may do
 * @param limits of the key alone
 */
public record Principal(
        TenantId tenant,
        Optional<TypeId> user,
        Optional<TypeId> apiKey,
        Optional<TypeId> session,
        Set<Permission> permissions,
        KeyLimits limits) {

    public Principal {
        permissions = Set.copyOf(permissions);
    }

    /** The same with other permissions. */
    public Principal atMost(Set<Permission> others) {
        return new Principal(tenant, user, apiKey, session, others, limits);
    }

    public boolean may(Permission permission) {
        return permissions.contains(permission);
    }
}
