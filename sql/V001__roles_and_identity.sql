-- Roles, the tenant wall, and who may do what.
--
-- temponest_app is the service: no DDL, no BYPASSRLS. temponest_engine cannot log in; its policies, on the engine's tables
-- alone, show the rows of all tenants. The service takes it on with SET ROLE for the run engine's connections.

do $$
begin
    if not exists (select from pg_roles where rolname = 'temponest_app') then
        create role temponest_app login;
    end if;
    if not exists (select from pg_roles where rolname = 'temponest_engine') then
        create role temponest_engine nologin;
    end if;
    if not pg_has_role('temponest_app', 'temponest_engine', 'member') then
        -- Not inherited: a connection that did not ask for the role has none of its rights.
        if current_setting('server_version_num')::int >= 160000 then
            grant temponest_engine to temponest_app with inherit false, set true;
        else
            alter role temponest_app noinherit;
            grant temponest_engine to temponest_app;
        end if;
    end if;
end
$$;

revoke create on schema public from public;
grant usage on schema public to temponest_app, temponest_engine;
grant select on flyway_schema_history to temponest_app, temponest_engine;

-- The tenant of this transaction; null when none was set, which matches no row.
create function current_tenant() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('app.current_tenant', true), '')::uuid;

-- Puts up the wall around one table that has a tenant_id.
create procedure tenant_wall(wanted regclass)
    language plpgsql as
$$
begin
    execute format('alter table %s enable row level security', wanted);
    execute format('alter table %s force row level security', wanted);
    execute format('create policy tenant on %s using (tenant_id = current_tenant()) with check (tenant_id = current_tenant())', wanted);
end
$$;

-- Lets the engine see all tenants' rows of one table.
create procedure engine_door(wanted regclass)
    language plpgsql as
$$
begin
    execute format('create policy engine on %s to temponest_engine using (true) with check (true)', wanted);
end
$$;

create table tenants (
    id         uuid primary key,
    name       text        not null check (length(name) between 1 and 200),
    slug       text        not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$'),
    plan       text        not null default 'free' check (plan in ('free', 'developer', 'enterprise')),
    settings   jsonb       not null default '{}',
    active     boolean     not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
alter table tenants enable row level security;
alter table tenants force row level security;
create policy tenant on tenants using (id = current_tenant()) with check (id = current_tenant());

create table users (
    id            uuid primary key,
    tenant_id     uuid        not null references tenants,
    email         text        not null check (length(email) between 3 and 254),
    full_name     text        not null check (length(full_name) <= 200),
    password_hash text        not null,
    active        boolean     not null default true,
    last_login_at timestamptz,
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now()
);
call tenant_wall('users');
create unique index users_email on users (lower(email));    -- sign-in
create index users_tenant on users (tenant_id, id);         -- list of a tenant's users

create table permissions (
    name        text primary key check (name ~ '^[a-z_]+:[a-z_]+$'),
    description text not null default ''
);

create table roles (
    id          uuid primary key,
    tenant_id   uuid        not null references tenants,
    name        text        not null check (length(name) between 1 and 50),
    description text        not null default '',
    built_in    boolean     not null default false,
    created_at  timestamptz not null default now(),
    unique (tenant_id, name)
);
call tenant_wall('roles');

create table role_permissions (
    tenant_id  uuid not null references tenants,
    role_id    uuid not null references roles on delete cascade,
    permission text not null references permissions,
    primary key (role_id, permission)
);
call tenant_wall('role_permissions');

create table user_roles (
    tenant_id uuid not null references tenants,
    user_id   uuid not null references users on delete cascade,
    role_id   uuid not null references roles on delete cascade,
    primary key (user_id, role_id)
);
call tenant_wall('user_roles');

create table api_keys (
    id            uuid primary key,
    tenant_id     uuid        not null references tenants,
    user_id       uuid references users,
    name          text        not null check (length(name) between 1 and 100),
    prefix        text        not null unique,
    secret_sha256 bytea       not null check (length(secret_sha256) = 32),
    scopes        text[]      not null,
    expires_at    timestamptz,
    revoked_at    timestamptz,
    last_used_at  timestamptz,
    created_at    timestamptz not null default now()
);
call tenant_wall('api_keys');
create index api_keys_tenant on api_keys (tenant_id, id);   -- list of a tenant's keys

-- Before a request is authenticated its tenant is not known. These two functions are all that may look across tenants
-- then; they answer for one exact key prefix or e-mail address and run as a role that can do nothing else.
do $$
begin
    if not exists (select from pg_roles where rolname = 'temponest_lookup') then
        create role temponest_lookup nologin;
    end if;
    execute format('grant temponest_lookup to %I', current_user);
end
$$;
grant usage on schema public to temponest_lookup;
grant select on api_keys, users, tenants to temponest_lookup;
create policy lookup on api_keys for select to temponest_lookup using (true);
create policy lookup on users for select to temponest_lookup using (true);
create policy lookup on tenants for select to temponest_lookup using (true);

create function api_key_by_prefix(wanted text)
    returns table (id uuid, tenant_id uuid, user_id uuid, secret_sha256 bytea, scopes text[], expires_at timestamptz)
    language sql stable security definer set search_path = public, pg_temp as
$$
    select k.id, k.tenant_id, k.user_id, k.secret_sha256, k.scopes, k.expires_at
    from api_keys k join tenants t on t.id = k.tenant_id
    left join users u on u.id = k.user_id
    where k.prefix = wanted and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
      and t.active and coalesce(u.active, true)
$$;

create function user_by_email(wanted text)
    returns table (id uuid, tenant_id uuid, password_hash text, active boolean)
    language sql stable security definer set search_path = public, pg_temp as
$$
    select u.id, u.tenant_id, u.password_hash, u.active and t.active
    from users u join tenants t on t.id = u.tenant_id
    where lower(u.email) = lower(wanted)
$$;

grant create on schema public to temponest_lookup;
alter function api_key_by_prefix(text) owner to temponest_lookup;
alter function user_by_email(text) owner to temponest_lookup;
revoke create on schema public from temponest_lookup;
revoke execute on function api_key_by_prefix(text), user_by_email(text) from public;
grant execute on function api_key_by_prefix(text), user_by_email(text) to temponest_app;

grant select, insert, update on tenants, users to temponest_app;
grant select, insert, update, delete on roles, role_permissions, user_roles, api_keys to temponest_app;
grant select on permissions to temponest_app;
