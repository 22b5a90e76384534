package io.temponest.spend;

import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import java.util.Optional;
import java.util.UUID;

/** A hard budget as a node enforces it. */
record HardBudget(UUID id, TenantId tenant, BudgetScope scope, Optional<UUID> scopeId, BudgetPeriod period, Usd limit) {

    boolean appliesTo(Account account) {
        return scope == BudgetScope.TENANT
                || scope.of(account).map(TypeId::uuid).equals(scopeId);
    }

    SpendOutcome.Refused refusal() {
        return new SpendOutcome.Refused(new TypeId(Kind.BUDGET, id), scope.toString(), period.toString());
    }
}
