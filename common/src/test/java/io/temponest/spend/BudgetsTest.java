package io.temponest.spend;

import static io.temponest.spend.SpendFixture.await;
import static io.temponest.spend.SpendFixture.success;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.store.PageRequest;
import io.temponest.testing.TestDatabase;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Budgets that are made, changed and ended while calls go on. */
class BudgetsTest {

    private static final SpendFixture MONEY = new SpendFixture();

    private final TenantId tenant = MONEY.database.tenant();

    @AfterAll
    static void close() throws TimeoutException {
        MONEY.close();
    }

    private static Spending node(String name) throws TimeoutException {
        return MONEY.start(Path.of(MONEY.folder.toString(), name), MONEY.database.appUrl(), SpendPace.STANDARD);
    }

    private boolean refuses(Spending node) throws TimeoutException {
        SpendOutcome outcome = MONEY.open(node, MONEY.call(tenant, "0.01", "0.01"));
        if (outcome instanceof SpendOutcome.Opened(Ticket ticket)) {
            ticket.settle(success("0"));
        }
        return outcome instanceof SpendOutcome.Refused;
    }

    /** Nobody is told: the nodes find out by themselves. */
    @Test
    void aNewALoweredAndAnEndedBudgetHoldOnAllNodesWithinTwoSeconds() throws TimeoutException {
        List<Spending> nodes = List.of(node("a"), node("b"));
        for (Spending node : nodes) {
            MONEY.opened(node, MONEY.call(tenant, "0", "1")).settle(success("0.02"));
        }
        await().until(() -> MONEY.ask("select count(*) from usage_ledger where tenant_id = ?", tenant.uuid())
                .equals("2"));

        Budget budget = MONEY.budget(tenant, "0.045", true);
        holdsWithinTwoSeconds(nodes, true);
        // What was spent before counts from the beginning.
        assertThat(MONEY.status(tenant, budget).settled()).isEqualTo(Usd.parse("0.04"));

        change(budget, new BudgetChanges(Optional.of(Usd.parse("1")), Optional.empty(), Optional.empty()));
        holdsWithinTwoSeconds(nodes, false);
        change(budget, new BudgetChanges(Optional.of(Usd.parse("0.045")), Optional.empty(), Optional.empty()));
        holdsWithinTwoSeconds(nodes, true);
        change(budget, new BudgetChanges(Optional.empty(), Optional.of(false), Optional.empty()));
        holdsWithinTwoSeconds(nodes, false);
        change(budget, new BudgetChanges(Optional.empty(), Optional.of(true), Optional.empty()));
        holdsWithinTwoSeconds(nodes, true);
        boolean archived = await(MONEY.postgres.inTenant(tenant, sql -> MONEY.budgets.archive(sql, budget.id())));
        assertThat(archived).isTrue();
        holdsWithinTwoSeconds(nodes, false);
        assertThat(await(MONEY.budgets.find(tenant, budget.id()))).isEmpty();
    }

    private void change(Budget budget, BudgetChanges changes) throws TimeoutException {
        Optional<Budget> changed =
                await(MONEY.postgres.inTenant(tenant, sql -> MONEY.budgets.change(sql, budget.id(), changes)));
        assertThat(changed).isPresent();
    }

    private void holdsWithinTwoSeconds(List<Spending> nodes, boolean refused) {
        await().atMost(Duration.ofSeconds(2))
                .until(() -> refuses(nodes.get(0)) == refused && refuses(nodes.get(1)) == refused);
    }

    @Test
    void whoIsToldOfABudgetKeepsItAtOnce() throws TimeoutException {
        Spending node = MONEY.start(
                MONEY.folder.resolve("slow"),
                MONEY.database.appUrl(),
                new SpendPace(
                        Duration.ofMillis(5),
                        Duration.ofMillis(250),
                        Duration.ofHours(1),
                        Duration.ofSeconds(10),
                        Duration.ofMillis(50),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5)));
        assertThat(refuses(node)).isFalse();

        MONEY.budget(tenant, "0", true);
        MONEY.budgets.announce(tenant);
        await().until(() -> refuses(node));
    }

    @Test
    void aBudgetIsListedAsItWasMade() throws TimeoutException {
        NewBudget wanted = new NewBudget(
                BudgetScope.AGENT,
                Optional.of(MONEY.id(Kind.AGENT)),
                BudgetPeriod.WEEKLY,
                Usd.parse("12.34567891"),
                true,
                List.of(BigDecimal.ONE, new BigDecimal("0.50")));
        Budget made = MONEY.budget(tenant, wanted);

        assertThat(made.scopeId()).isEqualTo(wanted.scopeId());
        assertThat(made.limit()).isEqualTo(wanted.limit());
        assertThat(made.thresholds()).containsExactly(new BigDecimal("0.5"), BigDecimal.ONE);
        assertThat(await(MONEY.budgets.list(tenant, PageRequest.first(5))).items())
                .containsExactly(made);
        assertThat(await(MONEY.budgets.statuses(tenant, PageRequest.first(5))).items())
                .containsExactly(MONEY.status(tenant, made));
        assertThat(await(MONEY.budgets.list(MONEY.database.tenant(), PageRequest.first(5)))
                        .items())
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(BudgetPeriod.class)
    void codeAndDatabaseAgreeOnPeriods(BudgetPeriod period) {
        for (int i = 0; i < 40; i++) {
            Instant at = LocalDate.of(2024, 2, 27)
                    .plusDays(i * 29L)
                    .atStartOfDay(ZoneOffset.UTC)
                    .toInstant()
                    .minusMillis(i % 2);
            String start = MONEY.ask(
                    "select to_char(budget_period_start(?, ?::timestamptz) at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
                    period.toString(),
                    at.toString());
            assertThat(start).isEqualTo(period.start(at).toString());
            assertThat(period.end(period.start(at)).filter(end -> !end.isAfter(at)))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "update budget_periods set settled = 0",
                "update budget_leases set amount = 0",
                "insert into usage_hourly select * from usage_hourly",
                "update usage_ledger set cost_usd = 0",
                "delete from usage_ledger",
                "delete from budgets",
                "insert into budget_alerts select * from budget_alerts",
                "set role temponest_spender"
            })
    void theServiceCannotForgeWhatWasSpent(String attempt) {
        assertThat(refused(attempt)).containsPattern("permission denied");
    }

    private String refused(String attempt) {
        try (var app = TestDatabase.connection(MONEY.database.appUrl());
                var statement = app.createStatement()) {
            statement.execute(attempt);
            return "done";
        } catch (SQLException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
