package io.temponest.account;

import io.temponest.identity.Permission;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * A person.
 *
 * @param roles their names, in order
 * @param permissions what the roles allow together
 */
public record User(
        TypeId id,
        TenantId tenant,
        String email,
        String fullName,
        boolean active,
        List<String> roles,
        Set<Permission> permissions,
        Instant createdAt) {

    public User {
        roles = List.copyOf(roles);
        permissions = Set.copyOf(permissions);
    }
}
