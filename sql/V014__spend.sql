-- Budgets, what nodes hold of them, and the costs by the hour.

-- The parents of partitions are those that the catalogue names: tables that are partitioned by the range of one uuid.
create or replace function ensure_partitions(months_ahead integer default 3) returns integer
    language plpgsql security definer set search_path = public, pg_temp as
$$
declare
    parent text;
    month  timestamptz;
    child  text;
    made   integer := 0;
begin
    perform pg_advisory_xact_lock(hashtext('temponest.partitions'));
    for parent in
        select c.relname from pg_partitioned_table p
        join pg_class c on c.oid = p.partrelid
        join pg_attribute a on a.attrelid = c.oid and a.attnum = p.partattrs[0]
        where c.relnamespace = 'public'::regnamespace and p.partstrat = 'r' and p.partnatts = 1 and a.atttypid = 'uuid'::regtype
        order by 1
    loop
        for i in -1 .. months_ahead loop
            month := date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' + make_interval(months => i);
            child := parent || to_char(month at time zone 'UTC', '"_y"YYYY"m"MM');
            if to_regclass(child) is null then
                execute format('create table %I (like %I including defaults including constraints)', child, parent);
                execute format('alter table %I enable row level security', child);
                execute format('alter table %I force row level security', child);
                execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, child,
                    uuid_v7_floor(month), uuid_v7_floor(month + interval '1 month'));
                made := made + 1;
            end if;
        end loop;
    end loop;
    return made;
end
$$;

-- Lost: the process that made the call died, and nobody knows how the call ended.
alter table usage_ledger drop constraint usage_ledger_status_check;
alter table usage_ledger add constraint usage_ledger_status_check
    check (status in ('succeeded', 'failed', 'cancelled', 'lost'));
-- Sums over time are read from usage_hourly.
drop index usage_ledger_tenant;
create index usage_ledger_tenant on usage_ledger (tenant_id, id);                          -- export of a tenant's calls

-- Kept by a trigger of usage_ledger, whose sums these are to the last digit.
create table usage_hourly (
    tenant_id           uuid           not null,
    hour                timestamptz    not null,
    agent_id            uuid,
    project_id          uuid,
    user_id             uuid,
    api_key_id          uuid,
    provider            text           not null,
    model               text           not null,
    calls               bigint         not null,
    failed              bigint         not null,
    cancelled           bigint         not null,
    lost                bigint         not null,
    input_tokens        bigint         not null,
    cached_input_tokens bigint         not null,
    output_tokens       bigint         not null,
    cost_usd            numeric(18, 8) not null,
    unique nulls not distinct (tenant_id, hour, agent_id, project_id, user_id, api_key_id, provider, model)
) with (fillfactor = 70);
call tenant_wall('usage_hourly');

create table budgets (
    id          uuid primary key,
    tenant_id   uuid           not null references tenants,
    scope       text           not null check (scope in ('tenant', 'project', 'user', 'agent', 'key')),
    scope_id    uuid,
    period      text           not null check (period in ('daily', 'weekly', 'monthly', 'total')),
    limit_usd   numeric(18, 8) not null check (limit_usd >= 0),
    hard        boolean        not null,
    thresholds  numeric[]      not null default '{}',
    created_at  timestamptz    not null default now(),
    updated_at  timestamptz    not null default now(),
    archived_at timestamptz,
    check ((scope = 'tenant') = (scope_id is null))
);
call tenant_wall('budgets');
create index budgets_tenant on budgets (tenant_id, id) where archived_at is null;          -- list; budgets of a call

