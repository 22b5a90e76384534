package io.temponest.spend;

import static io.temponest.spend.SpendFixture.success;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temponest.bus.Deadline;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Calls of one node: what is granted, refused, waited for and written. */
class SpendingTest {

    private static final SpendFixture MONEY = new SpendFixture();

    private final TenantId tenant = MONEY.database.tenant();
    private final Spending node = start();

    private static Spending start() {
        try {
            return MONEY.start(SpendPace.STANDARD);
        } catch (TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterAll
    static void close() throws TimeoutException {
        MONEY.close();
    }

    private String ledger(String columns) {
        return MONEY.ask("select " + columns + " from usage_ledger where tenant_id = ?", tenant.uuid());
    }

    @Test
    void aSettledCallIsARowOfTheLedger() throws TimeoutException {
        Account account = new Account(
                tenant,
                Optional.of(MONEY.id(Kind.RUN)),
                Optional.of(3),
                Optional.of(MONEY.id(Kind.AGENT)),
                Optional.of(MONEY.id(Kind.PROJECT)),
                Optional.of(MONEY.id(Kind.USER)),
                Optional.of(MONEY.id(Kind.API_KEY)));
        SpendCall call = MONEY.call(account, "0.001", "0.5");
        Ticket ticket = MONEY.opened(node, call);
        assertThat(ticket.hard()).isFalse();
        assertThat(ticket.granted()).isEqualTo(Usd.parse("0.5"));
        ticket.settle(success("0.01234567"));

        await().until(() -> ledger("count(*)").equals("1"));
        LedgerEntry entry = SpendFixture.await(new CostStore(MONEY.postgres)
                        .ledger(tenant, new CostRange(call.at(), call.at().plusMillis(1)), Optional.empty(), 10))
                .getFirst();
        assertThat(entry)
                .isEqualTo(new LedgerEntry(
                        call.attempt(),
                        account.run(),
                        account.step(),
                        account.agent(),
                        account.project(),
                        account.user(),
                        account.apiKey(),
                        "openai",
                        "gpt-5",
                        "succeeded",
                        success("0").usage(),
                        Usd.parse("0.01234567"),
                        7,
                        call.at()));
    }

    @Test
    void onlyTheFirstSettlementCounts() throws TimeoutException {
        Ticket ticket = MONEY.opened(node, MONEY.call(tenant, "0", "0.5"));
        ticket.settle(success("0.1"));
        ticket.settle(success("0.2"));
        MONEY.opened(node, MONEY.call(tenant, "0", "0.5")).settle(success("0.4"));

        await().until(() -> ledger("count(*)").equals("2"));
        assertThat(ledger("sum(cost_usd)")).isEqualTo("0.50000000");
    }

    @Test
    void aCallThatFitsNowhereIsRefusedByTheBudgetThatItDoesNotFit() throws TimeoutException {
        Budget budget = MONEY.budget(tenant, "0.10", true);

        assertThat(MONEY.open(node, MONEY.call(tenant, "0.11", "0.20")))
                .isEqualTo(new SpendOutcome.Refused(budget.id(), "tenant", "total"));
    }

    @Test
    void whereLessIsLeftLessIsGrantedButNeverLessThanTheFloor() throws TimeoutException {
        Budget budget = MONEY.budget(tenant, "0.10", true);
        Ticket first = MONEY.opened(node, MONEY.call(tenant, "0.04", "0.07"));
        assertThat(first.granted()).isEqualTo(Usd.parse("0.07"));
        assertThat(first.hard()).isTrue();
        Ticket second = MONEY.opened(node, MONEY.call(tenant, "0.02", "0.07"));
        assertThat(second.granted()).isEqualTo(Usd.parse("0.03"));
        assertThat(second.extend(new Usd(1))).isFalse();

        first.settle(success("0.05"));
        assertThat(second.extend(Usd.parse("0.02"))).isTrue();
        assertThat(second.extend(new Usd(1))).isFalse();
        assertThat(second.granted()).isEqualTo(Usd.parse("0.05"));
        second.settle(success("0.05"));
        assertThat(MONEY.open(node, MONEY.call(tenant, "0.00000001", "0.01"))).isInstanceOf(SpendOutcome.Refused.class);
        await().until(() -> MONEY.status(tenant, budget).settled().equals(Usd.parse("0.10")));
    }

    @Test
    void whoWaitsIsServedInOrderWhenMoneyIsFree() throws TimeoutException {
        MONEY.budget(tenant, "0.10", true);
        Ticket all = MONEY.opened(node, MONEY.call(tenant, "0.10", "0.10"));
        List<Future<SpendOutcome>> waiting = List.of(wait("0.06"), wait("0.04"), wait("0.05"));
        assertThat(waiting).noneMatch(Future::isComplete);

        all.settle(success("0"));
        Ticket first = ((SpendOutcome.Opened) SpendFixture.await(waiting.get(0))).ticket();
        Ticket second = ((SpendOutcome.Opened) SpendFixture.await(waiting.get(1))).ticket();
        assertThat(waiting.get(2).isComplete()).isFalse();
        first.settle(success("0.01"));
        SpendOutcome third = SpendFixture.await(waiting.get(2));
        second.settle(success("0.04"));
        assertThat(third).isInstanceOf(SpendOutcome.Opened.class);
        ((SpendOutcome.Opened) third).ticket().settle(success("0.01"));
    }

    private Future<SpendOutcome> wait(String amount) {
        return node.open(MONEY.call(tenant, amount, amount), Deadline.after(Duration.ofSeconds(5)));
    }

    @Test
    void whoWaitedForNothingIsRefusedAtItsDeadline() throws TimeoutException {
        Budget budget = MONEY.budget(tenant, "0.10", true);
        Ticket all = MONEY.opened(node, MONEY.call(tenant, "0.10", "0.10"));
        Future<SpendOutcome> late =
                node.open(MONEY.call(tenant, "0.01", "0.01"), Deadline.after(Duration.ofMillis(100)));

        assertThat(SpendFixture.await(late)).isEqualTo(new SpendOutcome.Refused(budget.id(), "tenant", "total"));
        all.settle(success("0.10"));
    }

    @Test
    void everyBudgetOfTheCallMustHaveItsMoney() throws TimeoutException {
        TypeId key = MONEY.id(Kind.API_KEY);
        MONEY.budget(tenant, "1", true);
        Budget narrow = MONEY.budget(
                tenant,
                new NewBudget(
                        BudgetScope.KEY, Optional.of(key), BudgetPeriod.MONTHLY, Usd.parse("0.05"), true, List.of()));
        Account account = new Account(
                tenant,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(key));

        assertThat(MONEY.open(node, MONEY.call(account, "0.06", "0.06")))
                .isEqualTo(new SpendOutcome.Refused(narrow.id(), "key", "monthly"));
        MONEY.opened(node, MONEY.call(tenant, "0.06", "0.06")).settle(success("0.06"));
        MONEY.opened(node, MONEY.call(account, "0.05", "0.05")).settle(success("0.05"));
        await().until(() -> MONEY.status(tenant, narrow).settled().equals(Usd.parse("0.05")));
    }

    @Test
    void idleMoneyGoesBack() throws TimeoutException {
        Spending hasty = MONEY.start(SpendFixture.HASTY);
        Budget budget = MONEY.budget(tenant, "1", true);
        MONEY.opened(hasty, MONEY.call(tenant, "0.01", "0.01")).settle(success("0.01"));

        await().until(() -> MONEY.status(tenant, budget).settled().equals(Usd.parse("0.01")));
        await().until(() -> MONEY.status(tenant, budget).leased().equals(Usd.ZERO));
    }

    /** Of a month that has no partition. */
    @Test
    void aRowThatTheLedgerDoesNotTakeKeepsNoOtherFromIt() throws TimeoutException {
        Spending other = MONEY.start(MONEY.folder.resolve("ill"), MONEY.database.appUrl(), SpendFixture.HASTY);
        SpendCall call = new SpendCall(
                new TypeId(Kind.USAGE, new UUID(0x7000L, Long.MIN_VALUE)),
                SpendFixture.account(tenant),
                "openai",
                "gpt-5",
                Usd.ZERO,
                Usd.ZERO);
        MONEY.opened(other, call).settle(success("0"));
        for (int i = 0; i < 20; i++) {
            MONEY.opened(other, MONEY.call(tenant, "0", "1")).settle(success("0.01"));
        }

        await().until(() -> ledger("count(*)").equals("20"));
    }

    @Test
    void aFullJournalIsNotOverrunAndCallsWaitForTheLedger() throws TimeoutException {
        TenantId other = MONEY.database.tenant();
        List<Ticket> open = new ArrayList<>();
        for (int i = 0; i < Journal.SLOTS; i++) {
            open.add(MONEY.opened(node, MONEY.call(other, "0", "0.01")));
        }

        assertThat(SpendFixture.await(node.open(MONEY.call(other, "0", "0.01"), Deadline.after(Duration.ofMillis(20)))))
                .isEqualTo(new SpendOutcome.Unavailable());
        List<Future<SpendOutcome>> late = Stream.generate(() -> MONEY.call(other, "0", "0.01"))
                .limit(3)
                .map(call -> node.open(call, Deadline.after(Duration.ofSeconds(5))))
                .toList();
        assertThat(late).noneMatch(Future::isComplete);
        open.forEach(ticket -> ticket.settle(success("0.001")));
        for (Future<SpendOutcome> opened : late) {
            ((SpendOutcome.Opened) SpendFixture.await(opened)).ticket().settle(success("1"));
        }
        await().until(() -> MONEY.ask("select sum(cost_usd) from usage_ledger where tenant_id = ?", other.uuid())
                .equals("11.19200000"));
        MONEY.opened(node, MONEY.call(other, "0", "0.01")).settle(success("0"));
        assertThat(MONEY.ask("select count(*) from usage_reservations where tenant_id = ?", other.uuid()))
                .isEqualTo("0");
    }

    @Test
    void aStoppedNodeOpensNothingAndLeavesNothing() throws TimeoutException {
        Budget budget = MONEY.budget(tenant, "1", true);
        Spending going = MONEY.start(MONEY.folder.resolve("going"), MONEY.database.appUrl(), SpendPace.STANDARD);
        MONEY.opened(going, MONEY.call(tenant, "0.01", "0.01")).settle(success("0.01"));
        SpendFixture.await(going.stop());

        assertThat(MONEY.open(going, MONEY.call(tenant, "0", "0"))).isEqualTo(new SpendOutcome.Unavailable());
        assertThat(MONEY.status(tenant, budget).settled()).isEqualTo(Usd.parse("0.01"));
        assertThat(MONEY.status(tenant, budget).leased()).isEqualTo(Usd.ZERO);
        assertThat(MONEY.folder.resolve("going/spend")).isEmptyDirectory();
    }
}
