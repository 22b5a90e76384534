package io.temponest.account;

import io.temponest.identity.Permission;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * An API key to issue.
 *
 * @param name 1 to 100 characters
 * @param scopes what it may do, at least one
 * @param expiresAt absent: never
 */
public record NewApiKey(String name, Set<Permission> scopes, Optional<Instant> expiresAt) {

    public NewApiKey {
        scopes = Set.copyOf(scopes);
        if (name.isBlank() || name.length() > 100) {
            throw new IllegalArgumentException("name must have 1 to 100 characters");
        }
        if (scopes.isEmpty()) {
            throw new IllegalArgumentException("scopes must name at least one permission");
        }
    }
}
