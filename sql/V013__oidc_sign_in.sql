-- Signing in through an OpenID Connect provider: whose identity a provider's subject is, and which sign-ins were finished.

-- A person has one identity with an issuer, and an identity is one person's, in whatever tenant.
create table user_identities (
    tenant_id    uuid        not null references tenants,
    user_id      uuid        not null references users,
    issuer       text        not null check (length(issuer) between 1 and 2048),
    subject      text        not null check (length(subject) between 1 and 255),
    created_at   timestamptz not null default now(),
    last_used_at timestamptz not null default now(),
    primary key (user_id, issuer),
    unique (issuer, subject)
);
call tenant_wall('user_identities');
grant select, insert, delete on user_identities to temponest_app;
grant update (last_used_at) on user_identities to temponest_app;

-- The states of sign-ins that have come back, so that none comes back twice. Of no tenant: nobody is known yet.
create table oidc_states (
    sha256  bytea primary key check (length(sha256) = 32),
    used_at timestamptz not null default now()
);
create index oidc_states_age on oidc_states (used_at);                  -- deletion of old ones

-- What may look across tenants: each function answers for one exact subject or address.
grant select on user_identities to temponest_lookup;
grant select, insert, delete on oidc_states to temponest_lookup;
create policy lookup on user_identities for select to temponest_lookup using (true);

create function user_by_identity(wanted_issuer text, wanted_subject text)
    returns table (id uuid, tenant_id uuid, active boolean)
    language sql stable security definer set search_path = public, pg_temp as
$$
    select u.id, u.tenant_id, u.active and t.active
    from user_identities i join users u on u.id = i.user_id join tenants t on t.id = u.tenant_id
    where i.issuer = wanted_issuer and i.subject = wanted_subject
$$;

-- Folds ASCII letters and no others: under some locales lower() makes one address of two, such as one with the Kelvin sign and one
-- with a k.
create function user_by_exact_email(wanted text)
    returns table (id uuid, tenant_id uuid, active boolean)
    language sql stable security definer set search_path = public, pg_temp as
$$
    select u.id, u.tenant_id, u.active and t.active
    from users u join tenants t on t.id = u.tenant_id
    where lower(u.email collate "C") = lower(wanted collate "C") and u.deleted_at is null
$$;

-- Whether a state comes back for the first time. A sign-in is over long before its state is forgotten.
create function oidc_state_first(spent bytea) returns boolean
    language sql volatile security definer set search_path = public, pg_temp as
$$
    delete from oidc_states where used_at < now() - interval '1 hour';
    with first as (insert into oidc_states (sha256) values (spent) on conflict do nothing returning 1)
    select exists (select from first);
$$;

do $$
declare
    narrow text;
begin
    grant create on schema public to temponest_lookup;
    foreach narrow in array array [
        'user_by_identity(text, text)', 'user_by_exact_email(text)', 'oidc_state_first(bytea)'
    ] loop
        execute format('alter function %s owner to temponest_lookup', narrow);
        execute format('revoke execute on function %s from public', narrow);
        execute format('grant execute on function %s to temponest_app', narrow);
    end loop;
    revoke create on schema public from temponest_lookup;
end
$$;
