package io.temponest.idempotency;

import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.json.Json;
import io.temponest.store.SqlFailure;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Answers that are kept for 24 hours under their clients' keys. Taking a key, the work, and keeping its answer are one
 * transaction of the caller's.
 */
public final class IdempotencyStore {

    private static final String HEADER = "Idempotency-Key";
    private static final Duration WAIT = Duration.ofSeconds(2);

    private static final String BOUND_WAITING = "select set_config('lock_timeout', $1, true)";

    /** The rest of the transaction waits as long as any other does. */
    private static final String UNBOUND = "set local lock_timeout to default";

    /** Waits for another transaction that has taken the same key and not ended. */
    private static final String TAKE = """
            insert into idempotency_keys as k (tenant_id, principal, key, request_sha256)
            values (current_tenant(), $1, $2, $3)
            on conflict (tenant_id, principal, key) do update
                set request_sha256 = excluded.request_sha256, created_at = now(),
                    status = null, headers = null, body = null, sealed = false
                where k.created_at < now() - interval '24 hours'""";

    private static final String FIND = """
            select request_sha256, status, headers::text as headers, body, sealed from idempotency_keys
            where principal = $1 and key = $2""";

    private static final String KEEP = """
            update idempotency_keys set status = $3, headers = $4::text::jsonb, body = $5, sealed = $6
            where principal = $1 and key = $2""";

    /**
     * Takes a request's key, or answers what was kept for it. A key that was used for another request is an
     * {@code unprocessable_error}; one whose request is still being handled after 2 s is a {@code conflict_error}.
     */
    public Future<Optional<KeptAnswer>> take(SqlConnection sql, RepeatableRequest request) {
        // Not awaited: all go down the same connection in order.
        Future<?> bounded = sql.preparedQuery(BOUND_WAITING).execute(Tuple.of(Long.toString(WAIT.toMillis())));
        Future<Boolean> taken = sql.preparedQuery(TAKE)
                .execute(Tuple.of(request.principal(), request.key(), request.sha256()))
                .map(rows -> rows.rowCount() == 1)
                .recover(failure -> Future.failedFuture(
                        SqlFailure.lockTimedOut(failure) ? inProgress().exception() : failure));
        Future<?> unbound = sql.query(UNBOUND).execute();
        return Future.join(bounded, taken, unbound)
                // Where the key was not to be had the transaction is over, and only that is worth telling.
                .recover(failure -> Future.failedFuture(taken.failed() ? taken.cause() : failure))
                .compose(all -> taken.result() ? Future.succeededFuture(Optional.empty()) : find(sql, request));
    }

    private static Future<Optional<KeptAnswer>> find(SqlConnection sql, RepeatableRequest request) {
        return sql.preparedQuery(FIND)
                .execute(Tuple.of(request.principal(), request.key()))
                .map(rows -> {
                    Row row = rows.iterator().next();
                    if (!row.getBuffer("request_sha256").equals(request.sha256())) {
                        throw reused().exception();
                    }
                    return Optional.of(kept(row));
                });
    }

    private static KeptAnswer kept(Row row) {
        Map<String, String> headers = new HashMap<>();
        Json.tree(row.getString("headers"))
                .properties()
                .forEach(
                        header -> headers.put(header.getKey(), header.getValue().asText()));
        return new KeptAnswer(
                row.getInteger("status"),
                headers,
                Optional.ofNullable(row.getBuffer("body")),
                row.getBoolean("sealed"));
    }

    /** Keeps the answer of a request whose key this transaction has taken. */
    public Future<Void> keep(SqlConnection sql, RepeatableRequest request, KeptAnswer answer) {
        return sql.preparedQuery(KEEP)
                .execute(Tuple.tuple()
                        .addUUID(request.principal())
                        .addString(request.key())
                        .addInteger(answer.status())
                        .addString(Json.text(answer.headers()))
                        .addBuffer(answer.body().orElse(null))
                        .addBoolean(answer.sealed()))
                .mapEmpty();
    }

    private static ApiError inProgress() {
        return new ApiError(
                ErrorType.CONFLICT_ERROR,
                "A request with this Idempotency-Key is being handled; try again shortly.",
                Optional.of(HEADER),
                "idempotency_in_progress");
    }

    private static ApiError reused() {
        return new ApiError(
                ErrorType.UNPROCESSABLE_ERROR,
                "This Idempotency-Key was used for another request.",
                Optional.of(HEADER),
                "idempotency_key_reused");
    }
}
