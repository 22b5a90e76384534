package io.temponest.spend;

import io.temponest.bus.Bus;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.spend.SpendAddresses.BudgetsChanged;
import io.temponest.store.Keyset;
import io.temponest.store.Page;
import io.temponest.store.PageRequest;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The budgets of a tenant. Whoever changes one calls {@link #announce} when the transaction has ended; nodes that miss it
 * find out within two seconds. Failures that a client can cause are {@link io.temponest.error.ApiException}s.
 */
public final class BudgetStore {

    private static final String COLUMNS = """
            b.id, b.scope, b.scope_id, b.period, b.limit_usd, b.hard, b.thresholds::text[] as thresholds, b.created_at,
            b.updated_at""";

    private static final String SELECT = "select " + COLUMNS + " from budgets b where b.archived_at is null";

    private static final String FIND = SELECT + " and b.id = $1";

    private static final String LOCK = FIND + " for update";

    private static final String INSERT = """
            insert into budgets (id, tenant_id, scope, scope_id, period, limit_usd, hard, thresholds)
            values ($1, current_tenant(), $2, $3, $4, $5, $6, $7::text[]::numeric[])""";

    /** Waits for those that write to the ledger without knowing of the budget. */
    private static final String BEGIN = "select budget_begin($1)";

    private static final String CHANGE = """
            update budgets set limit_usd = coalesce($2, limit_usd), hard = coalesce($3, hard),
                   thresholds = coalesce($4::text[]::numeric[], thresholds), updated_at = now()
            where id = $1 and archived_at is null""";

    private static final String ARCHIVE =
            "update budgets set archived_at = now() where id = $1 and archived_at is null";

    private static final String STATUS = "select " + COLUMNS + """
            , s.start, coalesce(p.settled, 0) as settled, coalesce(p.leased, 0) as leased
            from budgets b cross join lateral budget_period_start(b.period, now()) as s (start)
            left join budget_periods p on p.budget_id = b.id and p.period_start = s.start
            where b.archived_at is null""";

    private static final String FIND_STATUS = STATUS + " and b.id = $1";

    /** Each call is held against all of its tenant's. */
    private static final int MOST = 1_000;

    /** Each call asks all that apply to it. */
    private static final int MOST_OF_ONE = 20;

    private static final String COUNT_OF_ONE = """
            select count(*) from budgets
            where scope = $1 and scope_id is not distinct from $2 and archived_at is null""";

    private static final String COUNT = "select count(*) from budgets where archived_at is null";

    private static final String PROJECT = "select 1 from projects where id = $1";
    private static final String USER = "select 1 from users where id = $1 and deleted_at is null";
    private static final String AGENT = "select 1 from agents where id = $1 and archived_at is null";
    private static final String API_KEY = "select 1 from api_keys where id = $1 and revoked_at is null";

    private static final Keyset LIST = new Keyset(SELECT, "b.id", 0);
    private static final Keyset LIST_STATUS = new Keyset(STATUS, "b.id", 0);

    private final Postgres postgres;
    private final Ids ids;
    private final Bus bus;

    public BudgetStore(Postgres postgres, Ids ids, Bus bus) {
        this.postgres = postgres;
        this.ids = ids;
        this.bus = bus;
    }

    /** The budgets that were not archived. */
    public Future<Page<Budget>> list(TenantId tenant, PageRequest page) {
        return postgres.inTenant(tenant, sql -> LIST.read(sql, page, List.of(), BudgetStore::budget));
    }

    /** How many those are. */
    public Future<Long> count(TenantId tenant) {
        return postgres.inTenant(tenant, BudgetStore::count);
    }

    private static Future<Long> count(SqlConnection sql) {
        return sql.preparedQuery(COUNT)
                .execute()
                .map(rows -> rows.iterator().next().getLong(0));
    }

    public Future<Optional<Budget>> find(TenantId tenant, TypeId budget) {
        return postgres.inTenant(tenant, sql -> one(sql, FIND, budget));
    }

    /** Finds a budget; nobody else changes it until the caller's transaction ends. */
    public Future<Optional<Budget>> lock(SqlConnection sql, TypeId budget) {
        return one(sql, LOCK, budget);
    }

    private static Future<Optional<Budget>> one(SqlConnection sql, String query, TypeId budget) {
        return sql.preparedQuery(query)
                .execute(Tuple.of(budget.uuid()))
                .map(rows -> first(rows).map(BudgetStore::budget));
    }

    /** Fails in the caller's transaction where the tenant does not have what a budget is wanted for. */
    public Future<Void> requireScope(SqlConnection sql, NewBudget budget) {
        if (budget.scopeId().isEmpty()) {
            return Future.succeededFuture();
        }
        TypeId id = budget.scopeId().get();
        String query = switch (budget.scope()) {
            case TENANT -> throw new IllegalArgumentException("a budget of the tenant has no scope_id");
            case PROJECT -> PROJECT;
            case USER -> USER;
            case AGENT -> AGENT;
            case KEY -> API_KEY;
        };
        return sql.preparedQuery(query)
                .execute(Tuple.of(id.uuid()))
                .compose(rows -> rows.size() == 1
                        ? Future.succeededFuture()
                        : Future.failedFuture(missing(id).exception()));
    }

    private static ApiError missing(TypeId id) {
        String resource = id.kind().name().toLowerCase(Locale.ROOT);
        return ApiError.invalid("scope_id", resource + "_not_found", "No %s '%s'.".formatted(resource, id));
    }

    /**
     * Makes a budget in the caller's transaction. What its scope has cost in the period of now counts already. An {@code
     * unprocessable_error} where the tenant has too many.
     */
    public Future<Budget> create(SqlConnection sql, NewBudget budget) {
        TypeId id = ids.next(Kind.BUDGET);
        return sql.preparedQuery(INSERT)
                .execute(Tuple.tuple()
                        .addUUID(id.uuid())
                        .addString(budget.scope().toString())
                        .addUUID(budget.scopeId().map(TypeId::uuid).orElse(null))
                        .addString(budget.period().toString())
                        .addBigDecimal(budget.limit().amount())
                        .addBoolean(budget.hard())
                        .addArrayOfString(texts(budget.thresholds())))
                .compose(done -> sql.preparedQuery(BEGIN).execute(Tuple.of(id.uuid())))
                // Whoever makes another one waits for the lock that was taken just now, so this is exact.
                .compose(done -> count(sql))
                .compose(count -> count > MOST
                        ? tooMany("A tenant", MOST)
                        : sql.preparedQuery(COUNT_OF_ONE)
                                .execute(Tuple.of(
                                        budget.scope().toString(),
                                        budget.scopeId().map(TypeId::uuid).orElse(null)))
                                .map(rows -> rows.iterator().next().getLong(0)))
                .compose(count -> count > MOST_OF_ONE
                        ? tooMany("A %s".formatted(budget.scope()), MOST_OF_ONE)
                        : one(sql, FIND, id))
                .map(Optional::orElseThrow);
    }

    private static <T> Future<T> tooMany(String whose, int most) {
        return Future.failedFuture(ApiError.of(
                        ErrorType.UNPROCESSABLE_ERROR,
                        "too_many_budgets",
                        "%s may have %d budgets; delete some that are of no use.".formatted(whose, most))
                .exception());
    }

    /** Changes a budget in the caller's transaction; empty when there is no such budget. */
    public Future<Optional<Budget>> change(SqlConnection sql, TypeId budget, BudgetChanges changes) {
        return sql.preparedQuery(CHANGE)
                .execute(Tuple.tuple()
                        .addUUID(budget.uuid())
                        .addBigDecimal(changes.limit().map(Usd::amount).orElse(null))
                        .addBoolean(changes.hard().orElse(null))
                        .addArrayOfString(
                                changes.thresholds().map(BudgetStore::texts).orElse(null)))
                .compose(done -> one(sql, FIND, budget));
    }

    /** Ends a budget in the caller's transaction; its alerts stay. False when there is no such budget. */
    public Future<Boolean> archive(SqlConnection sql, TypeId budget) {
        return sql.preparedQuery(ARCHIVE).execute(Tuple.of(budget.uuid())).map(rows -> rows.rowCount() == 1);
    }

    /** Where a budget stands now. */
    public Future<Optional<BudgetStatus>> status(TenantId tenant, TypeId budget) {
        return postgres.inTenant(
                tenant,
                sql -> sql.preparedQuery(FIND_STATUS)
                        .execute(Tuple.of(budget.uuid()))
                        .map(rows -> first(rows).map(BudgetStore::status)));
    }

    /** Where all budgets stand now, in pages. */
    public Future<Page<BudgetStatus>> statuses(TenantId tenant, PageRequest page) {
        return postgres.inTenant(tenant, sql -> LIST_STATUS.read(sql, page, List.of(), BudgetStore::status));
    }

    /** Tells all nodes that a tenant's budgets have changed, after the transaction that changed them. */
    public void announce(TenantId tenant) {
        bus.nudgeAll(SpendAddresses.BUDGETS_CHANGED, new BudgetsChanged(tenant));
    }

    private static String[] texts(List<BigDecimal> thresholds) {
        return thresholds.stream().map(BigDecimal::toPlainString).toArray(String[]::new);
    }

    private static Optional<Row> first(RowSet<Row> rows) {
        return rows.size() == 0 ? Optional.empty() : Optional.of(rows.iterator().next());
    }

    private static Budget budget(Row row) {
        BudgetScope scope = BudgetScope.parse(row.getString("scope"));
        return new Budget(
                new TypeId(Kind.BUDGET, row.getUUID("id")),
                scope,
                Optional.ofNullable(row.getUUID("scope_id")).map(id -> new TypeId(scope.kind(), id)),
                BudgetPeriod.parse(row.getString("period")),
                Usd.of(row.getBigDecimal("limit_usd")),
                row.getBoolean("hard"),
                Arrays.stream(row.getArrayOfStrings("thresholds"))
                        .map(BigDecimal::new)
                        .toList(),
                row.getOffsetDateTime("created_at").toInstant(),
                row.getOffsetDateTime("updated_at").toInstant());
    }

    private static BudgetStatus status(Row row) {
        Budget budget = budget(row);
        Instant start = row.getOffsetDateTime("start").toInstant();
        return new BudgetStatus(
                budget,
                start,
                budget.period().end(start),
                Usd.of(row.getBigDecimal("settled")),
                Usd.of(row.getBigDecimal("leased")));
    }
}
