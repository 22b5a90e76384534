-- What runs wait for: approvals, timers, child runs, and effects of which nobody knows whether they happened.
--
-- Whatever happens to a run's gates happens under the lock of the run's row, which is taken first. Whoever holds a parent's row
-- passes over children whose rows are held by others; the end of a child waits for its parent's row. So there is no circle.

alter table runs
    add column parent_run    uuid,
    add column parent_seq    integer,
    add column depth         smallint not null default 0,
    add column gated         boolean  not null default false,     -- has had a gate
    add column waiting_since timestamptz,
    add column paused_at     timestamptz,
    add column paused_by     uuid,
    add column origin        text check (origin in ('retry', 'fork')),
    add column origin_run    uuid,
    add column attempt       integer  not null default 1,
    add check ((parent_run is null) = (parent_seq is null)),
    add check ((origin is null) = (origin_run is null));
create index runs_children on runs (parent_run)
    where parent_run is not null and status in ('queued', 'running', 'waiting');            -- what ends with its parent
-- While a run waits, its time does not run.
drop index runs_deadline;
create index runs_deadline on runs (deadline_at) where status in ('queued', 'running');    -- reaper: late runs

-- Each blocks one step of the journal, which its opening and its closing are written to as well.
create table run_gates (
    run_id    uuid        not null,
    seq       integer     not null,
    tenant_id uuid        not null,
    kind      text        not null check (kind in ('approval', 'timer', 'child', 'signal', 'budget', 'in_doubt')),
    status    text        not null default 'open' check (status in ('open', 'closed')),
    outcome   text,
    due_at    timestamptz,
    child_run uuid,
    opened_at timestamptz not null default now(),
    closed_at timestamptz,
    primary key (run_id, seq),
    check ((status = 'closed') = (outcome is not null)),
    check ((status = 'closed') = (closed_at is not null))
);
call tenant_wall('run_gates');
create index run_gates_open on run_gates (run_id) where status = 'open';                   -- what a run waits for
create index run_gates_due on run_gates (due_at) where status = 'open' and due_at is not null;  -- reaper

create table approvals (
    id               uuid primary key,
    tenant_id        uuid        not null,
    run_id           uuid        not null,
    seq              integer     not null,
    agent_id         uuid        not null,
    kind             text        not null check (kind in ('start', 'tool', 'in_doubt')),
    tool             text,
    risk             text        not null check (risk in ('low', 'medium', 'high')),
    required         smallint    not null check (required between 1 and 10),
    arguments        jsonb       not null,
    arguments_sha256 bytea       not null check (length(arguments_sha256) = 32),
    revision         integer     not null default 1 check (revision > 0),
    status           text        not null default 'pending'
        check (status in ('pending', 'approved', 'rejected', 'answered', 'expired', 'cancelled')),
    answer           text,
    requested_by     uuid,
    on_timeout       text        not null check (on_timeout in ('reject', 'escalate', 'approve')),
    patience         interval    not null check (patience > interval '0'),
    expires_at       timestamptz not null,
    escalated_at     timestamptz,
    remind_every     interval check (remind_every > interval '0'),
    remind_at        timestamptz,
    reminders        integer     not null default 0,
    created_at       timestamptz not null default now(),
    decided_at       timestamptz,
    unique (run_id, seq),
    -- Nothing that needs two people happens because nobody came.
    check (not (risk = 'high' and on_timeout = 'approve')),
    check ((status = 'pending') = (decided_at is null))
);
call tenant_wall('approvals');
create index approvals_tenant on approvals (tenant_id, id);                                -- list of a tenant's approvals
create index approvals_reminders on approvals (remind_at) where status = 'pending' and remind_at is not null;  -- reaper

-- One per person and revision: an edit makes the earlier ones void.
create table approval_votes (
    approval_id      uuid        not null references approvals,
    revision         integer     not null,
    user_id          uuid        not null,
    tenant_id        uuid        not null,
    api_key_id       uuid,
    decision         text        not null check (decision in ('approve', 'reject', 'happened', 'did_not_happen', 'try_again')),
    arguments_sha256 bytea       not null,
    comment          text,
    created_at       timestamptz not null default now(),
    primary key (approval_id, revision, user_id)
);
call tenant_wall('approval_votes');

