package io.temponest.account;

import io.temponest.identity.KeyLimits;
import io.temponest.identity.Permission;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * An API key to issue.
 *
 * @param name 1 to 100 characters
 * @param scopes what it may do, at least one
 * @param expiresAt absent: never
 * @param limits what it may use at most
 */
public record NewApiKey(String name, Set<Permission> scopes, Optional<Instant> expiresAt, KeyLimits limits) {

    /** One without limits of its own. */
    public NewApiKey(String name, Set<Permission> scopes, Optional<Instant> expiresAt) {
        this(name, scopes, expiresAt, KeyLimits.NONE);
    }

    /** The same as far as it goes no further, and lives no longer, than another key. */
    public NewApiKey atMost(ApiKey maker) {
        return new NewApiKey(
                name,
                scopes,
                Stream.concat(expiresAt.stream(), maker.expiresAt().stream()).min(Instant::compareTo),
                limits.atMost(maker.limits()));
    }

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
