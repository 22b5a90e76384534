-- Webhooks: who wants to hear of what, what was and is to be delivered, and how that went.

create table webhook_endpoints (
    id              uuid primary key,
    tenant_id       uuid        not null references tenants,
    name            text        not null check (length(name) between 1 and 100),
    description     text        not null default '' check (length(description) <= 1000),
    url             text        not null check (length(url) between 1 and 2048),
    events          text[]      not null check (cardinality(events) between 1 and 50),    -- types, family.* or *
    timeout_s       integer     not null check (timeout_s between 1 and 30),
    retry_s         integer[]   not null check (cardinality(retry_s) <= 20),
    active          boolean     not null default true,
    disabled_at     timestamptz,                            -- by the program; whoever switches it on again clears it
    disabled_reason text check (disabled_reason in ('gone', 'failing')),
    secret          bytea,                                  -- sealed
    previous_secret bytea,                                  -- sealed; signs too until previous_until
    previous_until  timestamptz,
    created_by      uuid references users,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    archived_at     timestamptz,
    check ((disabled_at is null) = (disabled_reason is null)),
    check ((previous_secret is null) = (previous_until is null)),
    check ((secret is null) = (archived_at is not null))
);
call tenant_wall('webhook_endpoints');
create index webhook_endpoints_tenant on webhook_endpoints (tenant_id, id) where archived_at is null;    -- list; an event's endpoints

-- How an endpoint is doing. Whoever claims deliveries of it, or settles one, locks this row, so that what is in flight is counted
-- by one at a time.
create table webhook_standings (
    endpoint_id     uuid primary key,
    tenant_id       uuid        not null,
    failures        integer     not null default 0,         -- attempts in a row, without those that fail during a pause
    failing_since   timestamptz,                            -- the first of them
    open_until      timestamptz,                            -- nothing is sent before
    delivered       bigint      not null default 0,
    failed          bigint      not null default 0,         -- attempts
    last_success_at timestamptz,
    last_failure_at timestamptz,
    check ((failures = 0) = (failing_since is null))
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
call tenant_wall('webhook_standings');

-- One row per event and endpoint. Partitioned by the time in its own UUIDv7. It changes once: when it ends.
create table webhook_deliveries (
    id            uuid        not null primary key,
    tenant_id     uuid        not null,
    endpoint_id   uuid        not null,
    event_id      uuid        not null,
    event_type    text        not null,
    payload       text        not null,                     -- the body, byte by byte the same in each attempt
    redelivery_of uuid,
    status        text        not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
    attempts      integer     not null default 0,           -- when it ended
    created_at    timestamptz not null default now(),
    ended_at      timestamptz,
    check ((status = 'pending') = (ended_at is null))
) partition by range (id);
call tenant_wall('webhook_deliveries');
create index webhook_deliveries_endpoint on webhook_deliveries (endpoint_id, id);          -- list of an endpoint's deliveries

-- Inserts only. Partitioned by the time in the delivery's UUIDv7.
create table webhook_attempts (
    delivery_id uuid        not null,
    attempt     integer     not null,
    tenant_id   uuid        not null,
    outcome     text        not null check (outcome in ('delivered', 'failed', 'lost')),
    status_code integer,
    error       text check (length(error) <= 500),
    response    text check (length(response) <= 1000),      -- the answer's first characters
    duration_ms integer,
    created_at  timestamptz not null default now(),
    primary key (delivery_id, attempt)
) partition by range (delivery_id);
call tenant_wall('webhook_attempts');

-- What is to be delivered. One that is being delivered is due again when its lease ends, should nobody have settled it.
create table webhook_queue (
    delivery_id  uuid primary key,
    endpoint_id  uuid        not null,
    tenant_id    uuid        not null,
    due_at       timestamptz not null default now(),
    attempts     integer     not null default 0,            -- begun; also who may settle it
    leased_until timestamptz
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
call tenant_wall('webhook_queue');
create index webhook_queue_due on webhook_queue (endpoint_id, due_at);                     -- claim; an endpoint's queue
create index webhook_queue_leased on webhook_queue (tenant_id) where leased_until is not null;  -- claim: how many are in flight

select ensure_partitions();

-- The text form of an id (TypeID v0.3): prefix, _, and its 128 bits in Crockford's base32.
create function type_id(prefix text, id uuid) returns text
    language sql immutable strict parallel safe
    return prefix || '_' || (
        select string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz',
                                 substring(b'00' || ('x' || replace(id::text, '-', ''))::bit(128) from i * 5 + 1 for 5)::bit(5)::integer + 1, 1),
                          '' order by i)
        from generate_series(0, 25) i);

