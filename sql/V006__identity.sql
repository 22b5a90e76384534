-- Sessions of people, invitations, resets of passwords; what was revoked or changed; sign-ins that failed.

-- Where somebody is signed in: with tokens, or with the console's cookie.
create table user_sessions (
    id            uuid primary key,
    tenant_id     uuid        not null references tenants,
    user_id       uuid        not null references users,
    kind          text        not null check (kind in ('token', 'console')),
    secret_sha256 bytea unique check (length(secret_sha256) = 32),      -- of the cookie's secret
    address       text,
    user_agent    text,
    created_at    timestamptz not null default now(),
    last_used_at  timestamptz not null default now(),
    expires_at    timestamptz not null,
    revoked_at    timestamptz,
    check ((kind = 'console') = (secret_sha256 is not null))
);
call tenant_wall('user_sessions');
create index user_sessions_user on user_sessions (user_id, id) where revoked_at is null;   -- a person's sessions

-- One token of a session is good at a time; the used ones are kept, so that whoever brings one again is found out.
create table refresh_tokens (
    id         uuid primary key,
    tenant_id  uuid        not null references tenants,
    session_id uuid        not null references user_sessions,
    sha256     bytea       not null unique check (length(sha256) = 32),
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at    timestamptz
);
call tenant_wall('refresh_tokens');

create table invitations (
    id          uuid primary key,
    tenant_id   uuid        not null references tenants,
    email       text        not null check (length(email) between 3 and 254),
    roles       uuid[]      not null,
    sha256      bytea       not null unique check (length(sha256) = 32),
    invited_by  uuid references users,
    created_at  timestamptz not null default now(),
    expires_at  timestamptz not null,
    accepted_at timestamptz,
    revoked_at  timestamptz
);
call tenant_wall('invitations');
create index invitations_tenant on invitations (tenant_id, id) where accepted_at is null and revoked_at is null;  -- list

create table password_resets (
    id         uuid primary key,
    tenant_id  uuid        not null references tenants,
    user_id    uuid        not null references users,
    sha256     bytea       not null unique check (length(sha256) = 32),
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at    timestamptz
);
call tenant_wall('password_resets');
create index password_resets_user on password_resets (user_id) where used_at is null;      -- all of a person's are spent at once

alter table users add column deleted_at timestamptz;
create index user_roles_role on user_roles (role_id);                                      -- who has a role

