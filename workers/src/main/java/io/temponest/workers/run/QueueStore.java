package io.temponest.workers.run;

import io.temponest.agent.AgentSpec;
import io.temponest.audit.AuditEntry;
import io.temponest.audit.AuditStore;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.json.Json;
import io.temponest.model.ModelName;
import io.temponest.run.RunAddresses.Cancel;
import io.temponest.run.RunAddresses.Located;
import io.temponest.run.RunRequest;
import io.temponest.run.RunStatus;
import io.temponest.store.EnginePostgres;
import io.temponest.workers.run.ClaimedRun.Billing;
import io.temponest.workers.run.ClaimedRun.Lease;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.SqlResult;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Who runs what: the moves of a run into, out of and around the queue. Each is one statement, and a cancel its audit entry. */
final class QueueStore {

    /**
     * Takes ready runs for a live session. The session's row is share-locked, so that a reaper which declares it dead
     * either sees these runs or is seen here. A ready row whose run is not queued any more is dropped with the rest.
     */
    private static final String CLAIM_READY = """
            with session as (
                select id from worker_sessions where id = $1 and state = 'live' and expires_at > now() for share
            ), picked as (
                select run_id from run_ready where exists (select from session)
                order by priority desc, ready_at, run_id limit $2 for update skip locked
            ), taken as (
                delete from run_ready q using picked p where q.run_id = p.run_id returning q.run_id
            ), claimed as (
                update runs r set status = 'running', owner = $1, epoch = r.epoch + 1, queue_reason = null,
                       started_at = coalesce(r.started_at, now()), event_seq = r.event_seq + 1
                from taken t where r.id = t.run_id and r.status = 'queued'
                returning r.*
            ), announced as (
                insert into run_events (run_id, seq, tenant_id, type, data)
                select id, event_seq, tenant_id, 'run.started',
                       jsonb_build_object('status', 'running', 'epoch', epoch, 'recoveries', recoveries)
                from claimed
            ), stamped as (
                update worker_sessions set last_claim_at = now() where id = $1 and exists (select from claimed)
            )
            select c.id, c.tenant_id, c.epoch, c.agent_id, c.project_id, c.created_by, c.api_key_id, c.model,
                   c.request::text as request, c.deadline_at, c.cancel_requested_at is not null as cancelling,
                   c.paused_at is not null as pausing, c.epoch = 1 and c.steps = 0 as fresh, c.depth, c.event_seq,
                   extract(epoch from c.deadline_at - now()) * 1000 as time_left_ms, v.spec::text as spec
            from claimed c join agent_versions v on v.id = c.agent_version_id""";

    /** Gives a run back at a step boundary; being drained is not charged as a recovery. */
    private static final String RELEASE = release("worker_draining", "id = $1 and epoch = $2 and owner = $3");

    private static final String RELEASE_ORPHANS = release("recovering", "owner = $1 and id <> all ($2)");

    /**
     * Ends a run that nobody executes; flags one that somebody does. A ready row that somebody claims at the moment is theirs
     * to drop: they wait for the run's row, which this holds.
     */
    private static final String CANCEL = """
            with wanted as (
                select id, tenant_id, status, owner, cancel_requested_at from runs
                where id = $1 and tenant_id = $2 for update
            ), ended as (
                update runs r set status = 'cancelled', finished_at = now(), queue_reason = null, epoch = r.epoch + 1,
                       cancel_requested_at = coalesce(r.cancel_requested_at, now()), event_seq = r.event_seq + 1
                from wanted w where r.id = w.id and w.status in ('queued', 'waiting')
                returning r.id, r.tenant_id, r.event_seq
            ), dequeued as (
                delete from run_ready where run_id in (
                    select q.run_id from run_ready q join ended e on e.id = q.run_id for update of q skip locked)
            ), flagged as (
                update runs r set cancel_requested_at = now()
                from wanted w where r.id = w.id and w.status = 'running' and w.cancel_requested_at is null
                returning r.id
            ), announced as (
                insert into run_events (run_id, seq, tenant_id, type, data)
                select id, event_seq, tenant_id, 'run.cancelled', jsonb_build_object('status', 'cancelled') from ended
            )
            select status, owner, exists (select from ended) or exists (select from flagged) as changed from wanted""";

    private static final String SET_TENANT = "select set_config('app.current_tenant', $1, true)";

    private static final String LOCATE = "select id, tenant_id, status, owner from runs where id = any($1)";

    private final EnginePostgres engine;

    QueueStore(EnginePostgres engine) {
        this.engine = engine;
    }

    /** Takes up to {@code limit} ready runs; none when the session is not live. */
    Future<List<ClaimedRun>> claim(TypeId session, int limit) {
        return engine.query(CLAIM_READY, Tuple.of(session.uuid(), limit)).map(rows -> {
            List<ClaimedRun> claimed = new ArrayList<>();
            rows.forEach(row -> claimed.add(claimed(row, session)));
            return claimed;
        });
    }