-- What a type matches of the events that an endpoint has chosen.
create function event_patterns(what text) returns text[]
    language sql immutable strict parallel safe
    return array [what, split_part(what, '.', 1) || '.*', '*'];

-- What events need to see across tenants, they see as a role that can do nothing else.
do $$
begin
    if not exists (select from pg_roles where rolname = 'temponest_publisher') then
        create role temponest_publisher nologin;
    end if;
    execute format('grant temponest_publisher to %I', current_user);
end
$$;
grant usage on schema public to temponest_publisher;
do $$
declare
    seen text;
begin
    foreach seen in array array ['webhook_endpoints', 'runs', 'agents', 'budgets'] loop
        execute format('create policy publisher on %I for select to temponest_publisher using (true)', seen);
    end loop;
    foreach seen in array array ['webhook_deliveries', 'webhook_queue'] loop
        execute format('create policy publisher on %I to temponest_publisher using (true) with check (true)', seen);
    end loop;
end
$$;
grant select (id, tenant_id, events, active, disabled_at, archived_at) on webhook_endpoints to temponest_publisher;
grant select (id, tenant_id, agent_id, project_id) on runs to temponest_publisher;
grant select (id, slug) on agents to temponest_publisher;
grant select (id, scope, scope_id, period) on budgets to temponest_publisher;
grant select, insert on webhook_deliveries, webhook_queue to temponest_publisher;

-- Makes the deliveries of an event, all in one statement, in the transaction that the event happens in. @return how many
create function publish_event(whose uuid, what text, at timestamptz, more jsonb) returns integer
    language sql volatile security definer set search_path = public, pg_temp as
$$
    with event as materialized (
        select uuid_v7_now() as id,
               format('{"type":%s,"timestamp":"%s","data":%s}', to_json(what),
                      to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), jsonb_strip_nulls(more)) as payload
    ), made as (
        insert into webhook_deliveries (id, tenant_id, endpoint_id, event_id, event_type, payload)
        select uuid_v7_now(), e.tenant_id, e.id, event.id, what, event.payload
        from webhook_endpoints e cross join event
        where e.tenant_id = whose and e.archived_at is null and e.active and e.disabled_at is null
          and e.events && event_patterns(what)
        returning id, endpoint_id, tenant_id
    ), queued as (
        insert into webhook_queue (delivery_id, endpoint_id, tenant_id) select id, endpoint_id, tenant_id from made returning 1
    )
    select count(*)::integer from queued
$$;

-- The events of runs: what a run's watchers see, without what it reads or writes.
create function run_events_published() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as
$$
begin
    perform publish_event(a.tenant_id, a.type, a.created_at, jsonb_build_object(
        'run_id', type_id('run', a.run_id), 'seq', a.seq, 'agent_id', type_id('agt', r.agent_id), 'agent', g.slug,
        'project_id', type_id('prj', r.project_id), 'status', a.data -> 'status', 'reason', a.data -> 'reason',
        'recoveries', a.data -> 'recoveries', 'step', case when a.type like 'step.%' then a.data -> 'seq' end,
        'kind', a.data -> 'kind', 'name', a.data -> 'name', 'outcome', a.data -> 'outcome',
        'approval_id', a.data -> 'approval', 'tool', a.data -> 'tool', 'risk', a.data -> 'risk', 'required', a.data -> 'required',
        'votes', a.data -> 'votes', 'revision', a.data -> 'revision', 'answer', a.data -> 'answer',
        'reminders', a.data -> 'reminders', 'expires_at', a.data -> 'expires_at',
        'parent_run_id', a.data -> 'parent', 'origin', a.data -> 'origin', 'origin_run_id', a.data -> 'origin_run',
        'error', a.data -> 'error'))
    from added a
    left join runs r on r.id = a.run_id
    left join agents g on g.id = r.agent_id
    -- Nearly always nobody: most tenants have no webhooks, and each step of each run comes by here.
    where exists (
        select from webhook_endpoints e
        where e.tenant_id = a.tenant_id and e.archived_at is null and e.active and e.disabled_at is null
          and e.events && event_patterns(a.type));
    return null;
