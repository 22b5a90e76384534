-- What a single API key may use, beside its tenant's limits; null: no limit of its own.

alter table api_keys
    add column requests_per_minute integer check (requests_per_minute >= 1),
    add column tokens_per_minute   integer check (tokens_per_minute >= 1),
    add column concurrency         integer check (concurrency >= 1);

-- Beside api_key_by_prefix, which finds the key: what it may use, for one exact prefix, before a tenant is known.
create function api_key_limits(wanted text)
    returns table (requests_per_minute integer, tokens_per_minute integer, concurrency integer)
    language sql stable security definer set search_path = public, pg_temp as
$$
    select k.requests_per_minute, k.tokens_per_minute, k.concurrency from api_keys k where k.prefix = wanted
$$;

grant create on schema public to temponest_lookup;
alter function api_key_limits(text) owner to temponest_lookup;
revoke create on schema public from temponest_lookup;
revoke execute on function api_key_limits(text) from public;
grant execute on function api_key_limits(text) to temponest_app;
