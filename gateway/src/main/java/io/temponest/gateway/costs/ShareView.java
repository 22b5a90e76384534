package io.temponest.gateway.costs;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.temponest.spend.CostDimension;
import io.temponest.spend.CostShare;
import io.temponest.spend.CostShares;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What one of those costs that they are split by.
 *
 * @param which its id or name, by what it is; empty: calls that had none
 * @param other true for all that are not named, together
 */
record ShareView(
        @JsonAnyGetter Map<String, String> which,
        @JsonUnwrapped TotalsView totals,
        Optional<Boolean> other) {

    static List<ShareView> of(CostDimension dimension, CostShares shares) {
        return Stream.concat(
                        shares.shares().stream()
                                .map(share -> new ShareView(
                                        which(dimension, share), TotalsView.of(share.totals()), Optional.empty())),
                        shares.rest().stream()
                                .map(rest -> new ShareView(Map.of(), TotalsView.of(rest), Optional.of(true))))
                .toList();
    }

    private static Map<String, String> which(CostDimension dimension, CostShare share) {
        Map<String, String> which = new LinkedHashMap<>();
        share.key()
                .ifPresent(key -> which.put(
                        switch (dimension) {
                            case AGENT -> "agent_id";
                            case PROJECT -> "project_id";
                            case USER -> "user_id";
                            case KEY -> "api_key_id";
                            case MODEL -> "model";
                            case PROVIDER -> "provider";
                        },
                        key));
        share.slug().ifPresent(slug -> which.put(dimension == CostDimension.AGENT ? "agent" : "project", slug));
        return which;
    }
}
