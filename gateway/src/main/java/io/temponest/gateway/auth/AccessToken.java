package io.temponest.gateway.auth;

import io.temponest.identity.Permission;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * What an access token says.
 *
 * @param id of the token itself
 * @param session that it belongs to, and ends with
 */
public record AccessToken(
        String id,
        TypeId session,
        TypeId user,
        TenantId tenant,
        List<String> roles,
        Set<Permission> permissions,
        Instant issuedAt,
        Instant expiresAt) {

    public AccessToken {
        roles = List.copyOf(roles);
        permissions = Set.copyOf(permissions);
    }

    /** What a token that was brought is taken for; the rest of what it says is for its reader, and counts for nothing here. */
    public record Holder(TypeId session, TypeId user, TenantId tenant, Instant expiresAt) {}

    Holder holder() {
        return new Holder(session, user, tenant, expiresAt);
    }
}