-- A UUIDv7 by the database's own clock.
create function uuid_v7_now() returns uuid
    language sql volatile
    return (lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0')
        || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid;

-- What gateways must forget: written in the transaction that it tells of, read by every gateway twice a second. The subject is
-- the id of a session that was revoked or of a person whose rights changed, or the prefix of a key.
create table access_changes (
    id         uuid        not null primary key default uuid_v7_now(),
    tenant_id  uuid        not null,
    kind       text        not null check (kind in ('session', 'user', 'key')),
    subject    text        not null,
    created_at timestamptz not null default clock_timestamp()
) partition by range (id);
call tenant_wall('access_changes');

-- Every sign-in that was tried. Of no tenant: the address may be nobody's.
create table login_attempts (
    id         uuid        not null primary key default uuid_v7_now(),
    account    bytea       not null check (length(account) = 32),      -- SHA-256 of 'account:' and the address in lower case
    address    text,
    user_agent text,
    outcome    text        not null check (outcome in ('success', 'refused', 'locked')),
    created_at timestamptz not null default clock_timestamp()
) partition by range (id);

-- Failures that slow down the next attempt, per account and per client address.
create table sign_in_locks (
    subject      bytea primary key check (length(subject) = 32),
    failures     integer     not null,
    failed_at    timestamptz not null,
    locked_until timestamptz
);
create index sign_in_locks_old on sign_in_locks (failed_at);                               -- deletion of old ones

create or replace function ensure_partitions(months_ahead integer default 3) returns integer
    language plpgsql security definer set search_path = public, pg_temp as
$$
declare
    parent text;
    month  timestamptz;
    child  text;
    made   integer := 0;
begin
    perform pg_advisory_xact_lock(hashtext('ensure_partitions'));
    foreach parent in array array ['run_steps', 'run_events', 'usage_ledger', 'access_changes', 'login_attempts'] loop
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

-- What may look across tenants: each function answers for one exact secret, or tells gateways what to forget.
grant select on user_sessions, refresh_tokens, invitations, password_resets, access_changes to temponest_lookup;
grant update (last_used_at) on api_keys, user_sessions to temponest_lookup;
grant select, insert, update, delete on sign_in_locks to temponest_lookup;
create policy lookup on user_sessions for select to temponest_lookup using (true);
create policy lookup on refresh_tokens for select to temponest_lookup using (true);
create policy lookup on invitations for select to temponest_lookup using (true);
create policy lookup on password_resets for select to temponest_lookup using (true);
create policy lookup on access_changes for select to temponest_lookup using (true);
create policy stamp on api_keys for update to temponest_lookup using (true) with check (true);
create policy stamp on user_sessions for update to temponest_lookup using (true) with check (true);

create function tenant_of_refresh_token(wanted bytea) returns uuid
    language sql stable security definer set search_path = public, pg_temp as
$$ select tenant_id from refresh_tokens where sha256 = wanted $$;

create function tenant_of_invitation(wanted bytea) returns uuid
    language sql stable security definer set search_path = public, pg_temp as
$$ select tenant_id from invitations where sha256 = wanted $$;

create function tenant_of_password_reset(wanted bytea) returns uuid
    language sql stable security definer set search_path = public, pg_temp as
$$ select tenant_id from password_resets where sha256 = wanted $$;

create function console_session_by_sha256(wanted bytea)
    returns table (id uuid, tenant_id uuid, user_id uuid, expires_at timestamptz)
    language sql stable security definer set search_path = public, pg_temp as
$$
    select s.id, s.tenant_id, s.user_id, s.expires_at
    from user_sessions s join tenants t on t.id = s.tenant_id join users u on u.id = s.user_id
    where s.secret_sha256 = wanted and s.revoked_at is null and s.expires_at > now() and t.active and u.active
$$;

-- By the database's clock alone; the window must be longer than a transaction may take from its entry to its commit.
create function access_changes_within(wanted interval)
    returns table (id uuid, tenant_id uuid, kind text, subject text)
    language sql stable security definer set search_path = public, pg_temp as
$$
    select c.id, c.tenant_id, c.kind, c.subject from access_changes c
    where c.id >= uuid_v7_floor(now() - wanted) order by c.id
$$;

-- Notes that keys and console sessions were used just now.
create function stamp_used(keys uuid[], sessions uuid[]) returns void
    language sql security definer set search_path = public, pg_temp as
$$
    update api_keys k set last_used_at = now() from unnest(keys) used where k.id = used;
    update user_sessions s set last_used_at = now() from unnest(sessions) used where s.id = used;
$$;

-- Milliseconds until the next attempt is looked at; 0 when that is now.
create function sign_in_wait(subjects bytea[]) returns bigint
    language sql stable security definer set search_path = public, pg_temp as
$$
    select coalesce(ceil(extract(epoch from max(locked_until) - now()) * 1000), 0)::bigint
    from sign_in_locks where subject = any(subjects) and locked_until > now()
$$;

-- Counts a failure. One is forgiven for each quarter of an hour without another. Beyond so many free ones the next attempt
-- waits 1 s, 2 s, 4 s and so on, up to 15 minutes.
create function sign_in_failed(failed bytea, free integer) returns void
    language sql security definer set search_path = public, pg_temp as
$$
    insert into sign_in_locks as l (subject, failures, failed_at) values (failed, 1, now())
    on conflict (subject) do update set
        failures = greatest(0, l.failures - floor(extract(epoch from now() - l.failed_at) / 900)::integer) + 1,
        failed_at = now();
    delete from sign_in_locks where failed_at < now() - interval '1 day';
    update sign_in_locks set locked_until =
        case when failures >= free then now() + least(900, power(2, least(failures - free, 10))) * interval '1 second' end
    where subject = failed;
$$;

create function sign_in_succeeded(account bytea) returns void
    language sql security definer set search_path = public, pg_temp as
$$ delete from sign_in_locks where subject = account $$;

do $$
declare
    narrow text;
begin
    grant create on schema public to temponest_lookup;
    foreach narrow in array array [
        'tenant_of_refresh_token(bytea)', 'tenant_of_invitation(bytea)', 'tenant_of_password_reset(bytea)',
        'console_session_by_sha256(bytea)', 'access_changes_within(interval)', 'stamp_used(uuid[], uuid[])',
        'sign_in_wait(bytea[])', 'sign_in_failed(bytea, integer)', 'sign_in_succeeded(bytea)'
    ] loop
        execute format('alter function %s owner to temponest_lookup', narrow);
        execute format('revoke execute on function %s from public', narrow);
        execute format('grant execute on function %s to temponest_app', narrow);
    end loop;
    revoke create on schema public from temponest_lookup;
end
$$;

grant select, insert on user_sessions, refresh_tokens, invitations, password_resets to temponest_app;
grant update (last_used_at, expires_at, revoked_at) on user_sessions to temponest_app;
grant update (used_at) on refresh_tokens, password_resets to temponest_app;
grant update (accepted_at, revoked_at) on invitations to temponest_app;
grant insert on access_changes, login_attempts to temponest_app;
