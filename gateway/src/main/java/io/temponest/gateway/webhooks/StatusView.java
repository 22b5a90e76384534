package io.temponest.gateway.webhooks;

import io.temponest.identity.TypeId;
import io.temponest.webhook.WebhookStatus;
import java.time.Instant;
import java.util.Optional;

/** How a webhook is doing, as clients see it. */
record StatusView(
        String object,
        TypeId webhookId,
        long pending,
        long retrying,
        long inFlight,
        long delivered,
        long failedAttempts,
        Optional<Double> successRatePercent,
        int consecutiveFailures,
        Optional<Instant> failingSince,
        Optional<Instant> pausedUntil,
        Optional<Instant> lastSuccessAt,
        Optional<Instant> lastFailureAt) {

    static StatusView of(TypeId webhook, WebhookStatus status) {
        return new StatusView(
                "webhook_status",
                webhook,
                status.pending(),
                status.retrying(),
                status.inFlight(),
                status.delivered(),
                status.failed(),
                status.successRate().map(Number::doubleValue),
                status.failures(),
                status.failingSince(),
                status.openUntil(),
                status.lastSuccessAt(),
                status.lastFailureAt());
    }
}
