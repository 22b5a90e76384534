package io.temponest.spend;

import io.temponest.identity.TypeId;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * A budget that somebody wants.
 *
 * @param scopeId which project, user, agent or key; empty for a tenant's
 * @param limit for each period
 * @param hard whether calls are refused beyond the limit
 * @param thresholds shares of the limit, 1 being all of it, at which an alert is raised; at most 10, each more than 0, at most 10,
 *     with at most 4 decimals
 */
public record NewBudget(
        BudgetScope scope,
        Optional<TypeId> scopeId,
        BudgetPeriod period,
        Usd limit,
        boolean hard,
        List<BigDecimal> thresholds) {

    public static final List<BigDecimal> DEFAULT_THRESHOLDS =
            List.of(new BigDecimal("0.8"), new BigDecimal("0.95"), BigDecimal.ONE);

    private static final int MOST_THRESHOLDS = 10;
    private static final int THRESHOLD_SCALE = 4;

    public NewBudget {
        if ((scope == BudgetScope.TENANT) != scopeId.isEmpty()) {
            throw new IllegalArgumentException("scope_id must be given, except for a budget of the tenant");
        }
        if (scopeId.filter(id -> id.kind() != scope.kind()).isPresent()) {
            throw new IllegalArgumentException("scope_id must be an id of the scope's kind");
        }
        thresholds = checked(thresholds);
    }

    static List<BigDecimal> checked(List<BigDecimal> thresholds) {
        List<BigDecimal> shares = thresholds.stream()
                .map(BigDecimal::stripTrailingZeros)
                .distinct()
                .sorted()
                .toList();
        boolean inRange = shares.stream()
                .allMatch(share ->
                        share.signum() > 0 && share.compareTo(BigDecimal.TEN) <= 0 && share.scale() <= THRESHOLD_SCALE);
        if (shares.size() > MOST_THRESHOLDS || !inRange) {
            throw new IllegalArgumentException(
                    "thresholds must be at most 10 numbers above 0, at most 10, with at most 4 decimals");
        }
        return shares;
    }
}
