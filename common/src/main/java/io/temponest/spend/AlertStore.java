package io.temponest.spend;

import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.store.Keyset;
import io.temponest.store.Page;
import io.temponest.store.PageRequest;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** The alerts of a tenant's budgets, which settlements raise. */
public final class AlertStore {

    private static final String SELECT = """
            select id, budget_id, period_start, threshold, severity, limit_usd, settled, created_at, acknowledged_at,
                   acknowledged_by, acknowledged_key
            from budget_alerts where true""";

    private static final String FIND = SELECT + " and id = $1";

    private static final String ACKNOWLEDGE = """
            update budget_alerts set acknowledged_at = now(), acknowledged_by = $2, acknowledged_key = $3
            where id = $1 and acknowledged_at is null""";

    private static final Keyset LIST = new Keyset(SELECT + " " + """
            and ($1::uuid is null or budget_id = $1) and ($2::boolean is null or (acknowledged_at is not null) = $2)""", "id", 2);

    private static final String OF_PERIOD =
            SELECT + " and budget_id = $1 and period_start = $2 order by threshold limit 100";

    private final Postgres postgres;

    public AlertStore(Postgres postgres) {
        this.postgres = postgres;
    }

    /**
     * Which alerts.
     *
     * @param budget of this one alone
     * @param acknowledged only those that were, or that were not
     */
    public record Filter(Optional<TypeId> budget, Optional<Boolean> acknowledged) {
        public static final Filter ALL = new Filter(Optional.empty(), Optional.empty());
    }

    public Future<Page<BudgetAlert>> list(TenantId tenant, Filter filter, PageRequest page) {
        return postgres.inTenant(
                tenant,
                sql -> LIST.read(
                        sql,
                        page,
                        Arrays.asList(
                                filter.budget().map(TypeId::uuid).orElse(null),
                                filter.acknowledged().orElse(null)),
                        AlertStore::alert));
    }

    public Future<Optional<BudgetAlert>> find(TenantId tenant, TypeId alert) {
        return postgres.inTenant(tenant, sql -> find(sql, alert));
    }

    private static Future<Optional<BudgetAlert>> find(SqlConnection sql, TypeId alert) {
        return sql.preparedQuery(FIND)
                .execute(Tuple.of(alert.uuid()))
                .map(rows -> rows.size() == 0
                        ? Optional.empty()
                        : Optional.of(alert(rows.iterator().next())));
    }

    /** Those of a budget in one period, by threshold; a hundred at most. */
    public Future<List<BudgetAlert>> ofPeriod(TenantId tenant, TypeId budget, Instant start) {
        return postgres.inTenant(
                tenant,
                sql -> sql.preparedQuery(OF_PERIOD)
                        .execute(Tuple.of(budget.uuid(), start.atOffset(ZoneOffset.UTC)))
                        .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                                .map(AlertStore::alert)
                                .toList()));
    }

    /**
     * Who has seen an alert.
     *
     * @param user the person; empty for a key of the tenant's own
     * @param apiKey the key that was used, if any
     */
    public record Seen(Optional<TypeId> user, Optional<TypeId> apiKey) {}

    /**
     * An alert that somebody has seen.
     *
     * @param now whether it was this time that it was acknowledged
     */
    public record Acknowledged(BudgetAlert alert, boolean now) {}

    /** Notes in the caller's transaction that somebody has seen an alert; the first to do so stays. Empty: no such alert. */
    public Future<Optional<Acknowledged>> acknowledge(SqlConnection sql, TypeId alert, Seen by) {
        return sql.preparedQuery(ACKNOWLEDGE)
                .execute(Tuple.of(
                        alert.uuid(),
                        by.user().map(TypeId::uuid).orElse(null),
                        by.apiKey().map(TypeId::uuid).orElse(null)))
                .compose(done ->
                        find(sql, alert).map(found -> found.map(seen -> new Acknowledged(seen, done.rowCount() == 1))));
    }

    private static BudgetAlert alert(Row row) {
        return new BudgetAlert(
                new TypeId(Kind.ALERT, row.getUUID("id")),
                new TypeId(Kind.BUDGET, row.getUUID("budget_id")),
                row.getOffsetDateTime("period_start").toInstant(),
                row.getBigDecimal("threshold"),
                BudgetAlert.Severity.valueOf(row.getString("severity").toUpperCase(Locale.ROOT)),
                Usd.of(row.getBigDecimal("limit_usd")),
                Usd.of(row.getBigDecimal("settled")),
                row.getOffsetDateTime("created_at").toInstant(),
                Optional.ofNullable(row.getOffsetDateTime("acknowledged_at")).map(OffsetDateTime::toInstant),
                Optional.ofNullable(row.getUUID("acknowledged_by")).map(id -> new TypeId(Kind.USER, id)),
                Optional.ofNullable(row.getUUID("acknowledged_key")).map(id -> new TypeId(Kind.API_KEY, id)));
    }
}
