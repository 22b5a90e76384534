package io.temponest.spend;

import static io.temponest.spend.SpendFixture.await;
import static io.temponest.spend.SpendFixture.success;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;
import static org.awaitility.Awaitility.await;

import io.temponest.bus.Deadline;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.spend.AlertStore.Acknowledged;
import io.temponest.spend.AlertStore.Filter;
import io.temponest.spend.AlertStore.Seen;
import io.temponest.spend.BudgetAlert.Severity;
import io.temponest.store.Page;
import io.temponest.store.PageRequest;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Alerts of budgets. */
class AlertsTest {

    private static final SpendFixture MONEY = new SpendFixture();
    private static final AlertStore ALERTS = new AlertStore(MONEY.postgres);

    private final TenantId tenant = MONEY.database.tenant();

    @AfterAll
    static void close() throws TimeoutException {
        MONEY.close();
    }

    private static Spending node(String name) throws TimeoutException {
        return MONEY.start(Path.of(MONEY.folder.toString(), name), MONEY.database.appUrl(), SpendPace.STANDARD);
    }

    @Test
    void aThresholdRaisesOneAlertHoweverManyCallsPassIt() throws TimeoutException {
        Budget budget = MONEY.budget(
                tenant,
                new NewBudget(
                        BudgetScope.TENANT,
                        Optional.empty(),
                        BudgetPeriod.DAILY,
                        Usd.parse("1"),
                        false,
                        NewBudget.DEFAULT_THRESHOLDS));
        List<Spending> nodes = List.of(node("x"), node("y"));
        List<Future<SpendOutcome>> calls = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            calls.add(nodes.get(i % 2).open(MONEY.call(tenant, "0", "0.01"), Deadline.after(Duration.ofSeconds(5))));
        }
        await(Future.all(calls));
        calls.forEach(call -> ((SpendOutcome.Opened) call.result()).ticket().settle(success("0.01")));

        await().until(() -> MONEY.status(tenant, budget).settled().equals(Usd.parse("3")));
        Page<BudgetAlert> alerts =
                await(ALERTS.list(tenant, Filter.ALL, new PageRequest(10, Optional.empty(), Optional.empty(), false)));
        assertThat(alerts.items())
                .extracting(BudgetAlert::severity, alert -> alert.threshold().toPlainString())
                .containsExactlyInAnyOrder(
                        tuple(Severity.WARNING, "0.8"),
                        tuple(Severity.CRITICAL, "0.95"),
                        tuple(Severity.EXCEEDED, "1"));
        assertThat(alerts.items()).allMatch(alert -> alert.budget().equals(budget.id()));
    }

    @Test
    void anAlertIsAcknowledgedOnceByTheFirst() throws TimeoutException {
        MONEY.budget(tenant, "0.01", false);
        MONEY.opened(node("z"), MONEY.call(tenant, "0", "1")).settle(success("0.005"));
        await().until(() -> !await(ALERTS.list(tenant, Filter.ALL, PageRequest.first(5)))
                .items()
                .isEmpty());
        BudgetAlert raised = await(ALERTS.list(tenant, Filter.ALL, PageRequest.first(5)))
                .items()
                .getFirst();
        assertThat(raised.threshold()).isEqualByComparingTo("0.5");
        TypeId first = MONEY.id(Kind.USER);
        TypeId key = MONEY.id(Kind.API_KEY);

        Acknowledged now = acknowledge(raised, new Seen(Optional.of(first), Optional.of(key)));
        BudgetAlert seen = now.alert();
        assertThat(now.now()).isTrue();
        assertThat(seen.acknowledgedBy()).contains(first);
        assertThat(seen.acknowledgedKey()).contains(key);
        assertThat(acknowledge(raised, new Seen(Optional.of(MONEY.id(Kind.USER)), Optional.empty())))
                .isEqualTo(new Acknowledged(seen, false));
        assertThat(await(ALERTS.ofPeriod(tenant, raised.budget(), raised.periodStart())))
                .containsExactly(seen);
        assertThat(await(ALERTS.list(tenant, new Filter(Optional.empty(), Optional.of(false)), PageRequest.first(5)))
                        .items())
                .isEmpty();
        assertThat(await(ALERTS.list(
                                tenant,
                                new Filter(Optional.of(raised.budget()), Optional.of(true)),
                                PageRequest.first(5)))
                        .items())
                .containsExactly(seen);
    }

    private Acknowledged acknowledge(BudgetAlert alert, Seen by) throws TimeoutException {
        return await(MONEY.postgres.inTenant(tenant, sql -> ALERTS.acknowledge(sql, alert.id(), by)))
                .orElseThrow();
    }
}
