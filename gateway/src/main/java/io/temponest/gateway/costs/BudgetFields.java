package io.temponest.gateway.costs;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.gateway.http.Fields;
import io.temponest.identity.TypeId;
import io.temponest.spend.BudgetChanges;
import io.temponest.spend.BudgetPeriod;
import io.temponest.spend.BudgetScope;
import io.temponest.spend.NewBudget;
import io.temponest.spend.Usd;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/** What a client says of a budget. */
final class BudgetFields {

    private BudgetFields() {}

    /** For a new one. */
    record Create(
            Optional<String> scope,
            Optional<String> scopeId,
            Optional<String> period,
            Optional<JsonNode> limitUsd,
            Optional<Boolean> hard,
            Optional<List<BigDecimal>> thresholds) {

        NewBudget budget() {
            String scopeText = Fields.required("scope", scope);
            BudgetScope whose = Fields.made(() -> BudgetScope.parse(scopeText));
            String periodText = Fields.required("period", period);
            BudgetPeriod often = Fields.made(() -> BudgetPeriod.parse(periodText));
            Usd limit = UsdFields.required("limit_usd", limitUsd);
            Optional<TypeId> which = scopeId.map(text -> id(whose, text));
            return Fields.made(() -> new NewBudget(
                    whose, which, often, limit, hard.orElse(true), thresholds.orElse(NewBudget.DEFAULT_THRESHOLDS)));
        }

        private static TypeId id(BudgetScope scope, String text) {
            if (scope == BudgetScope.TENANT) {
                throw Fields.invalid("scope_id", "must be absent for a budget of the tenant");
            }
            return TypeId.parse(scope.kind(), text)
                    .orElseThrow(() -> Fields.invalid(
                            "scope_id",
                            "must be an id of the form %s_…"
                                    .formatted(scope.kind().prefix())));
        }
    }

    /** For one that is there; what is absent stays. */
    record Change(Optional<JsonNode> limitUsd, Optional<Boolean> hard, Optional<List<BigDecimal>> thresholds) {

        BudgetChanges changes() {
            Optional<Usd> limit = UsdFields.optional("limit_usd", limitUsd);
            return Fields.made(() -> new BudgetChanges(limit, hard, thresholds));
        }

        boolean isEmpty() {
            return limitUsd.isEmpty() && hard.isEmpty() && thresholds.isEmpty();
        }
    }
}
