package io.temponest.spend;

import static io.temponest.spend.SpendFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temponest.bus.Deadline;
import io.temponest.identity.TenantId;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients who race for the last of a budget. */
class SpendRaceTest {

    private static final int CLIENTS = 64;

    private final AtomicLong committed = new AtomicLong();
    private final AtomicLong highest = new AtomicLong();
    private final AtomicLong opened = new AtomicLong();

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void sixtyFourClientsSpendADollarAndNotMore(int nodes) throws TimeoutException {
        try (SpendFixture money = new SpendFixture()) {
            TenantId tenant = money.database.tenant();
            Budget budget = money.budget(tenant, "1.00", true);
            race(money, tenant, nodes, "0.004", "0.004", call -> call.ceiling());

            assertThat(new Usd(highest.get())).isEqualTo(Usd.parse("1.00"));
            assertThat(opened.get()).isEqualTo(250);
            await().until(() -> money.status(tenant, budget).settled().equals(Usd.parse("1.00")));
        }
    }

    /** Calls that reserve more than they cost, on three nodes: what they give back is spent by others. */
    @Test
    void whatCallsGiveBackIsSpentByOthers() throws TimeoutException {
        try (SpendFixture money = new SpendFixture()) {
            TenantId tenant = money.database.tenant();
            Budget budget = money.budget(tenant, "1.00", true);
            race(money, tenant, 3, "0.001", "0.02", call -> new Usd(100_000 + Math.floorMod(call.hashCode(), 300_000)));

            assertThat(highest.get()).isLessThanOrEqualTo(Usd.parse("1.00").units());
            await().until(() -> money.status(tenant, budget).settled().units() == committed.get());
            assertThat(committed.get())
                    .isBetween(Usd.parse("0.99").units(), Usd.parse("1.00").units());
        }
    }

    /** What a call did cost. */
    private interface Cost {
        Usd of(SpendCall call);
    }

    private void race(SpendFixture money, TenantId tenant, int nodes, String floor, String ceiling, Cost cost)
            throws TimeoutException {
        List<Spending> all = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            all.add(money.start(
                    Path.of(money.folder.toString(), "node" + i), money.database.appUrl(), SpendPace.STANDARD));
        }
        List<Future<SpendOutcome>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Spending node = all.get(i % nodes);
            clients.add(client(money, node, tenant, floor, ceiling, cost));
        }
        await(Future.all(clients));
        assertThat(clients).extracting(Future::result).allMatch(last -> last instanceof SpendOutcome.Refused);
    }

    private Future<SpendOutcome> client(
            SpendFixture money, Spending node, TenantId tenant, String floor, String ceiling, Cost cost) {
        SpendCall call = money.call(tenant, floor, ceiling);
        return node.open(call, Deadline.after(Duration.ofSeconds(5))).compose(outcome -> {
            if (!(outcome instanceof SpendOutcome.Opened(Ticket ticket))) {
                return Future.succeededFuture(outcome);
            }
            long granted = ticket.granted().units();
            opened.incrementAndGet();
            highest.accumulateAndGet(committed.addAndGet(granted), Math::max);
            Usd spent = cost.of(call).min(ticket.granted());
            return money.vertx.timer(1).compose(answered -> {
                committed.addAndGet(spent.units() - granted);
                ticket.settle(SpendFixture.success(spent.toString()));
                return client(money, node, tenant, floor, ceiling, cost);
            });
        });
    }
}
