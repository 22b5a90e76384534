package io.temponest.gateway.limit;

import java.util.Map;

/**
 * What a plan allows.
 *
 * @param streams streams and long waits that a tenant may have open on one node
 * @param requests by class; a class that is not there is not limited; {@link RouteClass#neededInPlans} are
 * @param tokens model tokens, over all classes that use models
 */
public record PlanRules(int streams, Map<RouteClass, Map<Subject, Quota>> requests, Map<Subject, Quota> tokens) {

    public PlanRules {
        requests = Map.copyOf(requests);
        tokens = Map.copyOf(tokens);
    }
}