-- What touches gates does so as a role that can do nothing else; the service itself may only read them.
do $$
declare
    seen text;
begin
    if not exists (select from pg_roles where rolname = 'temponest_gatekeeper') then
        create role temponest_gatekeeper nologin;
    end if;
    execute format('grant temponest_gatekeeper to %I', current_user);
    foreach seen in array array [
        'runs', 'run_ready', 'run_steps', 'run_events', 'run_gates', 'approvals', 'approval_votes'
    ] loop
        execute format('create policy gatekeeper on %I to temponest_gatekeeper using (true) with check (true)', seen);
    end loop;
end
$$;
grant usage on schema public to temponest_gatekeeper;
grant select, insert, update on runs, run_gates, approvals to temponest_gatekeeper;
grant select, insert, update, delete on run_ready to temponest_gatekeeper;    -- row locks need the update privilege
grant select, insert on run_steps, run_events, approval_votes to temponest_gatekeeper;
grant select on run_gates, approvals, approval_votes to temponest_app;

-- A time as clients see it, for events.
create function rfc_3339(moment timestamptz) returns text
    language sql stable parallel safe
    return to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

-- Adds an event to a run whose row the caller holds; answers its number.
create function run_event(of_run uuid, what text, more jsonb) returns bigint
    language plpgsql security definer set search_path = public, pg_temp as
$$
declare
    number bigint;
    tenant uuid;
begin
    update runs set event_seq = event_seq + 1 where id = of_run returning event_seq, tenant_id into strict number, tenant;
    insert into run_events (run_id, seq, tenant_id, type, data) values (of_run, number, tenant, what, jsonb_strip_nulls(more));
    return number;
end
$$;

-- Takes a run from the queue. A row that somebody claims at the moment is theirs to drop: they find the run not queued. To wait
-- for them here, with the run's row in hand for which they wait, would be to wait for ever.
create function run_unready(of_run uuid) returns void
    language sql security definer set search_path = public, pg_temp as
$$
    delete from run_ready where run_id in (select q.run_id from run_ready q where q.run_id = of_run for update skip locked)
$$;

-- Queues a waiting run that nothing holds back any more, with the time that it had left. The caller holds its row.
create function run_wake(woken uuid) returns boolean
    language plpgsql security definer set search_path = public, pg_temp as
$$
declare
    tenant uuid;
begin
    update runs set status = 'queued', queue_reason = 'woken', deadline_at = deadline_at + (now() - waiting_since),
                    waiting_since = null
    where id = woken and status = 'waiting' and paused_at is null
      and not exists (select from run_gates g where g.run_id = woken and g.status = 'open')
    returning tenant_id into tenant;
    if not found then
        return false;
    end if;
    insert into run_ready (run_id, tenant_id) values (woken, tenant) on conflict do nothing;
    perform run_event(woken, 'run.queued', jsonb_build_object('status', 'queued', 'reason', 'woken'));
    return true;
end
$$;

-- Closes a gate, once: its step has a result, and the run goes on when it was the last one. False where it was closed already.
create function gate_close(of_run uuid, of_seq integer, how text, result jsonb) returns boolean
    language plpgsql security definer set search_path = public, pg_temp as
$$
declare
    held   runs;
    opened run_steps;
begin
    select * into held from runs where id = of_run for update;
    if not found or held.status in ('succeeded', 'failed', 'cancelled', 'timed_out', 'dead') then
        return false;
    end if;
    update run_gates set status = 'closed', outcome = how, closed_at = now()
    where run_id = of_run and seq = of_seq and status = 'open';
    if not found then
        return false;
    end if;
    select * into strict opened from run_steps where run_id = of_run and seq = of_seq and phase = 'intent';
    -- Without what is absent, but with the nulls within the arguments: what was approved is what is called.
    insert into run_steps (run_id, seq, phase, tenant_id, epoch, kind, name, payload)
    select of_run, of_seq, 'done', held.tenant_id, held.epoch, opened.kind, opened.name, jsonb_object_agg(e.key, e.value)
    from jsonb_each(result || jsonb_build_object('outcome', how)) e
    where e.value <> 'null';
    update runs set steps = steps + 1 where id = of_run;
    perform run_event(of_run, 'step.completed', jsonb_build_object(
        'seq', of_seq, 'kind', opened.kind, 'name', opened.name, 'status', 'succeeded', 'outcome', how));
    perform run_wake(of_run);
    return true;
