package io.temponest.account;

import io.temponest.identity.KeyLimits;
import io.temponest.identity.Permission;
import io.temponest.identity.TypeId;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * An API key, without its secret.
 *
 * @param user whose key it is; empty: the tenant's own
 * @param prefix the part that may be shown, {@code tn_} and 12 characters
 * @param expiresAt absent: never
 * @param lastUsedAt some seconds behind
 */
public record ApiKey(
        TypeId id,
        Optional<TypeId> user,
        String name,
        String prefix,
        Set<Permission> scopes,
        Optional<Instant> expiresAt,
        Optional<Instant> lastUsedAt,
        Instant createdAt,
        KeyLimits limits) {

    public ApiKey {
        scopes = Set.copyOf(scopes);
    }

    /** Whether it lives no longer and may use no more than another. */
    public boolean within(ApiKey other) {
        boolean shorter = other.expiresAt.isEmpty()
                || expiresAt.filter(at -> !at.isAfter(other.expiresAt.get())).isPresent();
        return shorter && limits.atMost(other.limits).equals(limits);
    }
}
