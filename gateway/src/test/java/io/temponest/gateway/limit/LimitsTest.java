package io.temponest.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.temponest.account.TenantStore;
import io.temponest.bus.Bus;
import io.temponest.cache.Caches;
import io.temponest.identity.Ids;
import io.temponest.node.MessageTypes;
import io.temponest.store.DatabaseUrl;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of the windows' answers. */
class LimitsTest {

    private final Vertx vertx = Vertx.vertx();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    /** Over windows that give one answer; plans are not asked for by those without credentials. */
    private Limits limits(Allowance answer) {
        Postgres nowhere = Postgres.connect(vertx, DatabaseUrl.parse("postgresql://nobody:none@127.0.0.1:1/none"), 1);
        TenantPlans plans = new TenantPlans(
                nowhere,
                new TenantStore(new Ids()),
                new Caches(vertx, new Bus(vertx, MessageTypes.all()), Optional.empty(), metrics));
        return new Limits(
                LimitsFile.builtIn(),
                plans,
                Optional.of((key, quota, amount) -> Future.succeededFuture(answer)),
                metrics);
    }

    @Test
    void whileTheWindowsCannotBeAskedOpenClassesGoOnWithinTheNodesOwn() {
        Limits limits = limits(new Allowance.Undecided());

        assertThat(limits.open(RouteClass.PUBLIC, "192.0.2.1").await()).isInstanceOf(Verdict.Within.class);
        assertThat(limits.open(RouteClass.LOGIN, "192.0.2.1").await()).isEqualTo(new Verdict.Undecided());
    }

    @Test
    void whereTooManyWaitForTheWindowsNobodyGoesOnAndItIsCounted() {
        Limits limits = limits(new Allowance.Overloaded());

        assertThat(limits.open(RouteClass.PUBLIC, "192.0.2.1").await()).isEqualTo(new Verdict.Overloaded());
        assertThat(metrics.get("temponest_limit_decisions")
                        .tags("class", "public", "outcome", "overloaded", "where", "redis")
                        .counter()
                        .count())
                .isEqualTo(1);
    }
}
