package io.temponest.spend;

import static io.temponest.spend.SpendFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Roll-ups of the ledger and what is read from them. */
class CostsTest {

    private static final SpendFixture MONEY = new SpendFixture();
    private static final CostStore COSTS = new CostStore(MONEY.postgres);
    private static final String INSERT = """
            insert into usage_ledger (id, tenant_id, agent_id, project_id, user_id, api_key_id, provider, model, status,
                                      input_tokens, cached_input_tokens, output_tokens, cost_usd, latency_ms, created_at)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)""";

    private final TenantId tenant = MONEY.database.tenant();
    private final Instant now = Instant.now();

    @AfterAll
    static void close() throws TimeoutException {
        MONEY.close();
    }

    private void insert(Optional<TypeId> agent, String provider, String status, String cost, Instant at) {
        MONEY.database.execute(
                """
                insert into usage_ledger (id, tenant_id, agent_id, provider, model, status, input_tokens, cached_input_tokens,
                                          output_tokens, cost_usd, latency_ms, created_at)
                values (?, ?, nullif(?, '')::uuid, ?, 'm', ?, 10, 4, 2, ?::numeric, 1, ?)""",
                MONEY.id(Kind.USAGE).uuid(),
                tenant.uuid(),
                agent.map(id -> id.uuid().toString()).orElse(""),
                provider,
                status,
                cost,
                Timestamp.from(at));
    }

    /** As the engine and many nodes write: many connections, rows of all kinds, some of which are there already. */
    @Test
    void theRollUpsEqualTheLedgerToTheLastDigit() throws Exception {
        List<Callable<Integer>> writers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            int seed = i;
            writers.add(() -> write(RandomGenerator.of("L64X128MixRandom"), seed));
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            assertThat(threads.invokeAll(writers)).extracting(Future::get).allMatch(written -> written == 150);
        }

