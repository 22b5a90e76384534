package io.temponest.spend;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/** What is to change in a budget; empty: stays. Its scope and period never change. */
public record BudgetChanges(Optional<Usd> limit, Optional<Boolean> hard, Optional<List<BigDecimal>> thresholds) {

    public BudgetChanges {
        thresholds = thresholds.map(NewBudget::checked);
    }
}
