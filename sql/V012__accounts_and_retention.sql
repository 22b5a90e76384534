-- One form of e-mail addresses, people who are gone, locks that are noted once, and an end for what has expired.

-- ASCII letters fold and no others, whatever the database's locale, as in the program: else one address of two could be two of
-- one there. Whoever was deleted keeps none.
drop index users_email;
create unique index users_email on users (lower(email collate "C")) where deleted_at is null;     -- sign-in

create or replace function user_by_email(wanted text)
    returns table (id uuid, tenant_id uuid, password_hash text, active boolean)
    language sql stable security definer set search_path = public, pg_temp as
$$
    select u.id, u.tenant_id, u.password_hash, u.active and t.active
    from users u join tenants t on t.id = u.tenant_id
    where lower(u.email collate "C") = lower(wanted collate "C") and u.deleted_at is null
$$;

-- Of a lock the first refusal is noted.
alter table sign_in_locks add column noted boolean not null default false;

create or replace function sign_in_failed(failed bytea, free integer) returns void
    language sql security definer set search_path = public, pg_temp as
$$
    insert into sign_in_locks as l (subject, failures, failed_at) values (failed, 1, now())
    on conflict (subject) do update set
        failures = greatest(0, l.failures - floor(extract(epoch from now() - l.failed_at) / 900)::integer) + 1,
        failed_at = now();
    delete from sign_in_locks where failed_at < now() - interval '1 day';
    update sign_in_locks set noted = false, locked_until =
        case when failures >= free then now() + least(900, power(2, least(failures - free, 10))) * interval '1 second' end
    where subject = failed;
$$;

-- Whether a lock refuses for the first time.
create function sign_in_refused(subjects bytea[]) returns boolean
    language sql security definer set search_path = public, pg_temp as
$$
    with first as (
        update sign_in_locks set noted = true where subject = any(subjects) and locked_until > now() and not noted returning 1)
    select exists (select from first)
$$;
grant create on schema public to temponest_lookup;
alter function sign_in_refused(bytea[]) owner to temponest_lookup;
revoke create on schema public from temponest_lookup;
revoke execute on function sign_in_refused(bytea[]) from public;
grant execute on function sign_in_refused(bytea[]) to temponest_app;

-- What names somebody who is deleted is blanked.
grant update (email) on invitations to temponest_app;
grant update (address, user_agent) on user_sessions to temponest_app;

-- The engine deletes what has been over for so long that nobody can bring it any more; it sees no other rows, and no secrets.
create policy engine_select on refresh_tokens for select to temponest_engine using (expires_at < now() - interval '7 days');
create policy engine_delete on refresh_tokens for delete to temponest_engine using (expires_at < now() - interval '7 days');
create policy engine_select on user_sessions for select to temponest_engine using (expires_at < now() - interval '30 days');
create policy engine_delete on user_sessions for delete to temponest_engine using (expires_at < now() - interval '30 days');
create policy engine_select on password_resets for select to temponest_engine using (expires_at < now() - interval '7 days');
create policy engine_delete on password_resets for delete to temponest_engine using (expires_at < now() - interval '7 days');
create policy engine_select on invitations for select to temponest_engine using (expires_at < now() - interval '30 days');
create policy engine_delete on invitations for delete to temponest_engine using (expires_at < now() - interval '30 days');
grant select (id, session_id, expires_at), delete on refresh_tokens to temponest_engine;
grant select (id, expires_at), delete on user_sessions, password_resets, invitations to temponest_engine;
create index refresh_tokens_expiry on refresh_tokens (expires_at);                         -- deletion of old ones
create index refresh_tokens_session on refresh_tokens (session_id);                        -- deletion of their sessions
create index user_sessions_expiry on user_sessions (expires_at);                           -- deletion of old ones
create index password_resets_expiry on password_resets (expires_at);                       -- deletion of old ones
create index invitations_expiry on invitations (expires_at);                               -- deletion of old ones

-- Drops the months of what nobody reads any more: revocations after the one that follows, attempts to sign in after three. A
-- partition that is in use is dropped another time.
create function drop_old_partitions() returns integer
    language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '1s' as
$$
declare
    old     record;
    dropped integer := 0;
begin
    for old in
        select child.relname
        from (values ('access_changes', 1), ('login_attempts', 3)) kept (parent, months)
        join pg_inherits i on i.inhparent = kept.parent::regclass
        join pg_class child on child.oid = i.inhrelid
        where child.relname < kept.parent
            || to_char((now() - make_interval(months => kept.months)) at time zone 'UTC', '"_y"YYYY"m"MM')
    loop
        execute format('drop table %I', old.relname);
        dropped := dropped + 1;
    end loop;
    return dropped;
end
$$;
revoke execute on function drop_old_partitions() from public;
grant execute on function drop_old_partitions() to temponest_engine;
