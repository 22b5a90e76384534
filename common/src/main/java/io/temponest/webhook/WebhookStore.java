package io.temponest.webhook;

import io.temponest.crypto.SecretBox;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.Principal;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.store.Keyset;
import io.temponest.store.Page;
import io.temponest.store.PageRequest;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The endpoints of a tenant. Their secrets are sealed before they are stored. Failures that a client can cause are {@link
 * io.temponest.error.ApiException}s.
 */
public final class WebhookStore {

    private static final String SELECT = """
            select id, name, description, url, events, timeout_s, retry_s, active, disabled_at, disabled_reason,
                   case when previous_until > now() then previous_until end as previous_until, created_at, updated_at
            from webhook_endpoints where archived_at is null""";

    private static final String FIND = SELECT + " and id = $1";

    /** In the order in which settlements lock them. */
    private static final String LOCK_STANDING = "select 1 from webhook_standings where endpoint_id = $1 for update";

    private static final String LOCK = FIND + " for update";

    /** Held by whoever makes one, so that they can be counted. */
    private static final String LOCK_TENANT =
            "select pg_advisory_xact_lock(hashtextextended('temponest.webhooks:' || current_tenant(), 0))";

    private static final String INSERT = """
            with made as (
                insert into webhook_endpoints (id, tenant_id, name, description, url, events, timeout_s, retry_s, secret, created_by)
                values ($1, current_tenant(), $2, $3, $4, $5, $6, $7, $8, $9) returning id, tenant_id
            )
            insert into webhook_standings (endpoint_id, tenant_id) select id, tenant_id from made""";

    private static final String COUNT = "select count(*) from webhook_endpoints where archived_at is null";

    private static final String CHANGE = """
            update webhook_endpoints set name = coalesce($2, name), description = coalesce($3, description),
                   url = coalesce($4, url), events = coalesce($5, events), timeout_s = coalesce($6, timeout_s),
                   retry_s = coalesce($7, retry_s), active = coalesce($8, active),
                   disabled_at = case when $8 then null else disabled_at end,
                   disabled_reason = case when $8 then null else disabled_reason end, updated_at = now()
            where id = $1""";

    /** Whoever is switched on again, or is somewhere else now, begins anew. */
    private static final String FORGIVE = """
            update webhook_standings set failures = 0, failing_since = null, open_until = null where endpoint_id = $1""";

    private static final String ROTATE = """
            update webhook_endpoints set previous_secret = case when $3::integer > 0 then secret end,
                   previous_until = case when $3::integer > 0 then now() + make_interval(secs => $3) end,
                   secret = $2, updated_at = now()
            where id = $1""";

    private static final String ARCHIVE = """
            update webhook_endpoints set archived_at = now(), secret = null, previous_secret = null, previous_until = null
            where id = $1""";

    /** What was on its way is not sent any more. */
    private static final String DROP_QUEUE = """
            with dropped as (
                delete from webhook_queue where endpoint_id = $1 returning delivery_id, attempts
            )
            update webhook_deliveries d set status = 'failed', attempts = q.attempts, ended_at = now()
            from dropped q where d.id = q.delivery_id""";

    private static final String STATUS = "select * from v_webhook_health_dashboard where webhook_id = $1";

    private static final int MOST = 500;

    private static final Keyset LIST = new Keyset(SELECT, "id", 0);

    private final Postgres postgres;
    private final Ids ids;
    private final SecretBox box;
    private final RandomGenerator random;

    public WebhookStore(Postgres postgres, Ids ids, SecretBox box, RandomGenerator random) {
        this.postgres = postgres;
        this.ids = ids;
        this.box = box;
        this.random = random;
    }

    /** An endpoint with the secret that it was just given, which is not shown again. */
    public record Made(Webhook webhook, WebhookSecret secret) {}

    /** Makes an endpoint in the caller's transaction. An {@code unprocessable_error} where the tenant has too many. */
    public Future<Made> create(SqlConnection sql, Principal by, NewWebhook wanted) {
        TypeId id = ids.next(Kind.WEBHOOK);
        WebhookSecret secret = WebhookSecret.make(random);
        return sql.preparedQuery(LOCK_TENANT)
                .execute()
                .compose(locked -> sql.preparedQuery(COUNT).execute())
                .compose(rows -> rows.iterator().next().getLong(0) >= MOST
                        ? Future.failedFuture(tooMany())
                        : sql.preparedQuery(INSERT)
                                .execute(Tuple.tuple()
                                        .addUUID(id.uuid())
                                        .addString(wanted.name())
                                        .addString(wanted.description())
                                        .addString(wanted.url())
                                        .addArrayOfString(wanted.events().toArray(String[]::new))
                                        .addInteger((int) wanted.timeout().toSeconds())
                                        .addArrayOfInteger(
                                                wanted.retries().seconds().toArray(Integer[]::new))
                                        .addBuffer(Buffer.buffer(secret.seal(box, by.tenant(), id)))
                                        .addUUID(by.user().map(TypeId::uuid).orElse(null))))
                .compose(done -> one(sql, FIND, id))
                .map(made -> new Made(made.orElseThrow(), secret));
    }

    private static Throwable tooMany() {
        return ApiError.of(
                        ErrorType.UNPROCESSABLE_ERROR,
                        "too_many_webhooks",
                        "A tenant may have %d webhooks; delete some that are of no use.".formatted(MOST))
                .exception();
    }