end
$$;
create trigger run_events_published after insert on run_events referencing new table as added
    for each statement execute function run_events_published();

create function budget_alerts_published() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as
$$
begin
    perform publish_event(a.tenant_id, 'budget.' || a.severity, a.created_at, jsonb_build_object(
        'alert_id', type_id('alr', a.id), 'budget_id', type_id('bud', a.budget_id), 'scope', b.scope,
        'scope_id', type_id(case b.scope when 'project' then 'prj' when 'user' then 'usr' when 'agent' then 'agt'
                                         when 'key' then 'key' end, b.scope_id),
        'period', b.period, 'period_start', to_char(a.period_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'threshold', trim_scale(a.threshold), 'limit_usd', trim_scale(a.limit_usd)::text,
        'settled_usd', trim_scale(a.settled)::text))
    from added a join budgets b on b.id = a.budget_id
    order by a.threshold;
    return null;
end
$$;
create trigger budget_alerts_published after insert on budget_alerts referencing new table as added
    for each statement execute function budget_alerts_published();

create function document_published() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as
$$
begin
    perform publish_event(new.tenant_id, 'document.' || new.status, now(), jsonb_build_object(
        'document_id', type_id('doc', new.id), 'collection_id', type_id('col', new.collection_id),
        'filename', new.filename, 'status', new.status, 'chunk_count', new.chunk_count, 'error', new.error));
    return null;
end
$$;
create trigger document_published after update of status on documents for each row
    when (new.status in ('indexed', 'failed') and old.status is distinct from new.status)
    execute function document_published();

do $$
declare
    narrow text;
begin
    grant create on schema public to temponest_publisher;
    foreach narrow in array array [
        'publish_event(uuid, text, timestamptz, jsonb)', 'run_events_published()',
        'budget_alerts_published()', 'document_published()'
    ] loop
        execute format('alter function %s owner to temponest_publisher', narrow);
        execute format('revoke execute on function %s from public', narrow);
    end loop;
    revoke create on schema public from temponest_publisher;
end
$$;

-- Whoever delivers serves all tenants: it sees where to, with which sealed secret, and what.
call engine_door('webhook_endpoints');
call engine_door('webhook_standings');
call engine_door('webhook_deliveries');
call engine_door('webhook_attempts');
call engine_door('webhook_queue');
grant select, update (disabled_at, disabled_reason, updated_at) on webhook_endpoints to temponest_engine;
grant select, update on webhook_standings to temponest_engine;
grant select, update (status, attempts, ended_at) on webhook_deliveries to temponest_engine;
grant select, insert on webhook_attempts to temponest_engine;
grant select, update, delete on webhook_queue to temponest_engine;

-- Takes deliveries that are due, at most so many; at most ten in flight of one endpoint, one where the last five attempts failed,
-- and about sixteen of one tenant, so that whoever has many slow endpoints holds up nobody else. Runs as the engine.
create function webhook_claim(most integer)
    returns table (delivery_id uuid, attempt integer, tenant_id uuid, endpoint_id uuid, event_id uuid, payload text, url text,
                   timeout_s integer, retry_s integer[], secret bytea, previous_secret bytea, waited_ms bigint)
    language plpgsql volatile set search_path = public, pg_temp as
$$
declare
    waiting record;
    taken   integer := 0;
    room    integer;
    more    integer;
begin
    for waiting in
        -- One look at the index for each endpoint that has something, however much that is.
        with recursive hop as (
            (select q.endpoint_id from webhook_queue q order by q.endpoint_id limit 1)
            union all
            select (select q.endpoint_id from webhook_queue q where q.endpoint_id > h.endpoint_id order by q.endpoint_id limit 1)
            from hop h where h.endpoint_id is not null
        )
        select s.endpoint_id, s.failures, e.timeout_s, e.tenant_id
        from hop h
        join webhook_standings s on s.endpoint_id = h.endpoint_id
        join webhook_endpoints e on e.id = h.endpoint_id
        where e.archived_at is null and e.active and e.disabled_at is null and coalesce(s.open_until <= now(), true)
          and exists (select from webhook_queue q where q.endpoint_id = h.endpoint_id and q.due_at <= now())
        order by random()
        for update of s skip locked
    loop
        -- A statement of its own, so that it sees what whoever had the lock before has taken.
        select least(case when waiting.failures >= 5 then 1 else 10 end
                         - count(*) filter (where q.endpoint_id = waiting.endpoint_id),
                     16 - count(*)) into room
        from webhook_queue q where q.tenant_id = waiting.tenant_id and q.leased_until > now();
        room := least(room, most - taken);
        continue when room <= 0;
        return query
            with due as (
                select q.delivery_id as id, q.leased_until is not null as lost
                from webhook_queue q where q.endpoint_id = waiting.endpoint_id and q.due_at <= now()
                order by q.due_at limit room for update skip locked
            ), leased as (
                update webhook_queue q set attempts = q.attempts + 1,
                       due_at = now() + make_interval(secs => waiting.timeout_s + 5),
                       leased_until = now() + make_interval(secs => waiting.timeout_s + 5)
                from due where q.delivery_id = due.id
                returning q.delivery_id as id, q.attempts, q.tenant_id, due.lost
            ), lost as (
                insert into webhook_attempts (delivery_id, attempt, tenant_id, outcome)
                select l.id, l.attempts - 1, l.tenant_id, 'lost' from leased l where l.lost on conflict do nothing
            )
            select l.id, l.attempts, l.tenant_id, e.id, d.event_id, d.payload, e.url, e.timeout_s, e.retry_s, e.secret,
                   case when e.previous_until > now() then e.previous_secret end,
                   (extract(epoch from now() - d.created_at) * 1000)::bigint
            from leased l join webhook_deliveries d on d.id = l.id join webhook_endpoints e on e.id = d.endpoint_id and e.tenant_id = l.tenant_id;
        get diagnostics more = row_count;
        taken := taken + more;
        exit when taken >= most;
    end loop;
end
$$;

-- Writes down how an attempt went, unless the delivery was taken by somebody else meanwhile. A failure is tried again after a
-- while, or never. After five failures in a row nothing is sent for half a minute, twice as long after each one more, up to ten
-- minutes. The endpoint is disabled where it says that it is gone, and after five days without a success. Runs as the engine.
-- @return delivered, retried, failed, disabled, or stale
create function webhook_settle(settled uuid, tried integer, code integer, failure text, answer text, took_ms integer,
                               again interval, gone boolean) returns text
    language plpgsql volatile set search_path = public, pg_temp as
$$
declare
    job      webhook_queue;
    standing webhook_standings;
    why      text;
begin
    select * into job from webhook_queue where delivery_id = settled and attempts = tried and leased_until is not null;
    if not found then
        return 'stale';
    end if;
    perform from webhook_standings s where s.endpoint_id = job.endpoint_id for update;
    if failure is not null and again is not null and not gone then
        update webhook_queue set due_at = now() + again, leased_until = null
        where delivery_id = settled and attempts = tried and leased_until is not null;
    else
        delete from webhook_queue where delivery_id = settled and attempts = tried and leased_until is not null;
    end if;
    if not found then
        return 'stale';
    end if;
    insert into webhook_attempts (delivery_id, attempt, tenant_id, outcome, status_code, error, response, duration_ms)
    values (settled, tried, job.tenant_id, case when failure is null then 'delivered' else 'failed' end, code,
            left(failure, 500), left(answer, 1000), took_ms);
    if failure is null or again is null or gone then
        update webhook_deliveries set status = case when failure is null then 'delivered' else 'failed' end, attempts = tried,
               ended_at = now()
        where id = settled;
    end if;
    if failure is null then
        update webhook_standings set failures = 0, failing_since = null, open_until = null, delivered = delivered + 1,
               last_success_at = now()
        where endpoint_id = job.endpoint_id;
        return 'delivered';
    end if;
    -- What was on its way when the pause began says nothing new when it fails too.
    update webhook_standings s set failed = s.failed + 1, last_failure_at = now(),
           failures = case when s.open_until > now() then s.failures else s.failures + 1 end,
           failing_since = coalesce(s.failing_since, now()),
           open_until = case when s.open_until > now() then s.open_until
                             when s.failures + 1 >= 5
                             then now() + least(600, 30 * power(2, least(s.failures + 1 - 5, 10))) * interval '1 second' end
    where endpoint_id = job.endpoint_id returning * into standing;
    why := case when gone then 'gone'
                when standing.failures >= 5 and standing.failing_since < now() - interval '5 days' then 'failing' end;
    if why is not null then
        update webhook_endpoints set disabled_at = now(), disabled_reason = why, updated_at = now()
        where id = job.endpoint_id and disabled_at is null and archived_at is null;
        if found then
            perform set_config('app.current_tenant', job.tenant_id::text, true);
            perform audit_append(null, null, null, null, 'webhook.disable', 'webhook', type_id('whk', job.endpoint_id),
                                 'success', jsonb_build_object('reason', why));
            return 'disabled';
        end if;
    end if;
    return case when again is null or gone then 'failed' else 'retried' end;
end
$$;
revoke execute on function webhook_claim(integer),
    webhook_settle(uuid, integer, integer, text, text, integer, interval, boolean) from public;
grant execute on function webhook_claim(integer),
    webhook_settle(uuid, integer, integer, text, text, integer, interval, boolean) to temponest_engine;

-- Drops the months of deliveries that nobody is to see any more; 1 keeps this month and the one before. A partition that is in
-- use is dropped another time.
create function drop_webhook_history(months integer) returns integer
    language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '1s' as
$$
declare
    old     record;
    dropped integer := 0;
begin
    if months is null or months < 1 then
        raise exception 'at least a month is kept';
    end if;
    for old in
        select child.relname
        from unnest(array ['webhook_attempts', 'webhook_deliveries']) kept (parent)
        join pg_inherits i on i.inhparent = kept.parent::regclass
        join pg_class child on child.oid = i.inhrelid
        where child.relname < kept.parent || to_char((now() - make_interval(months => months)) at time zone 'UTC', '"_y"YYYY"m"MM')
        order by 1
    loop
        execute format('drop table %I', old.relname);
        dropped := dropped + 1;
    end loop;
    return dropped;
end
$$;
revoke execute on function drop_webhook_history(integer) from public;
grant execute on function drop_webhook_history(integer) to temponest_engine;

-- How each endpoint is doing.
create view v_webhook_health_dashboard with (security_invoker = true) as
select e.id as webhook_id, e.tenant_id, e.name as webhook_name, e.url, e.active and e.disabled_at is null as is_active,
       s.delivered as successful_deliveries, s.failed as failed_attempts,
       round(100.0 * s.delivered / nullif(s.delivered + s.failed, 0), 2) as success_rate_pct,
       greatest(s.last_success_at, s.last_failure_at) as last_triggered_at, s.last_success_at, s.last_failure_at, s.failures,
       s.failing_since, case when s.open_until > now() then s.open_until end as open_until,
       q.pending_count, q.retrying_count, q.in_flight_count
from webhook_endpoints e
join webhook_standings s on s.endpoint_id = e.id
cross join lateral (
    select count(*) filter (where q.attempts = 0) as pending_count,
           count(*) filter (where q.attempts > 0 and coalesce(q.leased_until <= now(), true)) as retrying_count,
           count(*) filter (where q.leased_until > now()) as in_flight_count
    from webhook_queue q where q.endpoint_id = e.id
) q
where e.archived_at is null;

-- What will be sent again, and when.
create view v_webhook_retry_queue with (security_invoker = true) as
select q.delivery_id, q.tenant_id, e.id as webhook_id, e.name as webhook_name, e.url as webhook_url, d.event_type, d.status,
       q.attempts, cardinality(e.retry_s) + 1 as max_attempts, q.due_at as next_retry_at, d.created_at,
       q.due_at <= now() as ready_to_retry
from webhook_queue q
join webhook_endpoints e on e.id = q.endpoint_id
join webhook_deliveries d on d.id = q.delivery_id
where q.attempts > 0;

grant select, insert, update on webhook_endpoints to temponest_app;
grant select, insert, update (failures, failing_since, open_until) on webhook_standings to temponest_app;
grant select, insert, delete on webhook_queue to temponest_app;
grant select, insert, update (status, attempts, ended_at) on webhook_deliveries to temponest_app;
grant select on webhook_attempts, v_webhook_health_dashboard, v_webhook_retry_queue to temponest_app;
