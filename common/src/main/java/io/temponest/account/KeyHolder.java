package io.temponest.account;

import io.temponest.identity.Principal;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Optional;

/**
 * A key's row, as authentication sees it.
 *
 * @param secretSha256 32 bytes
 * @param principal whom the key stands for
 */
@SuppressWarnings("ArrayRecordComponent") // read, cached and compared by matches() alone
public record KeyHolder(byte[] secretSha256, Optional<Instant> expiresAt, Principal principal) {

    /** Whether this is the key, in a time that does not depend on how much of it is right. */
    public boolean matches(ApiKeyText key) {
        return MessageDigest.isEqual(secretSha256, key.sha256());
    }

    public boolean expired(Instant now) {
        return expiresAt.filter(at -> !at.isAfter(now)).isPresent();
    }
}
