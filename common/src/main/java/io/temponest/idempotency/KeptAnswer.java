package io.temponest.idempotency;

import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.Optional;

/**
 * An answer as it is kept for a request that may come again.
 *
 * @param status of HTTP
 * @param sealed whether the body is encrypted
 */
public record KeptAnswer(int status, Map<String, String> headers, Optional<Buffer> body, boolean sealed) {

    public KeptAnswer {
        headers = Map.copyOf(headers);
    }
}
