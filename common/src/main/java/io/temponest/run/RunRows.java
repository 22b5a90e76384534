package io.temponest.run;

import io.temponest.error.ApiError;
import io.temponest.identity.Kind;
import io.temponest.identity.TypeId;
import io.temponest.json.Json;
import io.temponest.model.Message;
import io.temponest.spend.Usage;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads the engine's rows. */
final class RunRows {

    private static final String WHOLE = "(r.request->'input')::text as input, r.output, r.citations::text as citations";

    /** Inputs, outputs and citations may have megabytes each. */
    private static final String SHORT = "'[]'::text as input, null::text as output, '[]'::text as citations";

    static final String SELECT = select(WHOLE);

    /** Runs without what they were asked and what they answered. */
    static final String SUMMARY = select(SHORT);

    private RunRows() {}

    private static String select(String texts) {
        return """
            select r.id, r.agent_id, a.slug as agent_slug, v.version as agent_version, p.slug as project_slug, r.status,
                   r.queue_reason, r.model, %s,
                   r.input_tokens, r.cached_input_tokens, r.output_tokens, r.cost_usd, r.steps, r.recoveries, r.event_seq,
                   r.error::text as error, r.created_at, r.started_at, r.finished_at, r.paused_at, r.parent_run, r.origin,
                   r.origin_run, r.attempt,
                   case when r.status = 'waiting' then (
                       select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                           'kind', g.kind, 'seq', g.seq, 'until', g.due_at, 'approval', type_id('apr', p.id), 'tool', p.tool,
                           'votes', case when p.id is not null then (
                               select count(*) from approval_votes o
                               where o.approval_id = p.id and o.revision = p.revision and o.decision = 'approve') end,
                           'required', p.required, 'run', type_id('run', g.child_run))) order by g.seq)
                       from run_gates g left join approvals p on p.run_id = g.run_id and p.seq = g.seq
                       where g.run_id = r.id and g.status = 'open') end::text as waiting_for
            from runs r
            join agents a on a.id = r.agent_id
            join agent_versions v on v.id = r.agent_version_id
            left join projects p on p.id = r.project_id
            where true""".formatted(texts);
    }

    static Run run(Row row) {
        return new Run(
                new TypeId(Kind.RUN, row.getUUID("id")),
                new TypeId(Kind.AGENT, row.getUUID("agent_id")),
                row.getString("agent_slug"),
                row.getInteger("agent_version"),
                Optional.ofNullable(row.getString("project_slug")),
                RunStatus.parse(row.getString("status")),
                Optional.ofNullable(row.getString("queue_reason")),
                row.getString("model"),
                List.of(Json.read(row.getString("input"), Message[].class)),
                Optional.ofNullable(row.getString("output")),
                List.of(Json.read(row.getString("citations"), Citation[].class)),
                new Usage(
                        row.getLong("input_tokens"),
                        row.getLong("cached_input_tokens"),
                        row.getLong("output_tokens"),
                        false),
                row.getBigDecimal("cost_usd"),
                row.getInteger("steps"),
                row.getInteger("recoveries"),
                row.getLong("event_seq"),
                Optional.ofNullable(row.getString("error")).map(text -> Json.read(text, ApiError.class)),
                row.getOffsetDateTime("created_at").toInstant(),
                instant(row.getOffsetDateTime("started_at")),
                instant(row.getOffsetDateTime("finished_at")),
                Optional.ofNullable(row.getString("waiting_for"))
                        .map(text -> List.of(Json.read(text, RunWait[].class)))
                        .orElse(List.of()),
                instant(row.getOffsetDateTime("paused_at")),
                new Run.Kin(
                        id(row.getUUID("parent_run")),
                        Optional.ofNullable(row.getString("origin")),
                        id(row.getUUID("origin_run")),
                        row.getInteger("attempt")));
    }

    private static Optional<TypeId> id(@Nullable UUID uuid) {
        return Optional.ofNullable(uuid).map(known -> new TypeId(Kind.RUN, known));
    }

    static RunEvent event(Row row) {
        return new RunEvent(
                new TypeId(Kind.RUN, row.getUUID("run_id")),
                row.getLong("seq"),
                row.getString("type"),
                Json.tree(row.getString("data")),
                row.getOffsetDateTime("created_at").toInstant());
    }

    /** A row of the journal, grouped by step. */
    static RunStep step(Row row) {
        Optional<StepEnd> end =
                Optional.ofNullable(row.getString("payload")).map(text -> Json.read(text, StepEnd.class));
        return new RunStep(
                row.getInteger("seq"),
                row.getString("kind"),
                row.getString("name"),
                row.getString("status"),
                end.flatMap(StepEnd::startedAt)
                        .orElse(row.getOffsetDateTime("started_at").toInstant()),
                instant(row.getOffsetDateTime("finished_at")),
                end.flatMap(StepEnd::usage),
                end.flatMap(StepEnd::error));
    }

    /** What every kind of step tells of its end; the rest of its payload is for the engine. */
    private record StepEnd(Optional<Instant> startedAt, Optional<Usage> usage, Optional<ApiError> error) {}

    private static Optional<Instant> instant(OffsetDateTime time) {
        return Optional.ofNullable(time).map(OffsetDateTime::toInstant);
    }
}