        String sums =
                "count(*), count(*) filter (where status = 'failed'), count(*) filter (where status = 'cancelled'), "
                        + "count(*) filter (where status = 'lost'), sum(input_tokens), sum(cached_input_tokens), sum(output_tokens), sum(cost_usd)";
        String key =
                "tenant_id, date_trunc('hour', created_at), agent_id, project_id, user_id, api_key_id, provider, model";
        String rolled =
                "select tenant_id, hour, agent_id, project_id, user_id, api_key_id, provider, model, calls, failed, cancelled, "
                        + "lost, input_tokens, cached_input_tokens, output_tokens, cost_usd from usage_hourly";
        String ledger = "select %s, %s from usage_ledger group by 1, 2, 3, 4, 5, 6, 7, 8".formatted(key, sums);
        assertThat(MONEY.ask("select count(*) from ((%s except all %s) union all (%s except all %s)) x"
                        .formatted(rolled, ledger, ledger, rolled)))
                .isEqualTo("0");
        assertThat(MONEY.ask("select sum(calls) from usage_hourly where tenant_id = ?", tenant.uuid()))
                .isEqualTo("1200");
    }

    private int write(RandomGenerator random, int writer) throws SQLException {
        int written = 0;
        try (Connection connection = TestDatabase.connection(MONEY.database.superuserUrl());
                PreparedStatement row = connection.prepareStatement(INSERT)) {
            for (int i = 0; i < 150; i++) {
                row.setObject(1, MONEY.id(Kind.USAGE).uuid());
                row.setObject(2, tenant.uuid());
                for (int column = 3; column <= 6; column++) {
                    row.setObject(column, random.nextBoolean() ? tenant.uuid() : null);
                }
                row.setString(7, "p" + random.nextInt(2));
                row.setString(8, "m" + random.nextInt(2));
                row.setString(
                        9, List.of("succeeded", "failed", "cancelled", "lost").get(random.nextInt(4)));
                row.setLong(10, random.nextInt(1_000));
                row.setLong(11, random.nextInt(100));
                row.setLong(12, writer);
                row.setBigDecimal(13, new Usd(random.nextLong(1, 1_000_000)).amount());
                row.setTimestamp(14, Timestamp.from(now.minus(random.nextInt(3), ChronoUnit.HOURS)));
                written += row.executeUpdate();
            }
        }
        return written;
    }

    /** What the run engine writes, under its own role and without a reservation. */
    @Test
    void theEnginesCallsAreCountedToo() throws SQLException, TimeoutException {
        Budget budget = MONEY.budget(tenant, "1", true);
        try (Connection engine = TestDatabase.connection(MONEY.database.appUrl());
                Statement statement = engine.createStatement()) {
            statement.execute("set role temponest_engine");
            statement.execute("""
                    insert into usage_ledger (id, tenant_id, provider, model, status, cost_usd, latency_ms)
                    values ('%s', '%s', 'p', 'm', 'succeeded', 0.25, 1)""".formatted(MONEY.id(Kind.USAGE).uuid(), tenant.uuid()));
        }

        assertThat(MONEY.status(tenant, budget).settled()).isEqualTo(usd("0.25"));
        assertThat(await(COSTS.summary(tenant, new CostRange(now, now.plusSeconds(60)), 10))
                        .totals()
                        .costUsd())
                .isEqualTo(usd("0.25"));
    }

    @Test
    void costsAreSummedByHourDayAndWhatTheyAreSplitBy() throws TimeoutException {
        Instant noon = now.truncatedTo(ChronoUnit.DAYS).minus(36, ChronoUnit.HOURS);
        TypeId agent = MONEY.id(Kind.AGENT);
        insert(Optional.of(agent), "openai", "succeeded", "0.25", noon);
        insert(Optional.of(agent), "openai", "failed", "0.05", noon.plusSeconds(60));
        insert(Optional.of(agent), "anthropic", "lost", "0.50", noon.plusSeconds(3_600));
        insert(Optional.of(agent), "openai", "cancelled", "0.01", noon.plus(1, ChronoUnit.DAYS));
        CostRange two = new CostRange(noon, noon.plus(25, ChronoUnit.HOURS));

        CostSummary summary = await(COSTS.summary(tenant, two, 10));
        assertThat(summary.totals()).isEqualTo(new CostTotals(4, 1, 1, 1, 40, 16, 8, Usd.parse("0.81")));
        assertThat(summary.byModel()).isEqualTo(await(COSTS.by(tenant, CostDimension.MODEL, two, 10)));
        assertThat(summary.byAgent()).isEqualTo(await(COSTS.by(tenant, CostDimension.AGENT, two, 10)));
        assertThat(summary.byAgent().rest()).isEmpty();
        assertThat(await(COSTS.hourly(tenant, two)))
                .extracting(bucket -> bucket.start() + " " + bucket.totals().costUsd())
                .containsExactly(
                        noon + " 0.30000000",
                        noon.plusSeconds(3_600) + " 0.50000000",
                        noon.plus(1, ChronoUnit.DAYS) + " 0.01000000");
        assertThat(await(COSTS.daily(tenant, two)))
                .extracting(bucket -> bucket.start() + " " + bucket.totals().costUsd())
                .containsExactly(
                        noon.truncatedTo(ChronoUnit.DAYS) + " 0.80000000",
                        noon.truncatedTo(ChronoUnit.DAYS).plus(1, ChronoUnit.DAYS) + " 0.01000000");
        assertThat(shares(CostDimension.PROVIDER, two)).containsExactly("anthropic 0.50000000", "openai 0.31000000");
        assertThat(shares(CostDimension.MODEL, two)).containsExactly("anthropic/m 0.50000000", "openai/m 0.31000000");
        assertThat(shares(CostDimension.AGENT, two)).containsExactly(agent + " 0.81000000");
        assertThat(shares(CostDimension.USER, two)).containsExactly("none 0.81000000");
        assertThat(shares(CostDimension.PROJECT, two)).hasSize(1);
        assertThat(shares(CostDimension.KEY, two)).hasSize(1);
        assertThat(await(COSTS.summary(MONEY.database.tenant(), two, 10)))
                .isEqualTo(new CostSummary(
                        CostTotals.NONE,
                        new CostShares(List.of(), Optional.empty()),
                        new CostShares(List.of(), Optional.empty())));
    }

    /** Nothing of what is beyond is lost. */
    @Test
    void whatIsBeyondTheDearestIsTheRest() throws TimeoutException {
        for (int i = 1; i <= 5; i++) {
            insert(Optional.of(MONEY.id(Kind.AGENT)), "p" + i, "succeeded", "0.0000000" + i, now);
        }
        insert(Optional.empty(), "p5", "failed", "0.1", now);
        CostRange hour = new CostRange(now, now.plusSeconds(1));

        CostSummary summary = await(COSTS.summary(tenant, hour, 2));

        assertThat(summary.byModel().shares())
                .extracting(share ->
                        share.key().orElse("none") + " " + share.totals().costUsd())
                .containsExactly("p5/m 0.10000005", "p4/m 0.00000004");
        assertThat(summary.byModel().rest()).contains(new CostTotals(3, 0, 0, 0, 30, 12, 6, usd("0.00000006")));
        assertThat(summary.byAgent().shares().getFirst().key()).isEmpty();
        assertThat(summary.byAgent().rest()).contains(new CostTotals(4, 0, 0, 0, 40, 16, 8, usd("0.00000010")));
        assertThat(summary.totals()).isEqualTo(new CostTotals(6, 1, 0, 0, 60, 24, 12, usd("0.10000015")));
        assertThat(await(COSTS.by(tenant, CostDimension.MODEL, hour, 2))).isEqualTo(summary.byModel());
        assertThat(await(COSTS.by(tenant, CostDimension.AGENT, hour, 2))).isEqualTo(summary.byAgent());
    }

    private List<String> shares(CostDimension dimension, CostRange range) throws TimeoutException {
        return await(COSTS.by(tenant, dimension, range, 10)).shares().stream()
                .map(share -> share.key().orElse("none") + " " + share.totals().costUsd())
                .toList();
    }

    @Test
    void aForecastGoesOnAsTheLastWeek() throws TimeoutException {
        Instant tenth = Instant.parse("2026-04-10T00:30:00Z");
        insert(Optional.empty(), "openai", "succeeded", "5", Instant.parse("2026-03-01T00:00:00Z"));
        insert(Optional.empty(), "openai", "succeeded", "1.00", Instant.parse("2026-04-01T00:00:00Z"));
        insert(Optional.empty(), "openai", "succeeded", "1.68", tenth.minus(2, ChronoUnit.DAYS));
        insert(Optional.empty(), "openai", "succeeded", "0.10", tenth);

        CostForecast forecast = await(COSTS.forecast(tenant, tenth));
        // 1.68 in 168 hours; 503.5 hours are left of April.
        assertThat(forecast)
                .isEqualTo(new CostForecast(
                        Instant.parse("2026-04-01T00:00:00Z"),
                        Instant.parse("2026-05-01T00:00:00Z"),
                        Usd.parse("2.78"),
                        Usd.parse("0.01"),
                        Usd.parse("7.815")));
    }

    @Test
    void anExportGoesThroughTheLedgerPageByPage() throws TimeoutException {
        for (int i = 0; i < 5; i++) {
            insert(Optional.empty(), "openai", "succeeded", "0.0" + i, now);
        }
        CostRange range = new CostRange(now.minusSeconds(60), now.plusSeconds(3_600));
        List<LedgerEntry> first = await(COSTS.ledger(tenant, range, Optional.empty(), 3));
        List<LedgerEntry> second =
                await(COSTS.ledger(tenant, range, Optional.of(first.getLast().id()), 3));

        assertThat(first).extracting(LedgerEntry::costUsd).containsExactly(usd("0"), usd("0.01"), usd("0.02"));
        assertThat(second).extracting(LedgerEntry::costUsd).containsExactly(usd("0.03"), usd("0.04"));
    }

    private static Usd usd(String amount) {
        return Usd.parse(amount);
    }
}
