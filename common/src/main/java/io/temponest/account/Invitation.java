package io.temponest.account;

import io.temponest.identity.TypeId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An invitation to join a tenant that was neither accepted nor revoked.
 *
 * @param roles names of those of the roles that still exist
 */
public record Invitation(
        TypeId id, String email, List<String> roles, Optional<TypeId> invitedBy, Instant createdAt, Instant expiresAt) {

    public Invitation {
        roles = List.copyOf(roles);
    }
}
