package io.temponest.spend;

import static io.temponest.spend.SpendFixture.await;
import static io.temponest.spend.SpendFixture.success;
import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.bus.Deadline;
import io.temponest.identity.TenantId;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;

/**
 * What three nodes do with the money of one budget in any order of openings, settlements, extensions, returns and lost answers:
 * what is settled and what calls may still cost is never more than the limit, and at the end nothing is held.
 */
class LeasePropertiesTest {

    private static final int NODES = 3;
    private static final Usd LIMIT = Usd.parse("0.00001");
    private static final SpendFixture MONEY = new SpendFixture();

    @AfterContainer
    static void close() throws TimeoutException {
        MONEY.close();
    }

    enum Kind {
        OPEN,
        SETTLE,
        EXTEND,
        ASK,
        ASK_WITHOUT_ANSWER,
        WANT,
        DOUBT,
        FLUSH
    }

    /** @param amount of a call, in units; also which call of the node */
    record Step(Kind kind, int node, int amount) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Kind> kinds = Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(6, Arbitraries.just(Kind.OPEN)),
                net.jqwik.api.Tuple.of(5, Arbitraries.just(Kind.SETTLE)),
                net.jqwik.api.Tuple.of(3, Arbitraries.just(Kind.FLUSH)),
                net.jqwik.api.Tuple.of(6, Arbitraries.just(Kind.ASK)),
                net.jqwik.api.Tuple.of(4, Arbitraries.of(Kind.class)));
        return Combinators.combine(
                        kinds,
                        Arbitraries.integers().between(0, NODES - 1),
                        Arbitraries.integers().between(1, 300))
                .as(Step::new)
                .list()
                .ofMinSize(10)
                .ofMaxSize(80);
    }

    /** A node without its timers, so that the steps alone decide. */
    private static final class Node {
        private final UUID id =
                MONEY.ids.next(io.temponest.identity.Kind.SESSION).uuid();
        private final LeaseStore leases = new LeaseStore(MONEY.postgres, id);
        private final LedgerStore ledger = new LedgerStore(MONEY.postgres, id);
        private final AtomicLong nanos = new AtomicLong();
        private final TenantMoney money;
        private final List<Future<Taken>> asked = new ArrayList<>();
        private final Set<Hold> known = new HashSet<>();
        private final List<Hold> open = new ArrayList<>();
        private final List<Pending> ended = new ArrayList<>();

        private Node(TenantId tenant) throws TimeoutException {
            await(new NodeStore(MONEY.postgres).beat(id, Duration.ofHours(1)));
            money = new TenantMoney(
                    tenant, new Around(nanos::get, () -> true, any -> {}, (millis, never) -> {}, SpendPace.STANDARD));
            money.open(MONEY.call(tenant, "0", "0"), Deadline.after(Duration.ofSeconds(5)));
            money.budgets(await(leases.budgets(List.of(tenant))), 1);
        }

        private void ask(boolean answered) throws TimeoutException {
            List<LeaseWish> wishes = money.wishes();
            if (wishes.isEmpty()) {
                return;
            }
            TreeMap<TenantId, List<LeaseWish>> all = new TreeMap<>(
                    (a, b) -> a.uuid().toString().compareTo(b.uuid().toString()));
            all.put(money.tenant(), wishes);
            List<LeaseStanding> standings = List.copyOf(await(leases.ask(all)).getOrDefault(money.tenant(), List.of()));
            if (answered) {
                money.answered(standings);
            } else {
                money.unanswered(wishes);
            }
            collect();
        }

        private void open(TenantId tenant, int amount) {
            SpendCall call = MONEY.call(tenant, new Usd(amount / 3).toString(), new Usd(amount).toString());
            asked.add(money.open(call, Deadline.after(Duration.ofSeconds(5))).orElseThrow());
            collect();
        }

        private void collect() {
            asked.stream().filter(Future::isComplete).map(Future::result).forEach(taken -> {
                if (taken instanceof Taken.Held(Hold hold) && hold.hard() && known.add(hold)) {
                    open.add(hold);
                }
            });
        }

        private void settle(TenantId tenant, int amount) {
            if (!open.isEmpty()) {
                Hold hold = open.remove(amount % open.size());
                Usd cost = new Usd(hold.granted() * (amount % 5) / 4);
                hold.settle(cost.units());
                LedgerRow row = new LedgerRow(MONEY.call(tenant, "0", "1"), success(cost.toString()));
                ended.add(new Pending(id, row, false, () -> hold.written(cost.units())));
                collect();
            }
        }

        private void flush() throws TimeoutException {
            await(ledger.write(ended, List.of()));
            ended.forEach(row -> row.written().run());
            ended.clear();
        }

        private long reserved() {
            return open.stream().mapToLong(Hold::granted).sum()
                    + ended.stream()
                            .mapToLong(row -> row.row().settlement().cost().units())
                            .sum();
        }
    }

    @Property(tries = 60)
    void theLimitHoldsAndAllIsFreedAtTheEnd(@ForAll("steps") List<Step> steps) throws TimeoutException {
        TenantId tenant = MONEY.database.tenant();
        Budget budget = MONEY.budget(tenant, LIMIT.toString(), true);
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
            nodes.add(new Node(tenant));
        }
        for (Step step : steps) {
            take(step, nodes.get(step.node()), tenant);
            long reserved = nodes.stream().mapToLong(Node::reserved).sum();
            Usd settled = MONEY.status(tenant, budget).settled();
            assertThat(settled.units() + reserved).isLessThanOrEqualTo(LIMIT.units());
        }
        for (Node node : nodes) {
            node.money.unanswered(List.of());
            while (!node.open.isEmpty()) {
                node.settle(tenant, 3);
            }
            node.flush();
            node.money.wantedElsewhere();
            node.ask(true);
        }
        assertThat(MONEY.status(tenant, budget).leased()).isEqualTo(Usd.ZERO);
        assertThat(MONEY.status(tenant, budget).settled())
                .isEqualTo(Usd.parse(MONEY.ask(
                        "select coalesce(sum(cost_usd), 0)::numeric(18, 8) from usage_ledger where tenant_id = ?",
                        tenant.uuid())));
    }

    private static void take(Step step, Node node, TenantId tenant) throws TimeoutException {
        switch (step.kind()) {
            case OPEN -> node.open(tenant, step.amount());
            case SETTLE -> node.settle(tenant, step.amount());
            case EXTEND -> node.open.stream().findFirst().ifPresent(hold -> hold.extend(step.amount() % 10));
            case ASK -> node.ask(true);
            case ASK_WITHOUT_ANSWER -> node.ask(false);
            case WANT -> node.money.wantedElsewhere();
            case DOUBT -> node.money.doubt();
            case FLUSH -> node.flush();
        }
    }
}
