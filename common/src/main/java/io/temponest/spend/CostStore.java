package io.temponest.spend;

import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.StreamSupport;

/** What a tenant's calls did cost: from the hourly roll-ups, which equal the ledger, and, for exports, the ledger itself. */
public final class CostStore {

    /** Of any rows that have the columns of the roll-ups, such as sums of them. */
    private static final String SUMS = """
            coalesce(sum(calls), 0)::bigint as calls, coalesce(sum(failed), 0)::bigint as failed,
            coalesce(sum(cancelled), 0)::bigint as cancelled, coalesce(sum(lost), 0)::bigint as lost,
            coalesce(sum(input_tokens), 0)::bigint as input_tokens,
            coalesce(sum(cached_input_tokens), 0)::bigint as cached_input_tokens,
            coalesce(sum(output_tokens), 0)::bigint as output_tokens, coalesce(sum(cost_usd), 0) as cost_usd""";

    private static final String TOTALS =
            SUMS + " from usage_hourly where tenant_id = current_tenant() and hour >= $1 and hour < $2";

    private static final String HOURLY = "select hour as start, " + TOTALS + " group by 1 order by 1";

    private static final String DAILY =
            "select date_trunc('day', hour at time zone 'UTC') at time zone 'UTC' as start, " + TOTALS
                    + " group by 1 order by 1";

    private static final String BY_AGENT = split("agent_id", "(select a.slug from agents a where a.id = key)");
    private static final String BY_PROJECT = split("project_id", "(select p.slug from projects p where p.id = key)");
    private static final String BY_USER = split("user_id", "null::text");
    private static final String BY_KEY = split("api_key_id", "null::text");
    private static final String BY_MODEL = split("provider || '/' || model", "null::text");
    private static final String BY_PROVIDER = split("provider", "null::text");

    /** What is beyond the dearest is in one row, the last. */
    private static String split(String key, String slug) {
        return """
                with parts as (select %1$s as part, %2$s group by 1),
                ranked as (select parts.*, row_number() over (order by cost_usd desc, calls desc, part) as rank from parts),
                named as (select ranked.*, least(rank, $3::int + 1) as place, case when rank <= $3::int then part end as key
                          from ranked)
                select place > $3::int as rest, key, %3$s as slug, %4$s
                from named group by place, key order by place""".formatted(key, TOTALS, slug, SUMS);
    }

    /** In one statement, so that the parts add up to the whole whatever is written meanwhile. */
    private static final String SUMMARY = """
            with hours as materialized (select provider || '/' || model as name, agent_id, %1$s group by 1, 2),
            parts as (select 'model' as kind, name as part, %2$s from hours group by name
                      union all select 'agent', agent_id::text, %2$s from hours group by agent_id),
            ranked as (select parts.*, row_number() over (partition by kind order by cost_usd desc, calls desc, part) as rank
                       from parts),
            named as (select ranked.*, least(rank, $3::int + 1) as place, case when rank <= $3::int then part end as key
                      from ranked),
            shares as (select kind, place, key, %2$s from named group by kind, place, key
                       union all select 'total', 0, null, %2$s from hours)
            select shares.*, place > $3::int as rest,
                   (select a.slug from agents a where a.id = case kind when 'agent' then key::uuid end) as slug
            from shares order by kind, place""".formatted(TOTALS, SUMS);

    private static final String FORECAST = """
            with t as (select $1::timestamptz as month, $2::timestamptz as now, $3::timestamptz as this_hour)
            select coalesce(sum(cost_usd) filter (where hour >= t.month), 0) as spent,
                   coalesce(sum(cost_usd) filter (where hour >= t.this_hour - interval '168 hours' and hour < t.this_hour), 0)
                       as lately,
                   (select min(f.hour) from usage_hourly f where f.tenant_id = current_tenant()) as first
            from t left join usage_hourly on tenant_id = current_tenant()
             and hour >= least(t.month, t.this_hour - interval '168 hours') and hour <= t.now""";