-- Where a budget stands. Whoever takes or settles money of it locks this row. For a hard budget, at every commit:
-- settled + leased <= limit_usd, unless the limit was lowered or a call did cost more than it was granted.
create table budget_periods (
    budget_id    uuid           not null,
    period_start timestamptz    not null,
    tenant_id    uuid           not null,
    settled      numeric(18, 8) not null default 0 check (settled >= 0),
    leased       numeric(18, 8) not null default 0 check (leased >= 0),    -- the sum of its leases
    primary key (budget_id, period_start)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
call tenant_wall('budget_periods');

-- The processes that hold money, of all tenants. One that has not been heard of until expires_at is taken for dead.
create table spend_nodes (
    id         uuid primary key,
    started_at timestamptz not null default now(),
    expires_at timestamptz not null
);

-- Money of a hard budget that a process may hand out by itself, for as long as it is alive.
create table budget_leases (
    budget_id    uuid           not null,
    period_start timestamptz    not null,
    node_id      uuid           not null,
    tenant_id    uuid           not null,
    amount       numeric(18, 8) not null check (amount >= 0),
    primary key (budget_id, period_start, node_id)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
call tenant_wall('budget_leases');
create index budget_leases_node on budget_leases (node_id);                                -- release of a dead process's

create table budget_alerts (
    id              uuid primary key,
    tenant_id       uuid           not null references tenants,
    budget_id       uuid           not null references budgets,
    period_start    timestamptz    not null,
    threshold       numeric        not null,
    severity        text           not null check (severity in ('warning', 'critical', 'exceeded')),
    limit_usd       numeric(18, 8) not null,
    settled         numeric(18, 8) not null,
    created_at      timestamptz    not null default now(),
    acknowledged_at timestamptz,
    acknowledged_by uuid,
    unique (budget_id, period_start, threshold)
);
call tenant_wall('budget_alerts');
create index budget_alerts_tenant on budget_alerts (tenant_id, id);                        -- list of a tenant's alerts

-- Calls that have been open for a while, for the case that their process and its disk are gone.
create table usage_reservations (
    id         uuid primary key,
    node_id    uuid           not null,
    tenant_id  uuid           not null,
    run_id     uuid,
    step_seq   integer,
    agent_id   uuid,
    project_id uuid,
    user_id    uuid,
    api_key_id uuid,
    provider   text           not null,
    model      text           not null,
    floor_usd  numeric(18, 8) not null,
    created_at timestamptz    not null
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
call tenant_wall('usage_reservations');
create index usage_reservations_node on usage_reservations (node_id);                      -- a dead process's calls

-- When the period of a moment began, in UTC.
create function budget_period_start(period text, moment timestamptz) returns timestamptz
    language sql immutable parallel safe
    return case period
        when 'daily' then date_trunc('day', moment at time zone 'UTC') at time zone 'UTC'
        when 'weekly' then date_trunc('week', moment at time zone 'UTC') at time zone 'UTC'
        when 'monthly' then date_trunc('month', moment at time zone 'UTC') at time zone 'UTC'
        when 'total' then timestamptz 'epoch'
    end;

-- Held shared by whoever adds to the ledger, alone by whoever makes a budget: what was not yet counted by the budget is then
-- in the sums that it begins with.
create function spend_lock(tenant uuid) returns bigint
    language sql immutable parallel safe
    return hashtextextended('temponest.spend:' || tenant, 0);

-- What the money needs to see across tenants, it sees as a role that can do nothing else.
do $$
begin
    if not exists (select from pg_roles where rolname = 'temponest_spender') then
        create role temponest_spender nologin;
    end if;
    execute format('grant temponest_spender to %I', current_user);
end
$$;
grant usage on schema public to temponest_spender;
do $$
declare
    seen text;
begin
    foreach seen in array array [
        'usage_ledger', 'usage_hourly', 'usage_reservations', 'budgets', 'budget_periods', 'budget_leases', 'budget_alerts'
    ] loop
        execute format('create policy spender on %I to temponest_spender using (true) with check (true)', seen);
    end loop;
end
$$;
grant select on budgets to temponest_spender;
grant select, insert, update on usage_hourly, budget_periods to temponest_spender;
grant select, insert, update, delete on budget_leases to temponest_spender;
grant select, insert on budget_alerts, usage_ledger to temponest_spender;
grant select, delete on usage_reservations to temponest_spender;
grant select, update, delete on spend_nodes to temponest_spender;

-- Counts new rows of the ledger: by the hour, and in every budget that applies. What a process held for them (app.spend_node)
-- is held no longer. Rows of budgets are locked by tenant, budget and period.
create function usage_counted() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as
$$
declare
    spender uuid := nullif(current_setting('app.spend_node', true), '')::uuid;
    charge  record;
    stand   budget_periods;
    held    numeric;
begin
    if not exists (select from added) then
        return null;
    end if;
    perform pg_advisory_xact_lock_shared(spend_lock(t.tenant_id)) from (select distinct tenant_id from added order by 1) t;

    insert into usage_hourly as h (tenant_id, hour, agent_id, project_id, user_id, api_key_id, provider, model, calls, failed,
                                   cancelled, lost, input_tokens, cached_input_tokens, output_tokens, cost_usd)
    select tenant_id, date_trunc('hour', created_at at time zone 'UTC') at time zone 'UTC', agent_id, project_id, user_id,
           api_key_id, provider, model, count(*), count(*) filter (where status = 'failed'),
           count(*) filter (where status = 'cancelled'), count(*) filter (where status = 'lost'), sum(input_tokens),
           sum(cached_input_tokens), sum(output_tokens), sum(cost_usd)
    from added group by 1, 2, 3, 4, 5, 6, 7, 8 order by 1, 2, 3, 4, 5, 6, 7, 8
    on conflict (tenant_id, hour, agent_id, project_id, user_id, api_key_id, provider, model) do update set
        calls = h.calls + excluded.calls, failed = h.failed + excluded.failed, cancelled = h.cancelled + excluded.cancelled,
        lost = h.lost + excluded.lost, input_tokens = h.input_tokens + excluded.input_tokens,
        cached_input_tokens = h.cached_input_tokens + excluded.cached_input_tokens,
        output_tokens = h.output_tokens + excluded.output_tokens, cost_usd = h.cost_usd + excluded.cost_usd;

    for charge in
        select b.tenant_id, b.id, budget_period_start(b.period, a.created_at) as start, b.limit_usd, b.thresholds,
               sum(a.cost_usd) as cost
        from added a join budgets b on b.tenant_id = a.tenant_id and b.archived_at is null
         and case b.scope when 'tenant' then true when 'project' then b.scope_id = a.project_id
                          when 'user' then b.scope_id = a.user_id when 'agent' then b.scope_id = a.agent_id
                          when 'key' then b.scope_id = a.api_key_id end
        group by 1, 2, 3, 4, 5 having sum(a.cost_usd) > 0 order by 1, 2, 3
    loop
        insert into budget_periods (budget_id, period_start, tenant_id) values (charge.id, charge.start, charge.tenant_id)
        on conflict do nothing;
        select * into strict stand from budget_periods where budget_id = charge.id and period_start = charge.start for update;
        held := 0;
        if spender is not null then
            select least(amount, charge.cost) into held from budget_leases
            where budget_id = charge.id and period_start = charge.start and node_id = spender for update;
            held := coalesce(held, 0);
            update budget_leases set amount = amount - held
            where budget_id = charge.id and period_start = charge.start and node_id = spender and held > 0;
        end if;
        update budget_periods set settled = settled + charge.cost, leased = leased - held
        where budget_id = charge.id and period_start = charge.start;
        insert into budget_alerts (id, tenant_id, budget_id, period_start, threshold, severity, limit_usd, settled)
        select uuid_v7_now(), charge.tenant_id, charge.id, charge.start, t,
               case when t >= 1 then 'exceeded' when t >= 0.9 then 'critical' else 'warning' end,
               charge.limit_usd, stand.settled + charge.cost
        from unnest(charge.thresholds) t where stand.settled + charge.cost >= t * charge.limit_usd order by t
        on conflict (budget_id, period_start, threshold) do nothing;
    end loop;
    return null;
end
$$;
create trigger usage_counted after insert on usage_ledger referencing new table as added
    for each statement execute function usage_counted();

-- Sets what a process holds of hard budgets of this transaction's tenant, in hundred-millionths of a dollar: what it keeps, and
-- more if there is as much as the least that helps: what it needs, or an eighth of what is there. Answers what it then holds.
-- Absolute, so that it may be repeated. What a process keeps is not taken from it, whatever became of the limit. One that is not
-- known to live gets nothing, since nobody would give it back.
create function budget_lease(spender uuid, wanted_budgets uuid[], starts timestamptz[], keeps bigint[], leasts bigint[],
                             needs bigint[])
    returns table (held_budget uuid, held_start timestamptz, held bigint, settled_units bigint, available bigint)
    language plpgsql security definer set search_path = public, pg_temp as
$$
declare
    wanted  record;
    stand   budget_periods;
    most    numeric;
    had     numeric;
    has     numeric;
    room    numeric;
    granted numeric;
begin
    perform from spend_nodes where id = spender for key share;
    if not found then
        raise exception 'the process is not known to live' using errcode = '55000';
    end if;
    for wanted in
        select b.id, w.start, w.keep * 0.00000001 as keep, w.least * 0.00000001 as least, w.need * 0.00000001 as need
        from unnest(wanted_budgets, starts, keeps, leasts, needs) as w (budget, start, keep, least, need)
        join budgets b on b.id = w.budget and b.tenant_id = current_tenant()
        order by b.id, w.start
    loop
        insert into budget_periods (budget_id, period_start, tenant_id) values (wanted.id, wanted.start, current_tenant())
        on conflict do nothing;
        select * into strict stand from budget_periods where budget_id = wanted.id and period_start = wanted.start for update;
        select amount into had from budget_leases
        where budget_id = wanted.id and period_start = wanted.start and node_id = spender for update;
        had := coalesce(had, 0);
        -- Read again under the lock: the limit may have been lowered while it was waited for.
        select case when b.hard and b.archived_at is null then b.limit_usd else 0 end into strict most
        from budgets b where b.id = wanted.id;
        room := greatest(0, most - stand.settled - stand.leased + had);
        has := least(wanted.keep, greatest(had, room));
        room := greatest(0, room - has);
        if wanted.need > 0 and room >= wanted.least then
            granted := least(room, greatest(wanted.need, trunc(room / 8, 8)));
            has := has + granted;
            room := room - granted;
        end if;
        if has > 0 then
            insert into budget_leases values (wanted.id, wanted.start, spender, current_tenant(), has)
            on conflict (budget_id, period_start, node_id) do update set amount = excluded.amount;
        else
            delete from budget_leases where budget_id = wanted.id and period_start = wanted.start and node_id = spender;
        end if;
        update budget_periods set leased = leased - had + has
        where budget_id = wanted.id and period_start = wanted.start and had <> has;
        held_budget := wanted.id;
        held_start := wanted.start;
        held := (has * 100000000)::bigint;
        settled_units := (stand.settled * 100000000)::bigint;
        available := (room * 100000000)::bigint;
        return next;
    end loop;
end
$$;

-- The hard budgets of some tenants, for the processes that enforce them.
create function hard_budgets(tenants uuid[])
    returns table (id uuid, tenant_id uuid, scope text, scope_id uuid, period text, limit_units bigint)
    language sql stable security definer set search_path = public, pg_temp as
$$
    select b.id, b.tenant_id, b.scope, b.scope_id, b.period, (b.limit_usd * 100000000)::bigint from budgets b
    where b.tenant_id = any(tenants) and b.hard and b.archived_at is null order by b.id
$$;

-- Begins the period of a budget that was just made, with what its scope has cost in it.
create function budget_begin(made uuid) returns void
    language plpgsql security definer set search_path = public, pg_temp as
$$
begin
    perform pg_advisory_xact_lock(spend_lock(current_tenant()));
    insert into budget_periods (budget_id, period_start, tenant_id, settled)
    select b.id, p.start, b.tenant_id, coalesce((
        select sum(h.cost_usd) from usage_hourly h
        where h.tenant_id = b.tenant_id and h.hour >= p.start
          and case b.scope when 'tenant' then true when 'project' then b.scope_id = h.project_id
                           when 'user' then b.scope_id = h.user_id when 'agent' then b.scope_id = h.agent_id
                           when 'key' then b.scope_id = h.api_key_id end), 0)
    -- Not the transaction's beginning: the lock may have been waited for past the period's end.
    from budgets b, lateral budget_period_start(b.period, clock_timestamp()) as p (start)
    where b.id = made and b.tenant_id = current_tenant();
end
$$;

-- Writes the calls that a dead process left open to the ledger, as lost, at what was unavoidable. @return how many
create function spend_lose(dead uuid, known_dead boolean) returns integer
    language plpgsql security definer set search_path = public, pg_temp as
$$
declare
    whose uuid;
    added integer;
    lost  integer := 0;
begin
    perform from spend_nodes where id = dead and (known_dead or expires_at < now()) for update skip locked;
    if not (found or known_dead) then
        return 0;
    end if;
    perform set_config('app.spend_node', dead::text, true);
    for whose in select distinct tenant_id from usage_reservations where node_id = dead order by 1 loop
        insert into usage_ledger (id, tenant_id, run_id, step_seq, agent_id, project_id, user_id, api_key_id, provider, model,
                                  status, estimated, cost_usd, latency_ms, created_at)
        select id, tenant_id, run_id, step_seq, agent_id, project_id, user_id, api_key_id, provider, model, 'lost', true,
               floor_usd, least(greatest(extract(epoch from now() - created_at) * 1000, 0), 2147483647)::integer, created_at
        from usage_reservations where node_id = dead and tenant_id = whose order by id
        on conflict do nothing;
        get diagnostics added = row_count;
        lost := lost + added;
    end loop;
    delete from usage_reservations where node_id = dead;
    perform set_config('app.spend_node', '', true);
    return lost;
end
$$;

-- Gives back what a dead process held, and forgets the process.
create function spend_release(dead uuid, known_dead boolean) returns void
    language plpgsql security definer set search_path = public, pg_temp as
$$
declare
    lease budget_leases;
begin
    perform from spend_nodes where id = dead and (known_dead or expires_at < now()) for update skip locked;
    if not (found or known_dead) then
        return;
    end if;
    for lease in select * from budget_leases where node_id = dead order by tenant_id, budget_id, period_start loop
        perform from budget_periods where budget_id = lease.budget_id and period_start = lease.period_start for update;
        delete from budget_leases
        where budget_id = lease.budget_id and period_start = lease.period_start and node_id = dead
        returning amount into lease.amount;
        update budget_periods set leased = leased - lease.amount
        where budget_id = lease.budget_id and period_start = lease.period_start and found;
    end loop;
    delete from spend_nodes where id = dead and not exists (select from usage_reservations where node_id = dead);
end
$$;

do $$
declare
    narrow text;
begin
    grant create on schema public to temponest_spender;
    foreach narrow in array array [
        'usage_counted()', 'budget_lease(uuid, uuid[], timestamptz[], bigint[], bigint[], bigint[])', 'hard_budgets(uuid[])',
        'budget_begin(uuid)', 'spend_lose(uuid, boolean)', 'spend_release(uuid, boolean)'
    ] loop
        execute format('alter function %s owner to temponest_spender', narrow);
        execute format('revoke execute on function %s from public', narrow);
        if narrow <> 'usage_counted()' then
            execute format('grant execute on function %s to temponest_app', narrow);
        end if;
    end loop;
    revoke create on schema public from temponest_spender;
end
$$;

grant insert on usage_ledger to temponest_app;
grant select on usage_hourly, budget_periods, budget_leases to temponest_app;
grant select, insert, update (limit_usd, hard, thresholds, updated_at, archived_at) on budgets to temponest_app;
grant select, update (acknowledged_at, acknowledged_by) on budget_alerts to temponest_app;
grant select, insert, delete on usage_reservations to temponest_app;
grant select, insert, update (expires_at) on spend_nodes to temponest_app;