    public Future<Page<Webhook>> list(TenantId tenant, PageRequest page) {
        return postgres.inTenant(tenant, sql -> LIST.read(sql, page, List.of(), WebhookStore::webhook));
    }

    public Future<Optional<Webhook>> find(TenantId tenant, TypeId webhook) {
        return postgres.inTenant(tenant, sql -> one(sql, FIND, webhook));
    }

    /** Finds an endpoint; nobody changes it, takes from its queue or settles a delivery of it until the transaction ends. */
    public Future<Optional<Webhook>> lock(SqlConnection sql, TypeId webhook) {
        return sql.preparedQuery(LOCK_STANDING)
                .execute(Tuple.of(webhook.uuid()))
                .compose(locked -> one(sql, LOCK, webhook));
    }

    private static Future<Optional<Webhook>> one(SqlConnection sql, String query, TypeId webhook) {
        return sql.preparedQuery(query)
                .execute(Tuple.of(webhook.uuid()))
                .map(rows -> first(rows).map(WebhookStore::webhook));
    }

    /** Changes an endpoint that the caller's transaction has locked. */
    public Future<Webhook> change(SqlConnection sql, TypeId webhook, WebhookChanges changes) {
        boolean anew = changes.url().isPresent() || changes.active().orElse(false);
        return sql.preparedQuery(CHANGE)
                .execute(Tuple.tuple()
                        .addUUID(webhook.uuid())
                        .addString(changes.name().orElse(null))
                        .addString(changes.description().orElse(null))
                        .addString(changes.url().orElse(null))
                        .addArrayOfString(changes.events()
                                .map(events -> events.toArray(String[]::new))
                                .orElse(null))
                        .addInteger(changes.timeout()
                                .map(limit -> (int) limit.toSeconds())
                                .orElse(null))
                        .addArrayOfInteger(changes.retries()
                                .map(policy -> policy.seconds().toArray(Integer[]::new))
                                .orElse(null))
                        .addBoolean(changes.active().orElse(null)))
                .compose(done ->
                        anew ? sql.preparedQuery(FORGIVE).execute(Tuple.of(webhook.uuid())) : Future.succeededFuture())
                .compose(done -> one(sql, FIND, webhook))
                .map(Optional::orElseThrow);
    }

    /**
     * Gives an endpoint that the caller's transaction has locked another secret.
     *
     * @param overlap how long the one before signs too; one that was left from an earlier rotation does not any more
     */
    public Future<Made> rotate(SqlConnection sql, TenantId tenant, TypeId webhook, Duration overlap) {
        WebhookSecret secret = WebhookSecret.make(random);
        return sql.preparedQuery(ROTATE)
                .execute(Tuple.of(
                        webhook.uuid(), Buffer.buffer(secret.seal(box, tenant, webhook)), (int) overlap.toSeconds()))
                .compose(done -> one(sql, FIND, webhook))
                .map(found -> new Made(found.orElseThrow(), secret));
    }

    /** Ends an endpoint that the caller's transaction has locked: its secrets are gone, its deliveries stay. */
    public Future<Void> archive(SqlConnection sql, TypeId webhook) {
        return sql.preparedQuery(ARCHIVE)
                .execute(Tuple.of(webhook.uuid()))
                .compose(done -> sql.preparedQuery(DROP_QUEUE).execute(Tuple.of(webhook.uuid())))
                .mapEmpty();
    }

    public Future<Optional<WebhookStatus>> status(TenantId tenant, TypeId webhook) {
        return postgres.inTenant(
                tenant,
                sql -> sql.preparedQuery(STATUS)
                        .execute(Tuple.of(webhook.uuid()))
                        .map(rows -> first(rows).map(WebhookStore::status)));
    }

    private static Optional<Row> first(RowSet<Row> rows) {
        return rows.size() == 0 ? Optional.empty() : Optional.of(rows.iterator().next());
    }

    private static Optional<Instant> time(Row row, String column) {
        return Optional.ofNullable(row.getOffsetDateTime(column)).map(OffsetDateTime::toInstant);
    }

    private static Webhook webhook(Row row) {
        return new Webhook(
                new TypeId(Kind.WEBHOOK, row.getUUID("id")),
                row.getString("name"),
                row.getString("description"),
                row.getString("url"),
                Arrays.asList(row.getArrayOfStrings("events")),
                Duration.ofSeconds(row.getInteger("timeout_s")),
                RetryPolicy.ofSeconds(Arrays.asList(row.getArrayOfIntegers("retry_s"))),
                row.getBoolean("active"),
                time(row, "disabled_at")
                        .map(at -> new Webhook.Disabled(
                                at,
                                Webhook.Reason.valueOf(
                                        row.getString("disabled_reason").toUpperCase(Locale.ROOT)))),
                time(row, "previous_until"),
                row.getOffsetDateTime("created_at").toInstant(),
                row.getOffsetDateTime("updated_at").toInstant());
    }

    private static WebhookStatus status(Row row) {
        return new WebhookStatus(
                row.getLong("pending_count"),
                row.getLong("retrying_count"),
                row.getLong("in_flight_count"),
                row.getLong("successful_deliveries"),
                row.getLong("failed_attempts"),
                Optional.ofNullable(row.getBigDecimal("success_rate_pct")),
                row.getInteger("failures"),
                time(row, "failing_since"),
                time(row, "open_until"),
                time(row, "last_success_at"),
                time(row, "last_failure_at"));
    }
}
