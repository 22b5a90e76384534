-- The audit log, a chain of hashes per tenant, and the answers that are kept for an Idempotency-Key.

-- Where each tenant's chain ends. Locked by whoever appends, until they commit, so that there is one order and no gap.
create table audit_heads (
    tenant_id uuid primary key references tenants,
    seq       bigint not null,
    millis    bigint not null,      -- of the last entry's id; ids never go back
    hash      bytea  not null check (length(hash) = 32)
);
call tenant_wall('audit_heads');

-- Partitioned by the time in its own UUIDv7. No foreign keys: an entry outlives what it tells of.
create table audit_log (
    tenant_id     uuid        not null,
    seq           bigint      not null check (seq > 0),
    id            uuid        not null primary key,
    created_at    timestamptz not null,
    user_id       uuid,
    api_key_id    uuid,
    address       text,
    user_agent    text,
    action        text        not null,
    resource_type text        not null,
    resource_id   text,
    outcome       text        not null check (outcome in ('success', 'failure')),
    details       jsonb       not null,
    prev_hash     bytea       not null check (length(prev_hash) = 32),
    hash          bytea       not null check (length(hash) = 32)
) partition by range (id);
call tenant_wall('audit_log');
create index audit_log_tenant on audit_log (tenant_id, id);     -- list of a tenant's entries
create index audit_log_chain on audit_log (tenant_id, seq);     -- verification
comment on table audit_log is $$One row per audited operation, written by audit_append() alone.
hash = SHA-256 of the concatenated netstrings (<bytes in decimal>:<bytes>, and, where a value is absent, "-,") of
tenant_id, seq, id, created_at (microseconds since 1970-01-01 UTC), user_id, api_key_id, address, user_agent, action,
resource_type, resource_id, outcome, details (PostgreSQL's text of the jsonb), prev_hash (hexadecimal); numbers in decimal, UUIDs
in their text form, text in UTF-8. prev_hash is the hash of the tenant's entry before (seq - 1), 32 zero bytes for seq 1.$$;

create function audit_field(value text) returns text
    language sql immutable parallel safe
    return case when value is null then '-,' else octet_length(convert_to(value, 'UTF8')) || ':' || value || ',' end;

create function audit_hash(entry audit_log) returns bytea
    language sql immutable parallel safe
    return sha256(convert_to(
        audit_field((entry).tenant_id::text) || audit_field((entry).seq::text) || audit_field((entry).id::text)
        || audit_field((extract(epoch from (entry).created_at) * 1000000)::bigint::text)
        || audit_field((entry).user_id::text) || audit_field((entry).api_key_id::text)
        || audit_field((entry).address) || audit_field((entry).user_agent)
        || audit_field((entry).action) || audit_field((entry).resource_type) || audit_field((entry).resource_id)
        || audit_field((entry).outcome) || audit_field((entry).details::text)
        || audit_field(encode((entry).prev_hash, 'hex')), 'UTF8'));

-- Appends an entry to the chain of the transaction's tenant and returns its number. The only way to write here: it runs as a
-- role that can do nothing else, and the service itself may only read.
do $$
begin
    if not exists (select from pg_roles where rolname = 'temponest_auditor') then
        create role temponest_auditor nologin;
    end if;
    execute format('grant temponest_auditor to %I', current_user);
end
$$;
grant usage on schema public to temponest_auditor;
grant select, insert, update on audit_heads to temponest_auditor;
grant insert on audit_log to temponest_auditor;

create function audit_append(by_user uuid, by_key uuid, from_address text, agent text, what text, kind text, which text,
                             how text, more jsonb) returns bigint
    language plpgsql volatile security definer set search_path = public, pg_temp as
$$
declare
    head  audit_heads;
    entry audit_log;
begin
    if current_tenant() is null then
        raise exception 'an audit entry needs a tenant';
    end if;
    select * into head from audit_heads where tenant_id = current_tenant() for update;
    if not found then
        insert into audit_heads values (current_tenant(), 0, 0, decode(repeat('00', 32), 'hex')) on conflict do nothing;
        select * into strict head from audit_heads where tenant_id = current_tenant() for update;
    end if;
    head.seq := head.seq + 1;
    -- Clocks of servers go back now and then; the order by id is the order of the chain all the same.
    head.millis := greatest(head.millis, (extract(epoch from clock_timestamp()) * 1000)::bigint);
    entry.tenant_id := current_tenant();
    entry.seq := head.seq;
    -- A UUIDv7 (RFC 9562) with the low 32 bits of the number after its time, then 42 random ones.
    entry.id := (lpad(to_hex(head.millis), 12, '0') || '7' || lpad(to_hex((head.seq >> 20) & 4095), 3, '0')
        || to_hex('-9223372036854775808'::bigint | ((head.seq & 1048575) << 42)
                  | (('x' || left(replace(gen_random_uuid()::text, '-', ''), 11))::bit(44)::bigint & 4398046511103)))::uuid;
    entry.created_at := timestamptz 'epoch' + head.millis * interval '1 millisecond';
    entry.user_id := by_user;
    entry.api_key_id := by_key;
    entry.address := from_address;
    entry.user_agent := agent;
    entry.action := what;
    entry.resource_type := kind;
    entry.resource_id := which;
    entry.outcome := how;
    entry.details := more;
    entry.prev_hash := head.hash;
    entry.hash := audit_hash(entry);
    insert into audit_log select entry.*;
    update audit_heads set seq = head.seq, millis = head.millis, hash = entry.hash where tenant_id = current_tenant();
    return head.seq;
end
$$;
grant create on schema public to temponest_auditor;
alter function audit_append(uuid, uuid, text, text, text, text, text, text, jsonb) owner to temponest_auditor;
revoke create on schema public from temponest_auditor;
revoke execute on function audit_append(uuid, uuid, text, text, text, text, text, text, jsonb) from public;
grant execute on function audit_append(uuid, uuid, text, text, text, text, text, text, jsonb) to temponest_app;
grant select on audit_log, audit_heads to temponest_app;

-- Makes the monthly partitions from this month to some months ahead. Run at every migration and daily by the workers. Attaching
-- a table that is there already takes a weaker lock on its parent than creating it in place.
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
    foreach parent in array array ['run_steps', 'run_events', 'usage_ledger', 'audit_log', 'access_changes', 'login_attempts'] loop
        continue when to_regclass(parent) is null;
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
select ensure_partitions();

-- The answer of a request that made something, for 24 hours, under the key that its client chose. Taken over when it is older.
drop table idempotency_keys;
create table idempotency_keys (
    tenant_id      uuid        not null references tenants,
    principal      uuid        not null,    -- the API key, else the person
    key            text        not null check (length(key) between 1 and 255),
    request_sha256 bytea       not null check (length(request_sha256) = 32),
    status         smallint,                -- null until the transaction that made the row ends, so never seen
    headers        jsonb,
    body           bytea,                   -- null: the answer had none
    sealed         boolean     not null default false,
    created_at     timestamptz not null default now(),
    primary key (tenant_id, principal, key)
);
call tenant_wall('idempotency_keys');
create index idempotency_keys_age on idempotency_keys (created_at);     -- deletion of old ones
grant select, insert, update on idempotency_keys to temponest_app;

-- The engine deletes old ones of all tenants; it sees no others, and no answer.
create policy engine_select on idempotency_keys for select to temponest_engine using (created_at < now() - interval '24 hours');
create policy engine_delete on idempotency_keys for delete to temponest_engine using (created_at < now() - interval '24 hours');
grant select (tenant_id, principal, key, created_at), delete on idempotency_keys to temponest_engine;
