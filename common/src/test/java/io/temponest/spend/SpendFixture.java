package io.temponest.spend;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.temponest.bus.Bus;
import io.temponest.bus.Deadline;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.node.MessageTypes;
import io.temponest.store.DatabaseUrl;
import io.temponest.store.Postgres;
import io.temponest.testing.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A database whose every commit keeps the limits of hard budgets, and nodes that spend there. */
final class SpendFixture implements AutoCloseable {

    /** Heartbeats and what hangs on them within seconds. */
    static final SpendPace HASTY = new SpendPace(
            Duration.ofMillis(5),
            Duration.ofMillis(20),
            Duration.ofMillis(200),
            Duration.ofMillis(300),
            Duration.ofMillis(20),
            Duration.ofMillis(100),
            Duration.ofSeconds(3),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5));

    /** Fails the transaction that would break what is promised for every commit; a limit that was lowered may be exceeded, not more so. */
    private static final String WATCH = """
            create function watch_budget() returns trigger language plpgsql as $$
            declare
                most numeric;
            begin
                select limit_usd into most from budgets where id = new.budget_id and hard and archived_at is null;
                if tg_op = 'UPDATE' and most is not null and new.settled + new.leased > greatest(most, old.settled + old.leased) then
                    raise exception 'budget overspent: % + % > %', new.settled, new.leased, most;
                end if;
                if new.leased <> (select coalesce(sum(amount), 0) from budget_leases l
                                  where l.budget_id = new.budget_id and l.period_start = new.period_start) then
                    raise exception 'leased is not the sum of the leases';
                end if;
                return null;
            end $$;
            create constraint trigger watch after insert or update on budget_periods deferrable initially deferred
                for each row execute function watch_budget()""";

    final TestDatabase database = TestDatabase.create();
    final Vertx vertx = Vertx.vertx();
    final Bus bus = new Bus(vertx, MessageTypes.all());
    final Ids ids = new Ids();
    final Postgres postgres = database.connect(vertx);
    final BudgetStore budgets = new BudgetStore(postgres, ids, bus);
    final Path folder;
    private final List<Postgres> pools = new ArrayList<>(List.of(postgres));
    private final List<Spending> nodes = new ArrayList<>();

    SpendFixture() {
        try {
            folder = Files.createTempDirectory("temponest-test-spend");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        database.execute(WATCH);
    }

    Spending start(SpendPace pace) throws TimeoutException {
        return start(folder, database.appUrl(), pace);
    }

    Spending start(Path dataDir, DatabaseUrl url, SpendPace pace) throws TimeoutException {
        Postgres own = Postgres.connect(vertx, url, 4);
        pools.add(own);
        Spending node = await(Spending.start(
                new Spending.Setup(vertx, bus, own, dataDir, new SimpleMeterRegistry(), InstantSource.system()), pace));
        nodes.add(node);
        return node;
    }

    Budget budget(TenantId tenant, String limit, boolean hard) throws TimeoutException {
        return budget(
                tenant,
                new NewBudget(
                        BudgetScope.TENANT,
                        Optional.empty(),
                        BudgetPeriod.TOTAL,
                        Usd.parse(limit),
                        hard,
                        List.of(new BigDecimal("0.5"), BigDecimal.ONE)));
    }

    Budget budget(TenantId tenant, NewBudget wanted) throws TimeoutException {
        return await(postgres.inTenant(tenant, sql -> budgets.create(sql, wanted)));
    }

    BudgetStatus status(TenantId tenant, Budget budget) throws TimeoutException {
        return await(budgets.status(tenant, budget.id())).orElseThrow();
    }

    static Account account(TenantId tenant) {
        return new Account(
                tenant,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    SpendCall call(TenantId tenant, String floor, String ceiling) {
        return call(account(tenant), floor, ceiling);
    }

    SpendCall call(Account account, String floor, String ceiling) {
        return new SpendCall(ids.next(Kind.USAGE), account, "openai", "gpt-5", Usd.parse(floor), Usd.parse(ceiling));
    }

    TypeId id(Kind kind) {
        return ids.next(kind);
    }

    SpendOutcome open(Spending node, SpendCall call) throws TimeoutException {
        return await(node.open(call, Deadline.after(Duration.ofSeconds(5))));
    }

    Ticket opened(Spending node, SpendCall call) throws TimeoutException {
        return ((SpendOutcome.Opened) open(node, call)).ticket();
    }

    static Settlement success(String cost) {
        return new Settlement(
                Settlement.Status.SUCCEEDED, new Usage(10, 4, 2, false), Usd.parse(cost), Duration.ofMillis(7));
    }

    /** The first column of the first row, as text. */
    String ask(String query, Object... parameters) {
        try (Connection connection = TestDatabase.connection(database.superuserUrl());
                PreparedStatement statement = connection.prepareStatement(query)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return String.valueOf(rows.getString(1));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(query, e);
        }
    }

    static <T> T await(Future<T> future) throws TimeoutException {
        return future.await(60, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws TimeoutException {
        for (Spending node : nodes) {
            await(node.stop());
        }
        for (Postgres pool : pools) {
            await(pool.close());
        }
        await(vertx.close());
    }
}
