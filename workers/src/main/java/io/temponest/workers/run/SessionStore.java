package io.temponest.workers.run;

import io.temponest.identity.Kind;
import io.temponest.identity.TypeId;
import io.temponest.store.EnginePostgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which workers live, and what becomes of the work of those that do not. All times are the database's. */
final class SessionStore {

    private static final String REGISTER = """
            insert into worker_sessions (id, node, expires_at) values ($1, $2, now() + interval '5 seconds')""";

    /** Also tells which of the session's runs are to stop, in case the message about it was lost. */
    private static final String HEARTBEAT = """
            with beat as (
                update worker_sessions set expires_at = now() + interval '5 seconds', loop_lag_ms = $2
                where id = $1 and state <> 'dead' returning id
            )
            select beat.id as session, r.id as run, r.cancel_requested_at is not null as cancelling
            from beat left join runs r on r.owner = beat.id
             and (r.cancel_requested_at is not null or r.paused_at is not null)""";

    private static final String DRAIN =
            "update worker_sessions set state = 'draining' where id = $1 and state = 'live'";

    /** Documents in progress go on elsewhere. */
    private static final String CLOSE = """
            with closed as (
                update worker_sessions set state = 'dead' where id = $1 returning id
            )
            update documents d set status = 'queued', owner = null from closed c where d.owner = c.id""";

    /** A lost session's runs and documents become ready again, or dead when that has happened too often: one statement. */
    private static final String REAP_SESSIONS = """
            with lost as (
                update worker_sessions set state = 'dead' where state <> 'dead' and expires_at < now() returning id
            ), freed as (
                update runs r set owner = null, epoch = r.epoch + 1, recoveries = r.recoveries + 1,
                       event_seq = r.event_seq + 1, queue_reason = 'recovering',
                       status = case when r.recoveries >= $1 then 'dead' else 'queued' end,
                       finished_at = case when r.recoveries >= $1 then now() end
                from lost l where r.owner = l.id and r.status = 'running'
                returning r.id, r.tenant_id, r.status, r.event_seq, r.recoveries
            ), ready as (
                insert into run_ready (run_id, tenant_id) select id, tenant_id from freed where status = 'queued'
                on conflict do nothing
            ), announced as (
                insert into run_events (run_id, seq, tenant_id, type, data)
                select id, event_seq, tenant_id, 'run.' || status,
                       jsonb_build_object('status', status, 'reason', 'worker_lost', 'recoveries', recoveries)
                from freed
            ), documents_freed as (
                update documents d set status = 'queued', owner = null from lost l where d.owner = l.id
            )
            select (select count(*) from lost) as sessions, (select count(*) from freed) as runs""";

    /**
     * Ends runs past their deadline and runs whose worker did not obey a cancel within 10 s. A ready row that somebody claims
     * at the moment is theirs to drop.
     */
    private static final String END_OVERDUE = """
            with overdue as (
                select id, case when cancel_requested_at < now() - interval '10 seconds' and status = 'running'
                                then 'cancelled' else 'timed_out' end as verdict
                from runs
                where (status in ('queued', 'running') and deadline_at < now() - interval '2 seconds')
                   or (status = 'running' and cancel_requested_at < now() - interval '10 seconds')
                limit 100 for update skip locked
            ), ended as (
                update runs r set status = o.verdict, owner = null, epoch = r.epoch + 1, finished_at = now(),
                       queue_reason = null, event_seq = r.event_seq + 1,
                       error = case when o.verdict = 'timed_out' then $1::text::jsonb end
                from overdue o where r.id = o.id
                returning r.id, r.tenant_id, r.status, r.event_seq, r.error
            ), dequeued as (
                delete from run_ready where run_id in (
                    select q.run_id from run_ready q join ended e on e.id = q.run_id for update of q skip locked)
            )
            insert into run_events (run_id, seq, tenant_id, type, data)
            select id, event_seq, tenant_id, 'run.' || status,
                   jsonb_strip_nulls(jsonb_build_object('status', status, 'error', error))
            from ended""";

    /** Queued runs without a ready row, and runs or documents of sessions that are dead: neither should exist. */
    private static final String RECONCILE = """
            with orphans as (
                update runs r set owner = null, status = 'queued', epoch = r.epoch + 1, recoveries = r.recoveries + 1
                from worker_sessions s where r.owner = s.id and r.status = 'running' and s.state = 'dead'
                returning r.id, r.tenant_id
            ), strays as (
                update documents d set status = 'queued', owner = null
                from worker_sessions s where d.owner = s.id and s.state = 'dead'
            ), old as (
                delete from worker_sessions where state = 'dead' and expires_at < now() - interval '1 day'
            )
            insert into run_ready (run_id, tenant_id)
            select id, tenant_id from orphans
            union
            select r.id, r.tenant_id from runs r
            where r.status = 'queued' and r.created_at < now() - interval '10 seconds'
              and not exists (select from run_ready q where q.run_id = r.id)
            on conflict do nothing""";

    private static final String GATES_DUE = "select gates_due() as closed";

