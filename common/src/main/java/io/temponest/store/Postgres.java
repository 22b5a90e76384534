package io.temponest.store;

import io.temponest.identity.TenantId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The database as a tenant sees it. Every transaction names its tenant, and row-level security shows no other's rows; the
 * role has no way around it. Waiting for a connection is bounded in number and time. Safe for use by any context.
 */
public final class Postgres {

    /** Requests that may wait for a connection; one more fails at once. */
    static final int WAIT_QUEUE = 1_000;

    private static final String SET_TENANT = "select set_config('app.current_tenant', $1, true)";

    private final Pool pool;

    private Postgres(Pool pool) {
        this.pool = pool;
    }

    public static Postgres connect(Vertx vertx, DatabaseUrl url, int connections) {
        return new Postgres(pool(vertx, url, "tenants", "temponest_app", connections));
    }

    static Pool pool(Vertx vertx, DatabaseUrl url, String name, String role, int connections) {
        return PgBuilder.pool()
                .with(new PoolOptions()
                        .setName(name)
                        .setMaxSize(connections)
                        .setMaxWaitQueueSize(WAIT_QUEUE)
                        .setConnectionTimeout(10)
                        .setConnectionTimeoutUnit(TimeUnit.SECONDS)
                        .setMaxLifetime(30)
                        .setMaxLifetimeUnit(TimeUnit.MINUTES))
                .with(new NetClientOptions().setConnectTimeout(5_000))
                .connectingTo(url.options(role))
                .using(vertx)
                .build();
    }

    /**
     * Runs work in a transaction that sees and writes the rows of one tenant only. The transaction is committed when the
     * work's future succeeds and rolled back when it fails; a failure is translated by {@link SqlFailure}. The work must
     * not call anything but the database.
     */
    public <T> Future<T> inTenant(TenantId tenant, Function<SqlConnection, Future<T>> work) {
        return transaction(connection -> {
            // Not awaited: both go down the same connection in order, one round trip in all.
            Future<?> tenantSet = connection
                    .preparedQuery(SET_TENANT)
                    .execute(Tuple.of(tenant.uuid().toString()));
            return Future.join(tenantSet, work.apply(connection)).map(both -> both.<T>resultAt(1));
        });
    }

    /** Runs work in a transaction without a tenant: tenant tables show no row, only global tables and look-up functions answer. */
    public <T> Future<T> withoutTenant(Function<SqlConnection, Future<T>> work) {
        return transaction(work);
    }

    /** The version of the schema that the database has; fails when it cannot be asked. */
    public Future<Integer> schemaVersion() {
        return pool.query(Migrations.CURRENT)
                .execute()
                .map(rows -> rows.iterator().next().getInteger(0))
                .recover(failure -> Future.failedFuture(SqlFailure.translate(failure)));
    }

    private <T> Future<T> transaction(Function<SqlConnection, Future<T>> work) {
        return pool.withTransaction(work).recover(failure -> Future.failedFuture(SqlFailure.translate(failure)));
    }

    public Future<Void> close() {
        return pool.close();
    }
}
