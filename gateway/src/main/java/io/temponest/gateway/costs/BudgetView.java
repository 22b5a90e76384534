package io.temponest.gateway.costs;

import io.temponest.identity.TypeId;
import io.temponest.spend.Budget;
import io.temponest.spend.BudgetPeriod;
import io.temponest.spend.BudgetScope;
import io.temponest.spend.Usd;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A budget as clients see it. */
record BudgetView(
        TypeId id,
        String object,
        BudgetScope scope,
        Optional<TypeId> scopeId,
        BudgetPeriod period,
        Usd limitUsd,
        boolean hard,
        List<Double> thresholds,
        Instant createdAt,
        Instant updatedAt) {

    static BudgetView of(Budget budget) {
        return new BudgetView(
                budget.id(),
                "budget",
                budget.scope(),
                budget.scopeId(),
                budget.period(),
                budget.limit(),
                budget.hard(),
                budget.thresholds().stream().map(BigDecimal::doubleValue).toList(),
                budget.createdAt(),
                budget.updatedAt());
    }
}
