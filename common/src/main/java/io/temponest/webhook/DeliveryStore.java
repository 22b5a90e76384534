package io.temponest.webhook;

import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.json.Json;
import io.temponest.store.Keyset;
import io.temponest.store.Page;
import io.temponest.store.PageRequest;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What was and is delivered to a tenant's endpoints. Events make deliveries by themselves: see {@code publish_event}. */
public final class DeliveryStore {

    private static final String SELECT = """
            select d.id, d.endpoint_id, d.event_id, d.event_type, d.payload, d.redelivery_of, d.status, d.created_at, d.ended_at,
                   coalesce(q.attempts, d.attempts) as attempts, q.due_at
            from webhook_deliveries d left join webhook_queue q on q.delivery_id = d.id
            where d.endpoint_id = $1""";

    private static final Keyset LIST = new Keyset(
            SELECT + " and ($2::text is null or d.status = $2) and ($3::text is null or d.event_type = $3)", "d.id", 3);

    private static final String FIND = SELECT + " and d.id = $2";

    private static final String ATTEMPTS = """
            select attempt, outcome, status_code, error, response, duration_ms, created_at
            from webhook_attempts where delivery_id = $1 order by attempt""";

    private static final String SEND = """
            with made as (
                insert into webhook_deliveries (id, tenant_id, endpoint_id, event_id, event_type, payload, redelivery_of)
                values ($1, current_tenant(), $2, $3, $4, $5, $6) returning id, endpoint_id, tenant_id
            )
            insert into webhook_queue (delivery_id, endpoint_id, tenant_id) select id, endpoint_id, tenant_id from made""";

    private final Postgres postgres;
    private final Ids ids;

    public DeliveryStore(Postgres postgres, Ids ids) {
        this.postgres = postgres;
        this.ids = ids;
    }

    /** Those to one endpoint, also where it was deleted. */
    public Future<Page<Delivery>> list(TenantId tenant, TypeId webhook, Delivery.Filter filter, PageRequest page) {
        return postgres.inTenant(
                tenant,
                sql -> LIST.read(
                        sql,
                        page,
                        Arrays.asList(
                                webhook.uuid(),
                                filter.status().orElse(null),
                                filter.type().orElse(null)),
                        DeliveryStore::delivery));
    }

    public Future<Optional<Delivery.Traced>> find(TenantId tenant, TypeId webhook, TypeId delivery) {
        return postgres.inTenant(
                tenant,
                sql -> find(sql, webhook, delivery)
                        .compose(found -> found.isEmpty()
                                ? Future.succeededFuture(Optional.empty())
                                : attempts(sql, delivery)
                                        .map(all -> found.map(known -> new Delivery.Traced(known, all)))));
    }

    /** Finds a delivery in the caller's transaction. */
    public Future<Optional<Delivery>> find(SqlConnection sql, TypeId webhook, TypeId delivery) {
        return sql.preparedQuery(FIND)
                .execute(Tuple.of(webhook.uuid(), delivery.uuid()))
                .map(rows -> rows.size() == 0
                        ? Optional.empty()
                        : Optional.of(delivery(rows.iterator().next())));
    }

    private static Future<List<Delivery.Attempt>> attempts(SqlConnection sql, TypeId delivery) {
        return sql.preparedQuery(ATTEMPTS).execute(Tuple.of(delivery.uuid())).map(DeliveryStore::attempts);
    }

    private static List<Delivery.Attempt> attempts(RowSet<Row> rows) {
        List<Delivery.Attempt> attempts = new ArrayList<>();
        rows.forEach(row -> attempts.add(new Delivery.Attempt(
                row.getInteger("attempt"),
                row.getString("outcome"),
                Optional.ofNullable(row.getInteger("status_code")),
                Optional.ofNullable(row.getString("error")),
                Optional.ofNullable(row.getString("response")),
                Optional.ofNullable(row.getInteger("duration_ms")),
                row.getOffsetDateTime("created_at").toInstant())));
        return attempts;
    }

    private record Payload(EventType type, Instant timestamp, Map<String, Object> data) {}

    /** Puts an event into the queue, in the caller's transaction, that tells an endpoint of nothing but itself. */
    public Future<Delivery> test(SqlConnection sql, TypeId webhook, Instant now) {
        String payload = Json.text(new Payload(EventType.WEBHOOK_TEST, now, Map.of("webhook_id", webhook.toString())));
        return send(
                sql,
                webhook,
                new Sent(ids.next(Kind.EVENT), EventType.WEBHOOK_TEST.toString(), payload, Optional.empty()));
    }

    /** Puts an event into the queue again, in the caller's transaction: the same to its receiver as before. */
    public Future<Delivery> redeliver(SqlConnection sql, Delivery old) {
        return send(sql, old.webhook(), new Sent(old.event(), old.type(), old.payload(), Optional.of(old.id())));
    }

    private record Sent(TypeId event, String type, String payload, Optional<TypeId> redeliveryOf) {}

    private Future<Delivery> send(SqlConnection sql, TypeId webhook, Sent sent) {
        TypeId id = ids.next(Kind.DELIVERY);
        return sql.preparedQuery(SEND)
                .execute(Tuple.of(
                        id.uuid(),
                        webhook.uuid(),
                        sent.event().uuid(),
                        sent.type(),
                        sent.payload(),
                        sent.redeliveryOf().map(TypeId::uuid).orElse(null)))
                .compose(done -> find(sql, webhook, id))
                .map(Optional::orElseThrow);
    }

    private static Delivery delivery(Row row) {
        return new Delivery(
                new TypeId(Kind.DELIVERY, row.getUUID("id")),
                new TypeId(Kind.WEBHOOK, row.getUUID("endpoint_id")),
                new TypeId(Kind.EVENT, row.getUUID("event_id")),
                row.getString("event_type"),
                Delivery.Status.parse(row.getString("status")),
                row.getString("payload"),
                Optional.ofNullable(row.getUUID("redelivery_of")).map(id -> new TypeId(Kind.DELIVERY, id)),
                row.getInteger("attempts"),
                Optional.ofNullable(row.getOffsetDateTime("due_at")).map(OffsetDateTime::toInstant),
                row.getOffsetDateTime("created_at").toInstant(),
                Optional.ofNullable(row.getOffsetDateTime("ended_at")).map(OffsetDateTime::toInstant));
    }
}
