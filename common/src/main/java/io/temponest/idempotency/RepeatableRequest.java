package io.temponest.idempotency;

import io.temponest.identity.Principal;
import io.temponest.identity.TypeId;
import io.vertx.core.buffer.Buffer;
import java.util.UUID;

/**
 * A request that its client may make again.
 *
 * @param principal the API key, else the person, whose key it is
 * @param key chosen by the client, 1 to 255 characters
 * @param sha256 32 bytes, of the method, the path and the body
 */
public record RepeatableRequest(UUID principal, String key, Buffer sha256) {

    public static RepeatableRequest of(Principal by, String key, byte[] sha256) {
        return new RepeatableRequest(
                by.apiKey().or(by::user).map(TypeId::uuid).orElseThrow(), key, Buffer.buffer(sha256));
    }

    /** What its sealed answer belongs to. */
    public String context() {
        return principal + "/" + key;
    }
}
