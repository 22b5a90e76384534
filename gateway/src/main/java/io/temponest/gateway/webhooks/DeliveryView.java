package io.temponest.gateway.webhooks;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.identity.TypeId;
import io.temponest.json.Json;
import io.temponest.webhook.Delivery;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A delivery as clients see it.
 *
 * @param tries each attempt, where one delivery is asked for
 */
record DeliveryView(
        TypeId id,
        String object,
        TypeId webhookId,
        TypeId eventId,
        String type,
        Delivery.Status status,
        JsonNode payload,
        Optional<TypeId> redeliveryOf,
        int attempts,
        Optional<Instant> nextAttemptAt,
        Instant createdAt,
        Optional<Instant> endedAt,
        Optional<List<Delivery.Attempt>> tries) {

    static DeliveryView of(Delivery delivery) {
        return of(delivery, Optional.empty());
    }

    static DeliveryView of(Delivery.Traced traced) {
        return of(traced.delivery(), Optional.of(traced.attempts()));
    }

    private static DeliveryView of(Delivery delivery, Optional<List<Delivery.Attempt>> tries) {
        return new DeliveryView(
                delivery.id(),
                "webhook_delivery",
                delivery.webhook(),
                delivery.event(),
                delivery.type(),
                delivery.status(),
                Json.tree(delivery.payload()),
                delivery.redeliveryOf(),
                delivery.attempts(),
                delivery.nextAttemptAt(),
                delivery.createdAt(),
                delivery.endedAt(),
                tries);
    }
}