end
$$;

-- Opens gates for a run that a worker holds, and lets the run wait if any of them is open: it then costs its row and no slot.
-- Gates that are there already are left as they are, so that this may be repeated. A run that is to be cancelled ends instead.
create function gates_open(of_run uuid, held_epoch integer, held_by uuid, wanted jsonb)
    returns table (held boolean, parked boolean, last_event bigint)
    language plpgsql security definer set search_path = public, pg_temp as
$$
declare
    r    runs;
    gate jsonb;
    ask  jsonb;
    made jsonb;
    due  timestamptz;
begin
    select * into r from runs where id = of_run and epoch = held_epoch and owner = held_by and status = 'running' for update;
    if not found then
        return query select false, false, 0::bigint;
        return;
    end if;
    if r.cancel_requested_at is not null then
        update runs set status = 'cancelled', owner = null, epoch = epoch + 1, finished_at = now() where id = of_run;
        return query select true, true, run_event(of_run, 'run.cancelled', jsonb_build_object('status', 'cancelled'));
        return;
    end if;
    for gate in select value from jsonb_array_elements(wanted) with ordinality o (value, n) order by n loop
        insert into run_steps (run_id, seq, phase, tenant_id, epoch, kind, name, payload)
        values (of_run, (gate->>'seq')::integer, 'intent', r.tenant_id, r.epoch,
                case gate->>'kind' when 'timer' then 'timer' when 'child' then 'child' else 'gate' end,
                gate->>'name', gate->'intent')
        on conflict do nothing;
        if not found then
            continue;
        end if;
        ask := gate->'approval';
        made := gate->'child';
        due := now() + (gate->>'due_s')::double precision * interval '1 second';
        insert into run_gates (run_id, seq, tenant_id, kind, due_at, child_run)
        values (of_run, (gate->>'seq')::integer, r.tenant_id, gate->>'kind', due, (made->>'id')::uuid);
        if ask is not null then
            insert into approvals (id, tenant_id, run_id, seq, agent_id, kind, tool, risk, required, arguments, arguments_sha256,
                                   requested_by, on_timeout, patience, expires_at, remind_every, remind_at)
            values ((ask->>'id')::uuid, r.tenant_id, of_run, (gate->>'seq')::integer, r.agent_id, ask->>'kind', ask->>'tool',
                    ask->>'risk', (ask->>'required')::smallint, ask->'arguments', decode(ask->>'arguments_sha256', 'hex'),
                    r.created_by, ask->>'on_timeout', due - now(), due,
                    (ask->>'remind_s')::integer * interval '1 second',
                    now() + (ask->>'remind_s')::integer * interval '1 second');
            perform run_event(of_run, 'approval.requested', jsonb_build_object(
                'approval', type_id('apr', (ask->>'id')::uuid), 'kind', ask->>'kind', 'tool', ask->>'tool', 'risk', ask->>'risk',
                'required', (ask->>'required')::smallint, 'revision', 1, 'expires_at', rfc_3339(due)));
        end if;
        if made is not null then
            insert into runs (id, tenant_id, agent_id, agent_version_id, project_id, created_by, api_key_id, request, model,
                              deadline_at, event_seq, parent_run, parent_seq, depth)
            values ((made->>'id')::uuid, r.tenant_id, (made->>'agent_id')::uuid, (made->>'agent_version_id')::uuid, r.project_id,
                    r.created_by, r.api_key_id, made->'request', made->>'model', r.deadline_at, 1, of_run,
                    (gate->>'seq')::integer, r.depth + 1);
            insert into run_ready (run_id, tenant_id) values ((made->>'id')::uuid, r.tenant_id);
            insert into run_events (run_id, seq, tenant_id, type, data)
            values ((made->>'id')::uuid, 1, r.tenant_id, 'run.queued', jsonb_build_object(
                'status', 'queued', 'agent', made->>'agent', 'parent', type_id('run', of_run)));
        end if;
    end loop;
    if exists (select from run_gates g where g.run_id = of_run and g.status = 'open') then
        update runs set status = 'waiting', owner = null, epoch = epoch + 1, gated = true, waiting_since = now() where id = of_run;
        return query select true, true, run_event(of_run, 'run.waiting', jsonb_build_object('status', 'waiting'));
        return;
    end if;
    return query select true, false, r.event_seq;