    private static final String LEDGER = """
            select id, run_id, step_seq, agent_id, project_id, user_id, api_key_id, provider, model, status, input_tokens,
                   cached_input_tokens, output_tokens, estimated, cost_usd, latency_ms, created_at
            from usage_ledger
            where tenant_id = current_tenant() and id >= uuid_v7_floor($1) and id < uuid_v7_floor($2) and id > $3
            order by id limit $4""";

    private static final UUID BEFORE_ALL = new UUID(0, 0);
    private static final int WEEK_HOURS = 168;

    private final Postgres postgres;

    public CostStore(Postgres postgres) {
        this.postgres = postgres;
    }

    /** @param most how many models and agents are named at most */
    public Future<CostSummary> summary(TenantId tenant, CostRange range, int most) {
        return ask(tenant, SUMMARY, bounds(range).addInteger(most), CostStore::part)
                .map(parts -> new CostSummary(
                        of(parts, "total").getFirst().share().totals(),
                        shares(of(parts, "model").stream().map(Part::share).toList()),
                        shares(of(parts, "agent").stream().map(Part::share).toList())));
    }

    private record Part(String kind, Placed share) {}

    /** @param rest whether it stands for all that are not named */
    private record Placed(boolean rest, CostShare share) {

        CostTotals totals() {
            return share.totals();
        }
    }

    private static Part part(Row row) {
        String kind = row.getString("kind");
        Optional<String> key = Optional.ofNullable(row.getString("key"));
        return new Part(kind, placed(row, kind.equals("agent") ? key.map(CostStore::agent) : key));
    }

    private static String agent(String uuid) {
        return new TypeId(Kind.AGENT, UUID.fromString(uuid)).toString();
    }

    private static List<Part> of(List<Part> parts, String kind) {
        return parts.stream().filter(part -> part.kind().equals(kind)).toList();
    }

    private static Placed placed(Row row, Optional<String> key) {
        return new Placed(
                row.getBoolean("rest"), new CostShare(key, Optional.ofNullable(row.getString("slug")), totals(row)));
    }

    private static CostShares shares(List<Placed> all) {
        return new CostShares(
                all.stream().filter(part -> !part.rest()).map(Placed::share).toList(),
                all.stream().filter(Placed::rest).map(Placed::totals).findFirst());
    }

    /** By hour, oldest first; hours without calls are absent. */
    public Future<List<CostBucket>> hourly(TenantId tenant, CostRange range) {
        return ask(tenant, HOURLY, bounds(range), CostStore::bucket);
    }

    /** By day (UTC), oldest first; days without calls are absent. */
    public Future<List<CostBucket>> daily(TenantId tenant, CostRange range) {
        return ask(tenant, DAILY, bounds(range), CostStore::bucket);
    }

    /**
     * Split by agent, project and so on.
     *
     * @param most how many are named at most
     */
    public Future<CostShares> by(TenantId tenant, CostDimension dimension, CostRange range, int most) {
        Tuple values = bounds(range).addInteger(most);
        Future<List<Placed>> parts = switch (dimension) {
            case AGENT -> ask(tenant, BY_AGENT, values, row -> placed(row, id(row, Kind.AGENT)));
            case PROJECT -> ask(tenant, BY_PROJECT, values, row -> placed(row, id(row, Kind.PROJECT)));
            case USER -> ask(tenant, BY_USER, values, row -> placed(row, id(row, Kind.USER)));
            case KEY -> ask(tenant, BY_KEY, values, row -> placed(row, id(row, Kind.API_KEY)));
            case MODEL -> ask(tenant, BY_MODEL, values, row -> placed(row, name(row)));
            case PROVIDER -> ask(tenant, BY_PROVIDER, values, row -> placed(row, name(row)));
        };
        return parts.map(CostStore::shares);
    }

    private static Optional<String> id(Row row, Kind kind) {
        return id(row, "key", kind).map(TypeId::toString);
    }

    private static Optional<String> name(Row row) {
        return Optional.ofNullable(row.getString("key"));
    }

