package io.temponest.workers.run;

import io.temponest.identity.TypeId;
import io.temponest.json.Json;
import io.temponest.spend.Usage;
import io.temponest.store.EnginePostgres;
import io.temponest.workers.run.ClaimedRun.Lease;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.math.BigDecimal;
import java.util.regex.Pattern;

/**
 * The journals of runs: inserts only, fenced by the lease, the first writer of a row wins. Each write is one statement
 * that holds the row, its event, and what it does to the run. A write whose lease is over fails with {@link
 * LeaseLostException}; one whose row is there already changes nothing and succeeds, so every write may be repeated.
 */
final class JournalStore {

    private static final Pattern NUL = Pattern.compile("(?<!\\\\)((?:\\\\\\\\)*)\\\\u0000");

    private static final String LOAD =
            "select seq, phase, kind, payload::text as payload from run_steps where run_id = $1 order by seq, phase desc";

    private static final String APPEND = """
            with held as (
                select id, tenant_id from runs
                where id = $1 and epoch = $2 and owner = $3 and status = 'running' for update
            ), step as (
                insert into run_steps (run_id, seq, phase, tenant_id, epoch, kind, name, payload)
                select id, $4, $5, tenant_id, $2, $6, $7, $8::text::jsonb from held
                on conflict do nothing returning run_id
            ), counted as (
                update runs r set event_seq = r.event_seq + 1, steps = r.steps + case when $5 = 'intent' then 0 else 1 end,
                       input_tokens = r.input_tokens + $11, cached_input_tokens = r.cached_input_tokens + $12,
                       output_tokens = r.output_tokens + $13, cost_usd = r.cost_usd + $14
                from step where r.id = step.run_id
                returning r.id, r.tenant_id, r.event_seq
            ), announced as (
                insert into run_events (run_id, seq, tenant_id, type, data)
                select id, event_seq, tenant_id, $9, $10::text::jsonb from counted
            )
            select (select count(*) from held) as held, (select event_seq from counted) as event_seq""";

    private static final String FINISH = """
            with ended as (
                update runs set status = $4, owner = null, output = $5, citations = $6::text::jsonb, error = $7::text::jsonb,
                       finished_at = now(), event_seq = event_seq + 1
                where id = $1 and epoch = $2 and owner = $3 and status = 'running'
                returning id, tenant_id, event_seq
            )
            insert into run_events (run_id, seq, tenant_id, type, data)
            select id, event_seq, tenant_id, 'run.' || $4, $8::text::jsonb from ended""";

    private final EnginePostgres engine;

    JournalStore(EnginePostgres engine) {
        this.engine = engine;
    }

    /** What the run has done and begun. */
    Future<Journal> load(TypeId run) {
        return engine.query(LOAD, Tuple.of(run.uuid())).map(rows -> {
            Journal journal = new Journal();
            rows.forEach(row -> {
                int seq = row.getInteger("seq");
                String kind = row.getString("kind");
                String payload = row.getString("payload");
                if (row.getString("phase").equals("intent")) {
                    journal.begun(seq, kind, Json.read(payload, StepIntent.class));
                } else {
                    journal.ended(seq, kind, StepResult.read(kind, row.getString("phase"), payload));
                }
            });
            return journal;
        });
    }

    /**
     * What is written of a step.
     *
     * @param phase {@code intent}, {@code done} or {@code failed}
     * @param payload of the row, a JSON object
     * @param event its type
     * @param eventData its data, a JSON object
     */
    record Entry(int seq, String kind, String name, String phase, Object payload, String event, Object eventData) {}

    /** What the model call of a step came to, for the run's own sums; the ledger has it from who made the call. */
    record Charge(Usage usage, BigDecimal costUsd) {}

    /** Appends a row. @return the number of its event; 0 when the row was there already */
    Future<Long> append(Lease lease, Entry entry) {
        return write(
                lease, step(lease, entry).addLong(0L).addLong(0L).addLong(0L).addBigDecimal(BigDecimal.ZERO));
    }

    /** Appends a row together with what its model call cost. @return as {@link #append(Lease, Entry)} */
    Future<Long> append(Lease lease, Entry entry, Charge charge) {
        Usage usage = charge.usage();
        return write(
                lease,
                step(lease, entry)
                        .addLong(usage.inputTokens())
                        .addLong(usage.cachedInputTokens())
                        .addLong(usage.outputTokens())
                        .addBigDecimal(charge.costUsd()));
    }

    private static Tuple step(Lease lease, Entry entry) {
        return Tuple.tuple()
                .addUUID(lease.run().uuid())
                .addInteger(lease.epoch())
                .addUUID(lease.owner().uuid())
                .addInteger(entry.seq())
                .addString(entry.phase())
                .addString(entry.kind())
                .addString(entry.name())
                .addString(json(entry.payload()))
                .addString(entry.event())
                .addString(json(entry.eventData()));
    }

    private Future<Long> write(Lease lease, Tuple tuple) {
        return engine.query(APPEND, tuple).map(rows -> {
            Row row = rows.iterator().next();
            if (row.getLong("held") == 0) {
                throw new LeaseLostException(lease);
            }
            Long event = row.getLong("event_seq");
            return event == null ? 0L : event;
        });
    }

    /** Ends the run. */
    Future<Void> finish(Lease lease, Ending ending, Object eventData) {
        return engine.query(
                        FINISH,
                        Tuple.tuple()
                                .addUUID(lease.run().uuid())
                                .addInteger(lease.epoch())
                                .addUUID(lease.owner().uuid())
                                .addString(ending.status().toString())
                                .addString(ending.output()
                                        .map(JournalStore::storable)
                                        .orElse(null))
                                .addString(json(ending.citations()))
                                .addString(
                                        ending.error().map(JournalStore::json).orElse(null))
                                .addString(json(eventData)))
                .compose(rows -> rows.rowCount() == 1
                        ? Future.<Void>succeededFuture()
                        : Future.failedFuture(new LeaseLostException(lease)));
    }

    /** PostgreSQL stores no NUL: models that emit one lose it here. */
    private static String storable(String text) {
        return text.replace("\u0000", "");
    }

    /** An escaped NUL has an even number of backslashes before its own; with an odd one it is a text about NULs. */
    static String json(Object value) {
        return NUL.matcher(Json.text(value)).replaceAll("$1");
    }
}