    private static final String CHILDREN_DUE = "select children_due() as ended";

    private static final String ENSURE_PARTITIONS = "select ensure_partitions(3)";

    /** In bounded pieces: a row's policy shows the engine none that is younger. */
    private static final String FORGET_ANSWERS = """
            delete from idempotency_keys where (tenant_id, principal, key) in (
                select tenant_id, principal, key from idempotency_keys
                where created_at < now() - interval '24 hours' order by created_at limit 10000)""";

    private static final String DROP_OLD_PARTITIONS = "select drop_old_partitions()";

    /** In bounded pieces too. A session goes after its tokens, which are never good for longer than it is. */
    private static final String FORGET_EXPIRED = """
            with tokens as (
                delete from refresh_tokens where id in (
                    select id from refresh_tokens where expires_at < now() - interval '7 days' order by expires_at limit 10000)
            ), resets as (
                delete from password_resets where id in (
                    select id from password_resets where expires_at < now() - interval '7 days' order by expires_at limit 10000)
            ), invited as (
                delete from invitations where id in (
                    select id from invitations where expires_at < now() - interval '30 days' order by expires_at limit 10000)
            )
            delete from user_sessions where id in (
                select s.id from user_sessions s where s.expires_at < now() - interval '30 days'
                and not exists (select from refresh_tokens t where t.session_id = s.id) order by s.expires_at limit 10000)""";

    private final EnginePostgres control;

    SessionStore(EnginePostgres control) {
        this.control = control;
    }

    Future<Void> register(TypeId session, String node) {
        return control.query(REGISTER, Tuple.of(session.uuid(), node)).mapEmpty();
    }

    /** The session's runs that are to stop. */
    record Wishes(List<TypeId> cancelling, List<TypeId> pausing) {}

    /** Empty when the session was declared dead. */
    Future<Optional<Wishes>> heartbeat(TypeId session, int lagMs) {
        return control.query(HEARTBEAT, Tuple.of(session.uuid(), lagMs)).map(rows -> {
            if (rows.size() == 0) {
                return Optional.empty();
            }
            Wishes wishes = new Wishes(new ArrayList<>(), new ArrayList<>());
            rows.forEach(row -> Optional.ofNullable(row.getUUID("run"))
                    .ifPresent(run -> (row.getBoolean("cancelling") ? wishes.cancelling() : wishes.pausing())
                            .add(new TypeId(Kind.RUN, run))));
            return Optional.of(wishes);
        });
    }

    /** The session claims nothing more. */
    Future<Void> drain(TypeId session) {
        return control.query(DRAIN, Tuple.of(session.uuid())).mapEmpty();
    }

    /** The session has nothing any more. */
    Future<Void> close(TypeId session) {
        return control.query(CLOSE, Tuple.of(session.uuid())).mapEmpty();
    }

    /** @param maxRecoveries a run that was recovered so often is dead instead */
    Future<Reaped> reapSessions(int maxRecoveries) {
        return control.query(REAP_SESSIONS, Tuple.of(maxRecoveries)).map(rows -> {
            Row row = rows.iterator().next();
            return new Reaped(row.getLong("sessions"), row.getLong("runs"));
        });
    }

    /** How many sessions were found lost, and how many runs were taken from them. */
    record Reaped(long sessions, long runs) {}

    /** @param timeoutError the error of runs that time out, as JSON */
    Future<Integer> endOverdue(String timeoutError) {
        return control.query(END_OVERDUE, Tuple.of(timeoutError)).map(rows -> rows.rowCount());
    }

    /** @return how many runs had to be put back: more than 0 points to a bug or to lost writes */
    Future<Integer> reconcile() {
        return control.query(RECONCILE, Tuple.tuple()).map(rows -> rows.rowCount());
    }

    /** Fires timers and gives up approvals whose time is over. @return how many gates were closed */
    Future<Integer> gatesDue() {
        return control.query(GATES_DUE, Tuple.tuple())
                .map(rows -> rows.iterator().next().getInteger("closed"));
    }

    /** Ends children whose parents have ended. @return how many */
    Future<Integer> childrenDue() {
        return control.query(CHILDREN_DUE, Tuple.tuple())
                .map(rows -> rows.iterator().next().getInteger("ended"));
    }

    /** Deletes answers that were kept for an Idempotency-Key for their 24 hours. */
    Future<Void> forgetAnswers() {
        return control.query(FORGET_ANSWERS, Tuple.tuple()).mapEmpty();
    }

    /** Deletes tokens, resets, invitations and sessions that were over long ago. */
    Future<Void> forgetExpired() {
        return control.query(FORGET_EXPIRED, Tuple.tuple()).mapEmpty();
    }

    /** Drops the months of revocations and of attempts to sign in that nobody needs any more. */
    Future<Void> dropOldPartitions() {
        return control.query(DROP_OLD_PARTITIONS, Tuple.tuple()).mapEmpty();
    }

    Future<Void> ensurePartitions() {
        return control.query(ENSURE_PARTITIONS, Tuple.tuple()).mapEmpty();
    }
}