end
$$;

-- Takes a run from the worker that holds it because somebody paused it. One that was resumed meanwhile is queued again.
create function run_park(of_run uuid, held_epoch integer, held_by uuid) returns boolean
    language plpgsql security definer set search_path = public, pg_temp as
$$
begin
    update runs set status = 'waiting', owner = null, epoch = epoch + 1, waiting_since = now()
    where id = of_run and epoch = held_epoch and owner = held_by and status = 'running';
    if not found then
        return false;
    end if;
    perform run_event(of_run, 'run.paused', jsonb_build_object('status', 'waiting'));
    perform run_wake(of_run);
    return true;
end
$$;

-- Ends a run that nobody executes; flags one that somebody does. The caller holds its row.
create function run_cancel(of_run uuid) returns void
    language plpgsql security definer set search_path = public, pg_temp as
$$
begin
    update runs set cancel_requested_at = coalesce(cancel_requested_at, now()) where id = of_run and status = 'running';
    update runs set status = 'cancelled', finished_at = now(), queue_reason = null, epoch = epoch + 1,
                    cancel_requested_at = coalesce(cancel_requested_at, now())
    where id = of_run and status in ('queued', 'waiting');
    if found then
        perform run_unready(of_run);
        perform run_event(of_run, 'run.cancelled', jsonb_build_object('status', 'cancelled', 'reason', 'parent_ended'));
    end if;
end
$$;

-- A run that is over waits for nothing, its children end with it, and its parent goes on.
create function run_over() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as
$$
declare
    child uuid;
begin
    update run_gates set status = 'closed', outcome = 'run_over', closed_at = now() where run_id = new.id and status = 'open';
    update approvals set status = 'cancelled', decided_at = now(), remind_at = null where run_id = new.id and status = 'pending';
    for child in
        select id from runs where parent_run = new.id and status in ('queued', 'running', 'waiting') for update skip locked
    loop
        perform run_cancel(child);
    end loop;
    if new.parent_run is not null then
        perform gate_close(new.parent_run, new.parent_seq, new.status,
            jsonb_build_object('run', type_id('run', new.id), 'output', new.output, 'error', new.error));
    end if;
    return null;
end
$$;
create trigger run_over after update of status on runs for each row
    when (old.status in ('queued', 'running', 'waiting') and new.status not in ('queued', 'running', 'waiting')
          and (new.gated or new.parent_run is not null))
    execute function run_over();

-- Children of ended runs that were held by others when their parents ended. @return how many
create function children_due() returns integer
    language plpgsql security definer set search_path = public, pg_temp as
$$
declare
    child uuid;
    ended integer := 0;
begin
    for child in
        select c.id from runs c join runs p on p.id = c.parent_run
        where c.parent_run is not null and c.status in ('queued', 'running', 'waiting')
          and (c.status <> 'running' or c.cancel_requested_at is null)
          and p.status not in ('queued', 'running', 'waiting')
        limit 100 for update of c skip locked
    loop
        perform run_cancel(child);
        ended := ended + 1;
    end loop;
    return ended;
end
$$;

-- Decides an approval whose run's row the caller holds.
create function approval_decide(decided approvals, how text, said text, remark text) returns void
    language plpgsql security definer set search_path = public, pg_temp as
