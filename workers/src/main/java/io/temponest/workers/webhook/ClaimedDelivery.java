package io.temponest.workers.webhook;

import io.temponest.crypto.SecretBox;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.webhook.RetryPolicy;
import io.temponest.webhook.WebhookSecret;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;

/**
 * A delivery that is ours until its lease ends.
 *
 * @param attempt which it is, from 1; also what settles it
 * @param waited since the event
 */
record ClaimedDelivery(
        TypeId id,
        int attempt,
        TenantId tenant,
        TypeId webhook,
        TypeId event,
        String payload,
        Receiver receiver,
        Duration waited) {

    /**
     * Where it goes, and how.
     *
     * @param secrets sealed; the newest first
     */
    record Receiver(String url, Duration timeout, RetryPolicy retries, List<Buffer> secrets) {
        Receiver {
            secrets = List.copyOf(secrets);
        }
    }

    /** Opened. @throws IllegalStateException when this process has another key than the one that sealed them */
    List<WebhookSecret> secrets(SecretBox box) {
        return receiver.secrets().stream()
                .map(closed -> WebhookSecret.open(closed.getBytes(), box, tenant, webhook))
                .toList();
    }
}
