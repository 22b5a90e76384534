package io.temponest.spend;

import io.temponest.identity.TypeId;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A limit on what calls cost in each period.
 *
 * @param scopeId which project, user, agent or key; empty for a tenant's
 * @param hard whether calls are refused beyond the limit
 * @param thresholds shares of the limit at which an alert is raised, ascending
 */
public record Budget(
        TypeId id,
        BudgetScope scope,
        Optional<TypeId> scopeId,
        BudgetPeriod period,
        Usd limit,
        boolean hard,
        List<BigDecimal> thresholds,
        Instant createdAt,
        Instant updatedAt) {

    public Budget {
        thresholds = List.copyOf(thresholds);
    }
}
