package io.temponest.spend;

import java.util.List;
import java.util.Optional;

/**
 * Costs split by something; all of it together is what they come to.
 *
 * @param shares the dearest first
 * @param rest of all others; empty where there are none
 */
public record CostShares(List<CostShare> shares, Optional<CostTotals> rest) {

    public CostShares {
        shares = List.copyOf(shares);
    }
}
