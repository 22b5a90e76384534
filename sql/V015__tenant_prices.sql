-- Prices of a tenant's own, and the key by which an alert was acknowledged.

-- US dollars per million tokens, from a day (UTC) on; a model provider/* stands for all of that provider that have no price of
-- their own. They come before those of the table of prices.
create table tenant_prices (
    id               uuid primary key,
    tenant_id        uuid           not null references tenants,
    model            text           not null check (length(model) <= 250),
    effective_from   date           not null,
    input_usd        numeric(18, 8) not null check (input_usd >= 0),
    cached_input_usd numeric(18, 8) not null check (cached_input_usd >= 0),
    output_usd       numeric(18, 8) not null check (output_usd >= 0),
    created_at       timestamptz    not null default now(),
    unique (tenant_id, model, effective_from)                                              -- list; prices of a tenant's calls
);
call tenant_wall('tenant_prices');
create policy spender on tenant_prices to temponest_spender using (true);

-- The prices of some tenants' own, for the processes that make their calls.
create function prices_of(tenants uuid[])
    returns table (tenant_id uuid, model text, effective_from date, input_usd numeric, cached_input_usd numeric,
                   output_usd numeric)
    language sql stable security definer set search_path = public, pg_temp as
$$
    select p.tenant_id, p.model, p.effective_from, p.input_usd, p.cached_input_usd, p.output_usd from tenant_prices p
    where p.tenant_id = any(tenants) order by p.tenant_id, p.model, p.effective_from
$$;

alter table budget_alerts add column acknowledged_key uuid;

do $$
begin
    grant create on schema public to temponest_spender;
    alter function prices_of(uuid[]) owner to temponest_spender;
    revoke create on schema public from temponest_spender;
end
$$;
revoke execute on function prices_of(uuid[]) from public;
grant execute on function prices_of(uuid[]) to temponest_app;

grant select on tenant_prices to temponest_spender;
grant select, insert, delete on tenant_prices to temponest_app;
grant update (acknowledged_key) on budget_alerts to temponest_app;
