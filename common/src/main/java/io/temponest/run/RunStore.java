package io.temponest.run;

import io.temponest.error.ApiError;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.Principal;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.json.Json;
import io.temponest.store.Page;
import io.temponest.store.PageRequest;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The runs of a tenant, as the gateway makes and reads them; only workers move them on. Failures that a client can cause
 * are {@link io.temponest.error.ApiException}s.
 */
public final class RunStore {

    private static final String FIND_PROJECT = "select id from projects where slug = $1";

    /** The run, its place in the queue and its first event, in one statement. */
    private static final String CREATE = """
            with made as (
                insert into runs (id, tenant_id, agent_id, agent_version_id, project_id, created_by, api_key_id,
                                  request, model, deadline_at, event_seq)
                values ($1, current_tenant(), $2, $3, $4, $5, $6, $7::text::jsonb, $8, $9, 1)
                returning id, tenant_id
            ), queued as (
                insert into run_ready (run_id, tenant_id) select id, tenant_id from made
            )
            insert into run_events (run_id, seq, tenant_id, type, data)
            select id, 1, tenant_id, 'run.queued', jsonb_build_object('status', 'queued', 'agent', $10::text) from made""";

    private static final String GET = RunRows.SELECT + " and r.id = $1";

    private static final String STEPS = """
            select seq, max(kind) as kind, max(name) as name, min(created_at) as started_at,
                   max(created_at) filter (where phase <> 'intent') as finished_at,
                   max(payload::text) filter (where phase <> 'intent') as payload,
                   case when bool_or(phase = 'done') then 'succeeded' when bool_or(phase = 'failed') then 'failed'
                        else 'running' end as status
            from run_steps where run_id = $1 group by seq order by seq""";

    private static final String EVENTS = """
            select run_id, seq, type, data::text as data, created_at from run_events
            where run_id = $1 and seq > $2 order by seq limit $3""";

    private final Postgres postgres;
    private final Ids ids;

    public RunStore(Postgres postgres, Ids ids) {
        this.postgres = postgres;
        this.ids = ids;
    }

    /** Makes a run and queues it. Durable when the future succeeds. */
    public Future<Run> create(Principal by, NewRun wanted) {
        return postgres.inTenant(by.tenant(), sql -> create(sql, by, wanted));
    }

    /** Makes a run and queues it in the caller's transaction. */
    public Future<Run> create(SqlConnection sql, Principal by, NewRun wanted) {
        TypeId id = ids.next(Kind.RUN);
        return project(sql, wanted.projectSlug())
                .compose(project -> insert(sql, by, wanted, id, project))
                .compose(done -> read(sql, id))
                .map(Optional::orElseThrow);
    }

    private static Future<Optional<UUID>> project(SqlConnection sql, Optional<String> slug) {
        return slug.isEmpty()
                ? Future.succeededFuture(Optional.empty())
                : sql.preparedQuery(FIND_PROJECT)
                        .execute(Tuple.of(slug.get()))
                        .map(rows -> Optional.of(first(rows)
                                .orElseThrow(() -> ApiError.invalid(
                                                "project", "project_not_found", "No project '" + slug.get() + "'.")
                                        .exception())
                                .getUUID("id")));
    }

    private static Future<RowSet<Row>> insert(
            SqlConnection sql, Principal by, NewRun wanted, TypeId id, Optional<UUID> project) {
        return sql.preparedQuery(CREATE)
                .execute(Tuple.tuple()
                        .addUUID(id.uuid())
                        .addUUID(wanted.agent().id().uuid())
                        .addUUID(wanted.agent().versionId().uuid())
                        .addUUID(project.orElse(null))
                        .addUUID(by.user().map(TypeId::uuid).orElse(null))
                        .addUUID(by.apiKey().map(TypeId::uuid).orElse(null))
                        .addString(Json.text(wanted.request()))
                        .addString(wanted.model().toString())
                        .addOffsetDateTime(Instant.now().plus(wanted.deadline()).atOffset(ZoneOffset.UTC))
                        .addString(wanted.agent().slug()));
    }

    public Future<Optional<Run>> get(TenantId tenant, TypeId run) {
        return postgres.inTenant(tenant, sql -> read(sql, run));
    }

    /** A run in the caller's transaction. */
    public static Future<Optional<Run>> read(SqlConnection sql, TypeId run) {
        return sql.preparedQuery(GET)
                .execute(Tuple.of(run.uuid()))
                .map(rows -> first(rows).map(RunRows::run));
    }

    public Future<Page<Run>> list(TenantId tenant, RunFilter filter, PageRequest page) {
        RunLists.Shape shape = RunLists.Shape.of(filter);
        return postgres.inTenant(
                tenant, sql -> RunLists.page(shape).read(sql, page, RunLists.values(filter), RunRows::run));
    }

    public Future<Long> count(TenantId tenant, RunFilter filter) {
        return postgres.inTenant(
                tenant,
                sql -> sql.preparedQuery(RunLists.count(RunLists.Shape.of(filter)))
                        .execute(Tuple.from(RunLists.values(filter)))
                        .map(rows -> rows.iterator().next().getLong(0)));
    }

    /** The steps of a run in order; empty when there is no such run. */
    public Future<Optional<List<RunStep>>> steps(TenantId tenant, TypeId run) {
        return postgres.inTenant(
                tenant,
                sql -> read(sql, run)
                        .compose(found -> found.isEmpty()
                                ? Future.succeededFuture(Optional.empty())
                                : sql.preparedQuery(STEPS)
                                        .execute(Tuple.of(run.uuid()))
                                        .map(rows -> {
                                            List<RunStep> steps = new ArrayList<>();
                                            rows.forEach(row -> steps.add(RunRows.step(row)));
                                            return Optional.of(steps);
                                        })));
    }

    /** Durable events after a number, in order, at most {@code limit}; none when there is no such run. */
    public Future<List<RunEvent>> events(TenantId tenant, TypeId run, long after, int limit) {
        return postgres.inTenant(
                tenant,
                sql -> sql.preparedQuery(EVENTS)
                        .execute(Tuple.of(run.uuid(), after, limit))
                        .map(rows -> {
                            List<RunEvent> events = new ArrayList<>();
                            rows.forEach(row -> events.add(RunRows.event(row)));
                            return events;
                        }));
    }

    private static Optional<Row> first(RowSet<Row> rows) {
        return rows.size() == 0 ? Optional.empty() : Optional.of(rows.iterator().next());
    }
}
