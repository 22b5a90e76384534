-- Partitions are made aside and then attached, which locks their parent against other changes of its shape alone: readers and
-- writers of the journal do not wait, nor does the maker wait for a long reader. One maker at a time.
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
    foreach parent in array array ['run_steps', 'run_events', 'usage_ledger'] loop
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
