package io.temponest.workers.webhook;

import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.store.EnginePostgres;
import io.temponest.webhook.RetryPolicy;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The deliveries that are to be made, of all tenants. All times are the database's. */
final class WebhookQueueStore {

    private static final String CLAIM = "select * from webhook_claim($1)";

    private static final String SETTLE =
            "select webhook_settle($1, $2, $3, $4, $5, $6, $7::bigint * interval '1 millisecond', $8) as outcome";

    private static final String DEPTH = """
            select count(*) filter (where attempts = 0) as waiting,
                   count(*) filter (where attempts > 0 and coalesce(leased_until <= now(), true)) as retrying,
                   count(*) filter (where leased_until > now()) as in_flight,
                   coalesce(extract(epoch from now() - min(due_at)), 0)::float8 as late_s
            from webhook_queue""";

    private static final String FORGET_QUEUED = """
            delete from webhook_queue
            where delivery_id < uuid_v7_floor(date_trunc('month', (now() - make_interval(months => $1)) at time zone 'UTC')
                                              at time zone 'UTC')""";

    private static final String DROP_HISTORY = "select drop_webhook_history($1)";

    private final EnginePostgres engine;

    WebhookQueueStore(EnginePostgres engine) {
        this.engine = engine;
    }

    /** Takes what is due, at most so many. */
    Future<List<ClaimedDelivery>> claim(int most) {
        return engine.query(CLAIM, Tuple.of(most)).map(rows -> {
            List<ClaimedDelivery> claimed = new ArrayList<>();
            rows.forEach(row -> claimed.add(delivery(row)));
            return claimed;
        });
    }

    private static ClaimedDelivery delivery(Row row) {
        return new ClaimedDelivery(
                new TypeId(Kind.DELIVERY, row.getUUID("delivery_id")),
                row.getInteger("attempt"),
                new TenantId(row.getUUID("tenant_id")),
                new TypeId(Kind.WEBHOOK, row.getUUID("endpoint_id")),
                new TypeId(Kind.EVENT, row.getUUID("event_id")),
                row.getString("payload"),
                new ClaimedDelivery.Receiver(
                        row.getString("url"),
                        Duration.ofSeconds(row.getInteger("timeout_s")),
                        RetryPolicy.ofSeconds(Arrays.asList(row.getArrayOfIntegers("retry_s"))),
                        Stream.of("secret", "previous_secret")
                                .flatMap(column -> Optional.<Buffer>ofNullable(row.getBuffer(column)).stream())
                                .toList()),
                Duration.ofMillis(Math.max(0, row.getLong("waited_ms"))));
    }

    /**
     * Writes down how an attempt went. May be repeated.
     *
     * @param took how long it took
     * @param again when it is tried again; empty: never
     */
    Future<Outcome> settle(ClaimedDelivery delivery, Attempted attempted, Duration took, Optional<Duration> again) {
        return engine.query(
                        SETTLE,
                        Tuple.tuple()
                                .addUUID(delivery.id().uuid())
                                .addInteger(delivery.attempt())
                                .addInteger(attempted.status().orElse(null))
                                .addString(attempted.failure().orElse(null))
                                .addString(attempted.response().orElse(null))
                                .addInteger((int) took.toMillis())
                                .addLong(again.map(Duration::toMillis).orElse(null))
                                .addBoolean(attempted.gone()))
                .map(rows -> Outcome.parse(rows.iterator().next().getString("outcome")));
    }

    /**
     * What the queue holds.
     *
     * @param lateSeconds how long the first has been due
     */
    record Depth(long waiting, long retrying, long inFlight, double lateSeconds) {}

    Future<Depth> depth() {
        return engine.query(DEPTH, Tuple.tuple()).map(rows -> {
            Row row = rows.iterator().next();
            return new Depth(
                    row.getLong("waiting"),
                    row.getLong("retrying"),
                    row.getLong("in_flight"),
                    Math.max(0, row.getDouble("late_s")));
        });
    }

    /** Drops the months of deliveries that are older, and what was still to be delivered of them. */
    Future<Void> forget(int months) {
        return engine.query(FORGET_QUEUED, Tuple.of(months))
                .compose(done -> engine.query(DROP_HISTORY, Tuple.of(months)))
                .mapEmpty();
    }
}
