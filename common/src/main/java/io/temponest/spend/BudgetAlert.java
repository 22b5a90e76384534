package io.temponest.spend;

import com.fasterxml.jackson.annotation.JsonValue;
import io.temponest.identity.TypeId;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * A budget has reached a threshold in a period; raised once.
 *
 * @param threshold the share of the limit
 * @param limit of the budget when it was raised
 * @param settled of the period when it was raised
 * @param acknowledgedBy the person; empty where a key of the tenant did
 * @param acknowledgedKey the key with which it was acknowledged, if any
 */
public record BudgetAlert(
        TypeId id,
        TypeId budget,
        Instant periodStart,
        BigDecimal threshold,
        Severity severity,
        Usd limit,
        Usd settled,
        Instant createdAt,
        Optional<Instant> acknowledgedAt,
        Optional<TypeId> acknowledgedBy,
        Optional<TypeId> acknowledgedKey) {

    /** Of a threshold: below 0.9, below 1, and 1 or more. */
    public enum Severity {
        WARNING,
        CRITICAL,
        EXCEEDED;

        @Override
        @JsonValue
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