$$
begin
    update approvals set status = how, answer = said, decided_at = now(), remind_at = null where id = decided.id;
    perform run_event(decided.run_id, 'approval.' || how, jsonb_build_object(
        'approval', type_id('apr', decided.id), 'tool', decided.tool, 'revision', decided.revision, 'answer', said));
    perform gate_close(decided.run_id, decided.seq, coalesce(said, how), jsonb_build_object(
        'approval', type_id('apr', decided.id), 'arguments', decided.arguments, 'revision', decided.revision, 'comment', remark));
end
$$;

-- Whether a person has asked for a run, or for one that it repeats or comes from: nobody else's retry makes it another's wish.
create function run_asked_by(of_run uuid, person uuid) returns boolean
    language sql stable security definer set search_path = public, pg_temp as
$$
    with recursive asked as (
        select r.created_by, r.parent_run, r.origin_run from runs r where r.id = of_run
        union all
        select r.created_by, r.parent_run, r.origin_run from asked l join runs r on r.id = coalesce(l.origin_run, l.parent_run)
    )
    select exists (select from asked where created_by = person)
$$;

-- What a person says about one revision of an approval. Answers a word: counted or decided when the vote was taken; else why not.
create function approval_vote(voted uuid, voter uuid, voter_key uuid, said text, seen_revision integer, seen_sha256 bytea,
                              remark text) returns text
    language plpgsql security definer set search_path = public, pg_temp as
$$
declare
    a approvals;
begin
    select * into a from approvals where id = voted and tenant_id = current_tenant();
    if not found then
        return 'not_found';
    end if;
    if voter is null then
        return 'nobody';
    end if;
    perform from runs where id = a.run_id for update;
    select * into strict a from approvals where id = voted;
    if a.status <> 'pending' then
        return 'over';
    elsif a.expires_at <= clock_timestamp() then
        return 'expired';
    elsif a.revision <> seen_revision or a.arguments_sha256 <> coalesce(seen_sha256, a.arguments_sha256) then
        return 'stale';
    elsif (a.kind = 'in_doubt') <> (said in ('happened', 'did_not_happen', 'try_again')) then
        return 'wrong_answer';
    elsif a.risk = 'high' and said <> 'reject' and run_asked_by(a.run_id, voter) then
        return 'requester';
    end if;
    insert into approval_votes (approval_id, revision, user_id, tenant_id, api_key_id, decision, arguments_sha256, comment)
    values (voted, a.revision, voter, a.tenant_id, voter_key, said, a.arguments_sha256, remark)
    on conflict do nothing;
    if not found then
        return 'voted';
    end if;
    if said = 'reject' then
        perform approval_decide(a, 'rejected', null, remark);
    elsif a.kind = 'in_doubt' then
        perform approval_decide(a, 'answered', said, remark);
    elsif (select count(*) from approval_votes v
           where v.approval_id = voted and v.revision = a.revision and v.decision = 'approve') >= a.required then
        perform approval_decide(a, 'approved', null, remark);
    else
        perform run_event(a.run_id, 'approval.voted', jsonb_build_object(
            'approval', type_id('apr', voted), 'revision', a.revision, 'required', a.required,
            'votes', (select count(*) from approval_votes v where v.approval_id = voted and v.revision = a.revision)));
        return 'counted';
    end if;
    return 'decided';
end
$$;

-- Gives a tool's call other arguments: a new revision, for which nobody has voted yet. Answers a word, as approval_vote does.
create function approval_edit(edited uuid, seen_revision integer, changed jsonb, sha256 bytea) returns text
    language plpgsql security definer set search_path = public, pg_temp as
$$
declare
    a approvals;
begin
    select * into a from approvals where id = edited and tenant_id = current_tenant();
    if not found then
        return 'not_found';
    end if;
    perform from runs where id = a.run_id for update;
    select * into strict a from approvals where id = edited;
    if a.status <> 'pending' then
        return 'over';
    elsif a.expires_at <= clock_timestamp() then
        return 'expired';
    elsif a.revision <> seen_revision then
        return 'stale';
    elsif a.kind <> 'tool' then
        return 'not_editable';
    end if;
    update approvals set arguments = changed, arguments_sha256 = sha256, revision = revision + 1 where id = edited;
    perform run_event(a.run_id, 'approval.edited',
        jsonb_build_object('approval', type_id('apr', edited), 'tool', a.tool, 'revision', a.revision + 1));
    return 'edited';
