package io.temponest.webhook;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Optional;

/**
 * How an endpoint is doing.
 *
 * @param pending deliveries that were not tried yet
 * @param retrying deliveries that failed and are tried again
 * @param failures attempts in a row, without those that fail during a pause
 * @param openUntil nothing is sent before
 * @param successRate of attempts, in per cent
 */
public record WebhookStatus(
        long pending,
        long retrying,
        long inFlight,
        long delivered,
        long failed,
        Optional<BigDecimal> successRate,
        int failures,
        Optional<Instant> failingSince,
        Optional<Instant> openUntil,
        Optional<Instant> lastSuccessAt,
        Optional<Instant> lastFailureAt) {}
