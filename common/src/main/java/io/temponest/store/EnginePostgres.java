package io.temponest.store;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.function.Function;

/**
 * The database as the run engine sees it: the queue, runs, journals and sessions of all tenants, and nothing else. Its
 * role has a policy on those tables alone. Only workers hold one; a rule of the architecture tests keeps it so.
 */
public final class EnginePostgres {

    private final Pool pool;

    private EnginePostgres(Pool pool) {
        this.pool = pool;
    }

    public static EnginePostgres connect(Vertx vertx, DatabaseUrl url, String name, int connections) {
        return new EnginePostgres(Postgres.pool(vertx, url, name, "temponest_engine", connections));
    }

    /** Runs one statement, which is its own transaction. Failures are translated by {@link SqlFailure}. */
    public Future<RowSet<Row>> query(String sql, Tuple parameters) {
        return pool.preparedQuery(sql)
                .execute(parameters)
                .recover(failure -> Future.failedFuture(SqlFailure.translate(failure)));
    }

    /** Runs several statements in one transaction; rolled back when the work's future fails. */
    public <T> Future<T> transaction(Function<SqlConnection, Future<T>> work) {
        return pool.withTransaction(work).recover(failure -> Future.failedFuture(SqlFailure.translate(failure)));
    }

    public Future<Void> close() {
        return pool.close();
    }
}