    /** See {@link CostForecast} for the formula. */
    public Future<CostForecast> forecast(TenantId tenant, Instant now) {
        Instant start = BudgetPeriod.MONTHLY.start(now);
        Instant hour = now.truncatedTo(ChronoUnit.HOURS);
        Tuple values = Tuple.of(at(start), at(now), at(hour));
        return ask(tenant, FORECAST, values, row -> forecast(row, now)).map(List::getFirst);
    }

    private static CostForecast forecast(Row row, Instant now) {
        Instant start = BudgetPeriod.MONTHLY.start(now);
        Instant end = BudgetPeriod.MONTHLY.end(start).orElseThrow();
        long hours = Optional.ofNullable(row.getOffsetDateTime("first"))
                .map(first -> ChronoUnit.HOURS.between(first.toInstant(), now))
                .orElse((long) WEEK_HOURS);
        BigDecimal hourly = row.getBigDecimal("lately")
                .divide(BigDecimal.valueOf(Math.clamp(hours, 1, WEEK_HOURS)), Usd.SCALE, RoundingMode.HALF_EVEN);
        Usd spent = Usd.of(row.getBigDecimal("spent"));
        BigDecimal left = BigDecimal.valueOf(Duration.between(now, end).toMillis())
                .divide(BigDecimal.valueOf(Duration.ofHours(1).toMillis()), Usd.SCALE, RoundingMode.HALF_EVEN);
        Usd rest = Usd.of(hourly.multiply(left).setScale(Usd.SCALE, RoundingMode.HALF_EVEN));
        return new CostForecast(start, end, spent, Usd.of(hourly), spent.plus(rest));
    }

    /**
     * The calls of a range by id, as many as {@code most}, from beyond one on. Calls that end late come into the ledger behind
     * those that were read already.
     */
    public Future<List<LedgerEntry>> ledger(TenantId tenant, CostRange range, Optional<TypeId> after, int most) {
        Tuple values = bounds(range)
                .addUUID(after.map(TypeId::uuid).orElse(BEFORE_ALL))
                .addInteger(most);
        return ask(tenant, LEDGER, values, CostStore::entry);
    }

    private <T> Future<List<T>> ask(TenantId tenant, String query, Tuple values, Function<Row, T> mapper) {
        return postgres.inTenant(
                tenant,
                sql -> sql.preparedQuery(query)
                        .execute(values)
                        .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                                .map(mapper)
                                .toList()));
    }

    private static Tuple bounds(CostRange range) {
        return Tuple.of(at(range.from()), at(range.to()));
    }

    private static OffsetDateTime at(Instant moment) {
        return moment.atOffset(ZoneOffset.UTC);
    }

    private static CostTotals totals(Row row) {
        return new CostTotals(
                row.getLong("calls"),
                row.getLong("failed"),
                row.getLong("cancelled"),
                row.getLong("lost"),
                row.getLong("input_tokens"),
                row.getLong("cached_input_tokens"),
                row.getLong("output_tokens"),
                Usd.of(row.getBigDecimal("cost_usd")));
    }

    private static CostBucket bucket(Row row) {
        return new CostBucket(row.getOffsetDateTime("start").toInstant(), totals(row));
    }

    private static Optional<TypeId> id(Row row, String column, Kind kind) {
        Optional<UUID> uuid = Optional.ofNullable(row.getUUID(column));
        return uuid.map(known -> new TypeId(kind, known));
    }

    private static LedgerEntry entry(Row row) {
        return new LedgerEntry(
                new TypeId(Kind.USAGE, row.getUUID("id")),
                id(row, "run_id", Kind.RUN),
                Optional.ofNullable(row.getInteger("step_seq")),
                id(row, "agent_id", Kind.AGENT),
                id(row, "project_id", Kind.PROJECT),
                id(row, "user_id", Kind.USER),
                id(row, "api_key_id", Kind.API_KEY),
                row.getString("provider"),
                row.getString("model"),
                row.getString("status"),
                new Usage(
                        row.getLong("input_tokens"),
                        row.getLong("cached_input_tokens"),
                        row.getLong("output_tokens"),
                        row.getBoolean("estimated")),
                Usd.of(row.getBigDecimal("cost_usd")),
                row.getInteger("latency_ms"),
                row.getOffsetDateTime("created_at").toInstant());
    }
}