    private static ClaimedRun claimed(Row row, TypeId session) {
        return new ClaimedRun(
                new Lease(
                        new TypeId(Kind.RUN, row.getUUID("id")),
                        new TenantId(row.getUUID("tenant_id")),
                        row.getInteger("epoch"),
                        session),
                Json.read(row.getString("spec"), AgentSpec.class),
                Json.read(row.getString("request"), RunRequest.class),
                ModelName.parse(row.getString("model")),
                new Billing(
                        new TypeId(Kind.AGENT, row.getUUID("agent_id")),
                        id(Kind.PROJECT, row.getUUID("project_id")),
                        id(Kind.USER, row.getUUID("created_by")),
                        id(Kind.API_KEY, row.getUUID("api_key_id"))),
                row.getOffsetDateTime("deadline_at").toInstant(),
                row.getNumeric("time_left_ms").longValue(),
                row.getBoolean("cancelling"),
                row.getBoolean("pausing"),
                row.getBoolean("fresh"),
                row.getShort("depth"),
                row.getLong("event_seq"));
    }

    /** Puts a run back into the queue. False when the lease was over already. */
    Future<Boolean> release(Lease lease) {
        return engine.query(
                        RELEASE,
                        Tuple.of(
                                lease.run().uuid(), lease.epoch(), lease.owner().uuid()))
                .map(rows -> rows.rowCount() == 1);
    }

    private static String release(String reason, String which) {
        return """
            with released as (
                update runs set status = 'queued', owner = null, epoch = epoch + 1, queue_reason = '%1$s',
                       event_seq = event_seq + 1
                where %2$s and status = 'running'
                returning id, tenant_id, event_seq
            ), ready as (
                insert into run_ready (run_id, tenant_id) select id, tenant_id from released on conflict do nothing
            )
            insert into run_events (run_id, seq, tenant_id, type, data)
            select id, event_seq, tenant_id, 'run.queued', jsonb_build_object('status', 'queued', 'reason', '%1$s')
            from released""".formatted(reason, which);
    }

    /**
     * Puts back what a session owns beyond the runs that it knows of.
     *
     * @return how many
     */
    Future<Integer> releaseOrphans(TypeId session, Collection<TypeId> known) {
        UUID[] ids = known.stream().map(TypeId::uuid).toArray(UUID[]::new);
        return engine.query(
                        RELEASE_ORPHANS, Tuple.tuple().addUUID(session.uuid()).addArrayOfUUID(ids))
                .map(SqlResult::rowCount);
    }

    /**
     * Records a cancel, and notes it in the tenant's audit log where it changes anything: both or neither.
     *
     * @return where the run was then; empty when the tenant has no such run
     */
    Future<Optional<Located>> cancel(Cancel wanted) {
        return engine.transaction(sql -> sql.preparedQuery(CANCEL)
                .execute(Tuple.of(wanted.run().uuid(), wanted.tenant().uuid()))
                .compose(rows -> {
                    Optional<Row> found = first(rows);
                    Optional<Located> located = found.map(QueueStore::located);
                    return found.filter(row -> row.getBoolean("changed")).isPresent()
                            ? note(sql, wanted).map(located)
                            : Future.succeededFuture(located);
                }));
    }

    private Future<Void> note(SqlConnection sql, Cancel wanted) {
        return sql.preparedQuery(SET_TENANT)
                .execute(Tuple.of(wanted.tenant().uuid().toString()))
                .compose(set ->
                        AuditStore.append(sql, AuditEntry.success(wanted.by(), "run.cancel", wanted.run(), Map.of())));
    }

    /** Where runs are, by id; a run of another tenant than the one that asks is left to the caller to refuse. */
    Future<Map<TypeId, Place>> locate(Collection<TypeId> runs) {
        UUID[] wanted = runs.stream().map(TypeId::uuid).toArray(UUID[]::new);
        return engine.query(LOCATE, Tuple.of(wanted)).map(rows -> {
            Map<TypeId, Place> places = new HashMap<>();
            rows.forEach(row -> places.put(
                    new TypeId(Kind.RUN, row.getUUID("id")),
                    new Place(new TenantId(row.getUUID("tenant_id")), located(row))));
            return places;
        });
    }

    /** A run's tenant and where it is. */
    record Place(TenantId tenant, Located located) {}

    private static Located located(Row row) {
        return new Located(RunStatus.parse(row.getString("status")), id(Kind.SESSION, row.getUUID("owner")));
    }

    private static Optional<TypeId> id(Kind kind, @Nullable UUID uuid) {
        return Optional.ofNullable(uuid).map(present -> new TypeId(kind, present));
    }

    private static Optional<Row> first(RowSet<Row> rows) {
        return rows.size() == 0 ? Optional.empty() : Optional.of(rows.iterator().next());
    }
}
