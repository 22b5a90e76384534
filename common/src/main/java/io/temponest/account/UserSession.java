package io.temponest.account;

import io.temponest.identity.TypeId;
import java.time.Instant;
import java.util.Optional;

/**
 * Where a person is signed in.
 *
 * @param kind {@code token} or {@code console}
 * @param address of the client that signed in
 */
public record UserSession(
        TypeId id,
        String kind,
        Optional<String> address,
        Optional<String> userAgent,
        Instant createdAt,
        Instant lastUsedAt,
        Instant expiresAt) {}
