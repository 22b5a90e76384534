package io.temponest.gateway.limit;

import java.util.Map;

/**
 * All limits.
 *
 * @param open of requests that come without credentials
 * @param plans by name; there always is {@code free}
 */
record LimitRules(Map<RouteClass, Map<Subject, Quota>> open, Map<String, PlanRules> plans) {

    static final String LEAST_PLAN = "free";

    LimitRules {
        open = Map.copyOf(open);
        plans = Map.copyOf(plans);
    }

    /** A plan that is not described here is held to the least one. */
    PlanRules plan(String name) {
        PlanRules known = plans.get(name);
        return known == null ? plans.getOrDefault(LEAST_PLAN, new PlanRules(1, Map.of(), Map.of())) : known;
    }
}
