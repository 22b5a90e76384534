package io.temponest.audit;

import io.temponest.identity.TypeId;
import java.util.Optional;

/**
 * Who did something, and from where.
 *
 * @param user the person; empty for a key of the tenant's own, and where nobody has proved who they are
 * @param apiKey the key that was used, if any
 * @param address of the client
 * @param userAgent what the client calls itself
 */
public record Actor(
        Optional<TypeId> user, Optional<TypeId> apiKey, Optional<String> address, Optional<String> userAgent) {

    /** The same client, as a person who has just proved who they are. */
    public Actor as(TypeId person) {
        return new Actor(Optional.of(person), apiKey, address, userAgent);
    }
}
