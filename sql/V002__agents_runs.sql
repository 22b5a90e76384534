-- Projects, agents, and the run engine's tables.

create table projects (
    id          uuid primary key,
    tenant_id   uuid        not null references tenants,
    slug        text        not null check (slug ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$'),
    name        text        not null check (length(name) between 1 and 200),
    description text        not null default '',
    stage       text        not null default 'idle' check (stage in ('idle', 'research', 'build', 'qa', 'deploy', 'live')),
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    unique (tenant_id, slug)
);
call tenant_wall('projects');

create table agents (
    id              uuid primary key,
    tenant_id       uuid        not null references tenants,
    slug            text        not null check (slug ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$'),
    name            text        not null check (length(name) between 1 and 100),
    description     text        not null default '' check (length(description) <= 1000),
    built_in        boolean     not null default false,
    current_version integer     not null default 1,
    archived_at     timestamptz,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now()
);
call tenant_wall('agents');
create unique index agents_slug on agents (tenant_id, slug) where archived_at is null;     -- look-up by slug
create index agents_tenant on agents (tenant_id, id) where archived_at is null;            -- list of a tenant's agents

-- Immutable: a run keeps the version that it started with.
create table agent_versions (
    id         uuid primary key,
    tenant_id  uuid        not null references tenants,
    agent_id   uuid        not null references agents,
    version    integer     not null,
    spec       jsonb       not null,
    created_by uuid references users,
    created_at timestamptz not null default now(),
    unique (agent_id, version)
);
call tenant_wall('agent_versions');

-- One row per worker process; every claim names one.
create table worker_sessions (
    id            uuid primary key,
    node          text        not null,
    state         text        not null default 'live' check (state in ('live', 'draining', 'dead')),
    started_at    timestamptz not null default now(),
    expires_at    timestamptz not null,
    last_claim_at timestamptz,
    loop_lag_ms   integer     not null default 0
);
create index worker_sessions_live on worker_sessions (expires_at) where state <> 'dead';   -- reaper

-- No foreign keys on the hot tables: runs, run_ready and what hangs on a run.
create table runs (
    id                  uuid primary key,
    tenant_id           uuid           not null,
    agent_id            uuid           not null,
    agent_version_id    uuid           not null,
    project_id          uuid,
    created_by          uuid,
    api_key_id          uuid,
    status              text           not null default 'queued'
        check (status in ('queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled', 'timed_out', 'dead')),
    queue_reason        text,
    request             jsonb          not null,
    model               text           not null,
    epoch               integer        not null default 0,
    owner               uuid,
    recoveries          integer        not null default 0,
    steps               integer        not null default 0,
    event_seq           bigint         not null default 0,
    cancel_requested_at timestamptz,
    deadline_at         timestamptz    not null,
    output              text,
    citations           jsonb          not null default '[]',
    error               jsonb,
    input_tokens        bigint         not null default 0,
    cached_input_tokens bigint         not null default 0,
    output_tokens       bigint         not null default 0,
    cost_usd            numeric(18, 8) not null default 0,
    created_at          timestamptz    not null default now(),
    started_at          timestamptz,
    finished_at         timestamptz,
    check ((owner is null) = (status <> 'running'))
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
call tenant_wall('runs');
call engine_door('runs');
create index runs_tenant on runs (tenant_id, id);                                          -- list of a tenant's runs
create index runs_tenant_agent on runs (tenant_id, agent_id, id);                          -- list by agent
create index runs_tenant_project on runs (tenant_id, project_id, id) where project_id is not null;  -- list by project
create index runs_owner on runs (owner) where owner is not null;                           -- reaper: runs of a lost session
create index runs_deadline on runs (deadline_at) where status in ('queued', 'running', 'waiting');  -- reaper: late runs
create index runs_cancelling on runs (cancel_requested_at)
    where cancel_requested_at is not null and status = 'running';                          -- reaper: cancels not obeyed

create table run_ready (
    run_id    uuid primary key,
    tenant_id uuid        not null,
    priority  smallint    not null default 3 check (priority between 1 and 5),
    ready_at  timestamptz not null default now()
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
call tenant_wall('run_ready');
call engine_door('run_ready');
create index run_ready_order on run_ready (priority desc, ready_at, run_id);               -- claim

-- The journal. Inserts only; the first writer of (run_id, seq, phase) wins. Partitioned by the time in the run's UUIDv7.
create table run_steps (
    run_id     uuid        not null,
    seq        integer     not null,
    phase      text        not null check (phase in ('intent', 'done', 'failed')),
    tenant_id  uuid        not null,
    epoch      integer     not null,
    kind       text        not null check (kind in ('llm', 'tool', 'retrieval', 'gate', 'timer', 'child', 'decision')),
    name       text        not null,
    payload    jsonb       not null,
    created_at timestamptz not null default now(),
    primary key (run_id, seq, phase)
) partition by range (run_id);
call tenant_wall('run_steps');
call engine_door('run_steps');

-- What a run's watchers see, gap-free per run; also the outbox of webhooks.
create table run_events (
    run_id     uuid        not null,
    seq        bigint      not null,
    tenant_id  uuid        not null,
    type       text        not null,
    data       jsonb       not null,
    created_at timestamptz not null default now(),
    primary key (run_id, seq)
) partition by range (run_id);
call tenant_wall('run_events');
call engine_door('run_events');

-- One row per model call. Partitioned by the time in its own UUIDv7.
create table usage_ledger (
    id                  uuid           not null primary key,
    tenant_id           uuid           not null,
    run_id              uuid,
    step_seq            integer,
    agent_id            uuid,
    project_id          uuid,
    user_id             uuid,
    api_key_id          uuid,
    provider            text           not null,
    model               text           not null,
    status              text           not null check (status in ('succeeded', 'failed', 'cancelled')),
    input_tokens        bigint         not null default 0,
    cached_input_tokens bigint         not null default 0,
    output_tokens       bigint         not null default 0,
    estimated           boolean        not null default false,
    cost_usd            numeric(18, 8) not null default 0,
    latency_ms          integer        not null,
    created_at          timestamptz    not null default now()
) partition by range (id);
call tenant_wall('usage_ledger');
call engine_door('usage_ledger');
create index usage_ledger_tenant on usage_ledger (tenant_id, created_at desc);             -- costs of a tenant
create index usage_ledger_run on usage_ledger (run_id, step_seq) where run_id is not null; -- costs of a run

create table idempotency_keys (
    tenant_id   uuid        not null references tenants,
    scope       text        not null,
    key         text        not null check (length(key) between 1 and 255),
    body_sha256 bytea       not null,
    resource_id uuid        not null,
    created_at  timestamptz not null default now(),
    primary key (tenant_id, scope, key)
);
call tenant_wall('idempotency_keys');

-- The smallest UUIDv7 of a moment.
create function uuid_v7_floor(moment timestamptz) returns uuid
    language sql immutable parallel safe
    return (rpad(lpad(to_hex((extract(epoch from moment) * 1000)::bigint), 12, '0'), 32, '0'))::uuid;

-- Makes the monthly partitions from this month to some months ahead. Run at every migration and daily by the workers.
create function ensure_partitions(months_ahead integer default 3) returns integer
    language plpgsql security definer set search_path = public, pg_temp as
$$
declare
    parent text;
    month  timestamptz;
    child  text;
    made   integer := 0;
begin
    foreach parent in array array ['run_steps', 'run_events', 'usage_ledger'] loop
        for i in -1 .. months_ahead loop
            month := date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' + make_interval(months => i);
            child := parent || to_char(month at time zone 'UTC', '"_y"YYYY"m"MM');
            if to_regclass(child) is null then
                execute format('create table %I partition of %I for values from (%L) to (%L)', child, parent,
                    uuid_v7_floor(month), uuid_v7_floor(month + interval '1 month'));
                execute format('alter table %I enable row level security', child);
                execute format('alter table %I force row level security', child);
                made := made + 1;
            end if;
        end loop;
    end loop;
    return made;
end
$$;
revoke execute on function ensure_partitions(integer) from public;
grant execute on function ensure_partitions(integer) to temponest_engine;
select ensure_partitions();

grant select, insert, update on projects, agents to temponest_app;
grant select, insert on agent_versions to temponest_app;
grant select, insert on runs, run_ready, run_events, idempotency_keys to temponest_app;
grant select on run_steps, usage_ledger to temponest_app;
grant select on agent_versions to temponest_engine;
call engine_door('agent_versions');
grant select, update on runs to temponest_engine;
-- Row locks (for update) need the update privilege.
grant select, insert, update, delete on run_ready to temponest_engine;
grant select, insert on run_steps, run_events, usage_ledger to temponest_engine;
grant select, insert, update, delete on worker_sessions to temponest_engine;