end
$$;

-- Fires timers, and does with approvals that nobody decided in time what their policy says. By the database's clock; a run that
-- somebody holds is left for the next round. @return how many gates it closed
create function gates_due() returns integer
    language plpgsql security definer set search_path = public, pg_temp as
$$
declare
    late   record;
    gate   run_gates;
    a      approvals;
    closed integer := 0;
begin
    for late in
        select g.run_id, g.seq from run_gates g where g.status = 'open' and g.due_at <= now() order by g.due_at limit 200
    loop
        perform from runs where id = late.run_id for update skip locked;
        if not found then
            continue;
        end if;
        select * into gate from run_gates
        where run_id = late.run_id and seq = late.seq and status = 'open' and due_at <= clock_timestamp();
        if not found then
            continue;
        end if;
        select * into a from approvals where run_id = late.run_id and seq = late.seq and status = 'pending';
        if not found then
            perform gate_close(late.run_id, late.seq, 'fired', '{}');
        elsif a.on_timeout = 'escalate' and a.escalated_at is null then
            update approvals set escalated_at = now(), expires_at = now() + patience where id = a.id;
            update run_gates set due_at = now() + a.patience where run_id = late.run_id and seq = late.seq;
            perform run_event(a.run_id, 'approval.escalated', jsonb_build_object(
                'approval', type_id('apr', a.id), 'tool', a.tool, 'expires_at', rfc_3339(now() + a.patience)));
            continue;
        elsif a.on_timeout = 'approve' and a.kind <> 'in_doubt' then
            perform approval_decide(a, 'approved', null, 'Nobody decided in time.');
        else
            perform approval_decide(a, 'expired', null, null);
        end if;
        closed := closed + 1;
    end loop;
    for a in
        select p.* from approvals p where p.status = 'pending' and p.remind_at <= now() order by p.remind_at limit 200
    loop
        perform from runs where id = a.run_id for update skip locked;
        if not found then
            continue;
        end if;
        update approvals set reminders = reminders + 1, remind_at = now() + remind_every
        where id = a.id and status = 'pending' and remind_at <= now();
        if found then
            perform run_event(a.run_id, 'approval.reminder', jsonb_build_object(
                'approval', type_id('apr', a.id), 'tool', a.tool, 'reminders', a.reminders + 1,
                'expires_at', rfc_3339(a.expires_at)));
        end if;
    end loop;
    return closed;
end
$$;

-- Holds a run of this tenant back until somebody resumes it. Answers a word, and who executes it, so that they can be told.
create function run_pause(of_run uuid, by_user uuid) returns table (word text, executed_by uuid)
    language plpgsql security definer set search_path = public, pg_temp as
$$
declare
    r runs;
begin
    select * into r from runs where id = of_run and tenant_id = current_tenant() for update;
    if not found then
        return query select 'not_found', null::uuid;
    elsif r.status not in ('queued', 'running', 'waiting') then
        return query select 'over', null::uuid;
    elsif r.paused_at is not null then
        return query select 'already', r.owner;
    else
        update runs set paused_at = now(), paused_by = by_user where id = of_run;
        if r.status = 'queued' then
            perform run_unready(of_run);
            update runs set status = 'waiting', queue_reason = null, waiting_since = now() where id = of_run;
        end if;
        if r.status <> 'running' then
            perform run_event(of_run, 'run.paused', jsonb_build_object('status', 'waiting'));
        end if;
        return query select 'paused', r.owner;
    end if;
end
$$;

-- Lets a paused run of this tenant go on. Answers a word.
create function run_resume(of_run uuid) returns text
    language plpgsql security definer set search_path = public, pg_temp as
$$
declare
    r runs;
begin
    select * into r from runs where id = of_run and tenant_id = current_tenant() for update;
    if not found then
        return 'not_found';
    elsif r.status not in ('queued', 'running', 'waiting') then
        return 'over';
    elsif r.paused_at is null then
        return 'not_paused';
    end if;
    update runs set paused_at = null, paused_by = null where id = of_run;
    perform run_event(of_run, 'run.resumed', jsonb_build_object('status', r.status));
    perform run_wake(of_run);
    return 'resumed';
