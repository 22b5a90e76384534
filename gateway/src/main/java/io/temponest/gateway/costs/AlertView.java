package io.temponest.gateway.costs;

import io.temponest.identity.TypeId;
import io.temponest.spend.BudgetAlert;
import io.temponest.spend.Usd;
import java.time.Instant;
import java.util.Optional;

/** An alert as clients see it. */
record AlertView(
        TypeId id,
        String object,
        TypeId budgetId,
        Instant periodStart,
        double threshold,
        BudgetAlert.Severity severity,
        Usd limitUsd,
        Usd settledUsd,
        Instant createdAt,
        boolean acknowledged,
        Optional<Instant> acknowledgedAt,
        Optional<By> acknowledgedBy) {

    /** Who has seen it: a person, a key of the tenant's own, or a person with a key of theirs. */
    record By(Optional<TypeId> userId, Optional<TypeId> apiKeyId) {}

    static AlertView of(BudgetAlert alert) {
        return new AlertView(
                alert.id(),
                "alert",
                alert.budget(),
                alert.periodStart(),
                alert.threshold().doubleValue(),
                alert.severity(),
                alert.limit(),
                alert.settled(),
                alert.createdAt(),
                alert.acknowledgedAt().isPresent(),
                alert.acknowledgedAt(),
                alert.acknowledgedAt().map(at -> new By(alert.acknowledgedBy(), alert.acknowledgedKey())));
    }
}
