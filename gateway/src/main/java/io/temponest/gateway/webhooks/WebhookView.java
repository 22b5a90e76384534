package io.temponest.gateway.webhooks;

import io.temponest.identity.TypeId;
import io.temponest.webhook.Webhook;
import io.temponest.webhook.WebhookSecret;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A webhook as clients see it.
 *
 * @param secret where it was just made, and never again
 */
record WebhookView(
        TypeId id,
        String object,
        String name,
        String description,
        String url,
        List<String> events,
        long timeoutSeconds,
        List<Integer> retrySeconds,
        boolean active,
        Optional<Instant> disabledAt,
        Optional<Webhook.Reason> disabledReason,
        Optional<Instant> previousSecretUntil,
        Optional<String> secret,
        Instant createdAt,
        Instant updatedAt) {

    static WebhookView of(Webhook webhook) {
        return of(webhook, Optional.empty());
    }

    static WebhookView of(Webhook webhook, WebhookSecret secret) {
        return of(webhook, Optional.of(secret.text().reveal()));
    }

    private static WebhookView of(Webhook webhook, Optional<String> secret) {
        return new WebhookView(
                webhook.id(),
                "webhook",
                webhook.name(),
                webhook.description(),
                webhook.url(),
                webhook.events(),
                webhook.timeout().toSeconds(),
                webhook.retries().seconds(),
                webhook.active(),
                webhook.disabled().map(Webhook.Disabled::at),
                webhook.disabled().map(Webhook.Disabled::reason),
                webhook.previousSecretUntil(),
                secret,
                webhook.createdAt(),
                webhook.updatedAt());
    }
}