end
$$;

-- Makes a run from another one of this tenant: a retry from the start, a fork from one of its model's answers, of which it has
-- the journal before. What allowed the start of the other one does not allow this one's. Answers a word.
create function run_again(new_run uuid, source uuid, how text, from_seq integer, other_model text, patience integer,
                          by_user uuid, by_key uuid) returns text
    language plpgsql security definer set search_path = public, pg_temp as
$$
declare
    r runs;
begin
    select * into r from runs where id = source and tenant_id = current_tenant() for share;
    if not found then
        return 'not_found';
    elsif how = 'retry' and r.status not in ('failed', 'dead', 'cancelled', 'timed_out') then
        return 'not_failed';
    elsif how = 'fork' and not exists (
        select from run_steps s where s.run_id = source and s.seq = from_seq and s.kind = 'llm') then
        return 'no_step';
    end if;
    insert into runs (id, tenant_id, agent_id, agent_version_id, project_id, created_by, api_key_id, request, model, deadline_at,
                      event_seq, origin, origin_run, attempt)
    values (new_run, r.tenant_id, r.agent_id, r.agent_version_id, r.project_id, by_user, by_key, r.request,
            coalesce(other_model, r.model),
            now() + least(interval '1 day', coalesce(patience * interval '1 second', r.deadline_at - r.created_at)), 1, how, source,
            case how when 'retry' then r.attempt + 1 else 1 end);
    if how = 'fork' then
        insert into run_steps (run_id, seq, phase, tenant_id, epoch, kind, name, payload)
        select new_run, s.seq, s.phase, s.tenant_id, 0, s.kind, s.name, s.payload
        from run_steps s
        where s.run_id = source and s.seq < from_seq
          and not exists (select from run_steps i where i.run_id = source and i.seq = s.seq and i.phase = 'intent'
                          and i.kind = 'gate' and i.payload->>'gate' = 'start');
        update runs set steps = (select count(*) from run_steps s where s.run_id = new_run and s.phase <> 'intent')
        where id = new_run;
    end if;
    insert into run_ready (run_id, tenant_id) values (new_run, r.tenant_id);
    insert into run_events (run_id, seq, tenant_id, type, data)
    values (new_run, 1, r.tenant_id, 'run.queued', jsonb_build_object(
        'status', 'queued', 'origin', how, 'origin_run', type_id('run', source)));
    return 'made';
end
$$;

do $$
declare
    narrow text;
begin
    grant create on schema public to temponest_gatekeeper;
    foreach narrow in array array [
        'run_event(uuid, text, jsonb)', 'run_unready(uuid)', 'run_wake(uuid)',
        'gate_close(uuid, integer, text, jsonb)', 'gates_open(uuid, integer, uuid, jsonb)', 'run_park(uuid, integer, uuid)', 'run_cancel(uuid)', 'run_over()',
        'children_due()', 'approval_decide(approvals, text, text, text)',
        'run_asked_by(uuid, uuid)',
        'approval_vote(uuid, uuid, uuid, text, integer, bytea, text)', 'approval_edit(uuid, integer, jsonb, bytea)', 'gates_due()',
        'run_pause(uuid, uuid)', 'run_resume(uuid)', 'run_again(uuid, uuid, text, integer, text, integer, uuid, uuid)'
    ] loop
        execute format('alter function %s owner to temponest_gatekeeper', narrow);
        execute format('revoke execute on function %s from public', narrow);
    end loop;
    revoke create on schema public from temponest_gatekeeper;
end
$$;
grant execute on function
    gates_open(uuid, integer, uuid, jsonb), run_park(uuid, integer, uuid), children_due(), gates_due() to temponest_engine;
grant execute on function
    approval_vote(uuid, uuid, uuid, text, integer, bytea, text), approval_edit(uuid, integer, jsonb, bytea),
    run_pause(uuid, uuid), run_resume(uuid), run_again(uuid, uuid, text, integer, text, integer, uuid, uuid) to temponest_app;
