package io.temponest.gateway.limit;

import io.temponest.account.TenantStore;
import io.temponest.cache.CacheKey;
import io.temponest.cache.Caches;
import io.temponest.cache.TwoLevelCache;
import io.temponest.identity.TenantId;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import java.time.Duration;

/** Which plan a tenant is on, at most five minutes old: no request changes one, and nothing tells of a change in the database. */
public final class TenantPlans {

    private static final Duration REMEMBERED = Duration.ofMinutes(5);
    private static final int MOST = 50_000;
    private static final String NAME = "plan";

    private final Postgres postgres;
    private final TenantStore tenants;
    private final TwoLevelCache<Plan> plans;

    private record Plan(String name) {}

    public TenantPlans(Postgres postgres, TenantStore tenants, Caches caches) {
        this.postgres = postgres;
        this.tenants = tenants;
        this.plans = caches.cache(new Caches.Spec<>(NAME, Plan.class, REMEMBERED, MOST));
    }

    Future<String> of(TenantId tenant) {
        return plans.get(
                        new CacheKey.OfTenant(tenant, NAME),
                        () -> postgres.inTenant(tenant, tenants::plan)
                                .map(plan -> new Plan(plan.orElse(LimitRules.LEAST_PLAN))))
                .map(Plan::name);
    }
}
