package io.temponest.spend;

import io.temponest.identity.TenantId;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;

/** The hard budgets of tenants, and what this node holds of them. */
final class LeaseStore {

    private static final String BUDGETS =
            "select id, tenant_id, scope, scope_id, period, limit_units from hard_budgets($1)";

    private static final String SET_TENANT = "select set_config('app.current_tenant', $1, true)";

    private static final String LEASE = """
            select held_budget, held_start, held, settled_units, available from budget_lease($1, $2, $3, $4, $5, $6)""";

    private final Postgres postgres;
    private final UUID node;

    LeaseStore(Postgres postgres, UUID node) {
        this.postgres = postgres;
        this.node = node;
    }

    Future<List<HardBudget>> budgets(Collection<TenantId> tenants) {
        UUID[] ids = tenants.stream().map(TenantId::uuid).toArray(UUID[]::new);
        return postgres.withoutTenant(sql -> sql.preparedQuery(BUDGETS)
                .execute(Tuple.tuple().addArrayOfUUID(ids))
                .map(rows -> {
                    List<HardBudget> budgets = new ArrayList<>();
                    rows.forEach(row -> budgets.add(budget(row)));
                    return budgets;
                }));
    }

    private static HardBudget budget(Row row) {
        return new HardBudget(
                row.getUUID("id"),
                new TenantId(row.getUUID("tenant_id")),
                BudgetScope.parse(row.getString("scope")),
                Optional.ofNullable(row.getUUID("scope_id")),
                BudgetPeriod.parse(row.getString("period")),
                new Usd(row.getLong("limit_units")));
    }

    /**
     * Asks for money, of several tenants in one transaction.
     *
     * @param wishes by tenant, in an order that all nodes share
     */
    Future<Map<TenantId, List<LeaseStanding>>> ask(SortedMap<TenantId, List<LeaseWish>> wishes) {
        return postgres.withoutTenant(sql -> {
            List<Future<?>> sent = new ArrayList<>();
            Map<TenantId, Future<List<LeaseStanding>>> answers = new HashMap<>();
            wishes.forEach((tenant, all) -> {
                sent.add(sql.preparedQuery(SET_TENANT)
                        .execute(Tuple.of(tenant.uuid().toString())));
                Future<List<LeaseStanding>> answer = lease(sql, all);
                sent.add(answer);
                answers.put(tenant, answer);
            });
            return Pipelined.all(sent).map(done -> {
                Map<TenantId, List<LeaseStanding>> standings = new HashMap<>();
                answers.forEach((tenant, answer) -> standings.put(tenant, answer.result()));
                return standings;
            });
        });
    }

    private Future<List<LeaseStanding>> lease(SqlConnection sql, List<LeaseWish> wishes) {
        return sql.preparedQuery(LEASE)
                .execute(Tuple.tuple()
                        .addUUID(node)
                        .addArrayOfUUID(
                                wishes.stream().map(wish -> wish.key().budget()).toArray(UUID[]::new))
                        .addArrayOfOffsetDateTime(wishes.stream()
                                .map(wish -> wish.key().start().atOffset(ZoneOffset.UTC))
                                .toArray(OffsetDateTime[]::new))
                        .addArrayOfLong(wishes.stream().map(LeaseWish::keep).toArray(Long[]::new))
                        .addArrayOfLong(wishes.stream().map(LeaseWish::least).toArray(Long[]::new))
                        .addArrayOfLong(wishes.stream().map(LeaseWish::need).toArray(Long[]::new)))
                .map(LeaseStore::standings);
    }

    private static List<LeaseStanding> standings(RowSet<Row> rows) {
        List<LeaseStanding> standings = new ArrayList<>();
        rows.forEach(row -> standings.add(new LeaseStanding(
                new LeaseKey(
                        row.getUUID("held_budget"),
                        row.getOffsetDateTime("held_start").toInstant()),
                row.getLong("held"),
                row.getLong("settled_units"),
                row.getLong("available"))));
        return standings;
    }
}
