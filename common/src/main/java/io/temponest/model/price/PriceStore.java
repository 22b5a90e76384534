package io.temponest.model.price;

import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.model.Price;
import io.temponest.store.Postgres;
import io.temponest.store.SqlFailure;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The prices of tenants' own. They are made and deleted, never changed. Failures that a client can cause are {@link
 * io.temponest.error.ApiException}s.
 */
public final class PriceStore {

    /** That a tenant may have; requests that come at once may make a few more. */
    private static final int MOST = 1_000;

    private static final String SELECT =
            "select id, model, effective_from, input_usd, cached_input_usd, output_usd, created_at from tenant_prices";

    private static final String LIST = SELECT + " order by model, effective_from";

    private static final String FIND = SELECT + " where id = $1";

    private static final String INSERT = """
            insert into tenant_prices (id, tenant_id, model, effective_from, input_usd, cached_input_usd, output_usd)
            values ($1, current_tenant(), $2, $3, $4, $5, $6)""";

    private static final String COUNT = "select count(*) from tenant_prices";

    private static final String DELETE = "delete from tenant_prices where id = $1";

    private static final String OF_TENANTS = """
            select tenant_id, model, effective_from, input_usd, cached_input_usd, output_usd from prices_of($1)""";

    private final Postgres postgres;
    private final Ids ids;

    public PriceStore(Postgres postgres, Ids ids) {
        this.postgres = postgres;
        this.ids = ids;
    }

    /** All of a tenant's, by name and date. */
    public Future<List<TenantPrice>> list(TenantId tenant) {
        return postgres.inTenant(
                tenant,
                sql -> sql.preparedQuery(LIST).execute().map(rows -> {
                    List<TenantPrice> prices = new ArrayList<>();
                    rows.forEach(row -> prices.add(tenantPrice(row)));
                    return prices;
                }));
    }

    public Future<Optional<TenantPrice>> find(TenantId tenant, TypeId price) {
        return postgres.inTenant(tenant, sql -> find(sql, price));
    }

    /** The same within the caller's transaction. */
    public Future<Optional<TenantPrice>> find(SqlConnection sql, TypeId price) {
        return sql.preparedQuery(FIND).execute(Tuple.of(price.uuid())).map(PriceStore::first);
    }

    /** Makes a price in the caller's transaction; a {@code conflict_error} where there is one of that name and date. */
    public Future<TenantPrice> create(SqlConnection sql, Price price) {
        TypeId id = ids.next(Kind.PRICE);
        return sql.preparedQuery(INSERT)
                .execute(Tuple.of(
                        id.uuid(), price.model(), price.from(), price.input(), price.cachedInput(), price.output()))
                .recover(failure -> Future.failedFuture(
                        SqlFailure.duplicate(failure).isPresent() ? taken(price).exception() : failure))
                .compose(done -> sql.preparedQuery(COUNT).execute())
                .compose(count -> count.iterator().next().getLong(0) > MOST
                        ? Future.failedFuture(tooMany().exception())
                        : find(sql, id))
                .map(Optional::orElseThrow);
    }

    private static ApiError taken(Price price) {
        return new ApiError(
                ErrorType.CONFLICT_ERROR,
                "There is a price of '%s' from %s on already.".formatted(price.model(), price.from()),
                Optional.of("effective_from"),
                "price_exists");
    }

    private static ApiError tooMany() {
        return ApiError.of(
                ErrorType.UNPROCESSABLE_ERROR,
                "too_many_prices",
                "A tenant may have %d prices; delete some that are over.".formatted(MOST));
    }

    /** Deletes a price in the caller's transaction; false when there is none. */
    public Future<Boolean> delete(SqlConnection sql, TypeId price) {
        return sql.preparedQuery(DELETE).execute(Tuple.of(price.uuid())).map(rows -> rows.rowCount() == 1);
    }

    /** Those of several tenants; who has none is absent. */
    Future<Map<TenantId, List<Price>>> of(Collection<TenantId> tenants) {
        UUID[] wanted = tenants.stream().map(TenantId::uuid).toArray(UUID[]::new);
        return postgres.withoutTenant(sql -> sql.preparedQuery(OF_TENANTS)
                .execute(Tuple.tuple().addArrayOfUUID(wanted))
                .map(rows -> {
                    Map<TenantId, List<Price>> prices = new HashMap<>();
                    rows.forEach(row -> prices.computeIfAbsent(
                                    new TenantId(row.getUUID("tenant_id")), fresh -> new ArrayList<>())
                            .add(price(row)));
                    return prices;
                }));
    }

    private static Optional<TenantPrice> first(RowSet<Row> rows) {
        return rows.size() == 0
                ? Optional.empty()
                : Optional.of(tenantPrice(rows.iterator().next()));
    }

    private static TenantPrice tenantPrice(Row row) {
        return new TenantPrice(
                new TypeId(Kind.PRICE, row.getUUID("id")),
                price(row),
                row.getOffsetDateTime("created_at").toInstant());
    }

    private static Price price(Row row) {
        return new Price(
                row.getString("model"),
                row.getLocalDate("effective_from"),
                row.getBigDecimal("input_usd"),
                row.getBigDecimal("cached_input_usd"),
                row.getBigDecimal("output_usd"));
    }
}
