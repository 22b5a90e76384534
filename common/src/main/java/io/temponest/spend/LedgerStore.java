package io.temponest.spend;

import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;

/** Writes calls to the ledger, and open ones to the reservations: one statement for each tenant, one transaction for all. */
final class LedgerStore {

    private static final String SET_TENANT = """
            select set_config('app.current_tenant', $1, true), set_config('app.spend_node', $2, true)""";

    /** A trigger moves the money from the node's leases and counts it. */
    private static final String INSERT = """
            insert into usage_ledger (id, tenant_id, run_id, step_seq, agent_id, project_id, user_id, api_key_id, provider, model,
                                      created_at, status, input_tokens, cached_input_tokens, output_tokens, estimated, cost_usd,
                                      latency_ms)
            select u.id, current_tenant(), u.run, u.step, u.agent, u.project, u.person, u.key, u.provider, u.model, u.at, u.status,
                   u.input, u.cached, u.output, u.estimated, u.cost * 0.00000001, u.latency
            from unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::text[], $9::text[],
                        $10::timestamptz[], $11::text[], $12::bigint[], $13::bigint[], $14::bigint[], $15::boolean[],
                        $16::bigint[], $17::int[])
                 as u (id, run, step, agent, project, person, key, provider, model, at, status, input, cached, output, estimated,
                       cost, latency)
            on conflict do nothing""";

    private static final String RESERVE = """
            insert into usage_reservations (id, tenant_id, run_id, step_seq, agent_id, project_id, user_id, api_key_id, provider,
                                            model, created_at, node_id, floor_usd)
            select u.id, current_tenant(), u.run, u.step, u.agent, u.project, u.person, u.key, u.provider, u.model, u.at,
                   current_setting('app.spend_node')::uuid, u.floor * 0.00000001
            from unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::text[], $9::text[],
                        $10::timestamptz[], $11::bigint[])
                 as u (id, run, step, agent, project, person, key, provider, model, at, floor)
            on conflict do nothing""";

    private static final String UNRESERVE = "delete from usage_reservations where id = any($1)";

    private final Postgres postgres;
    private final UUID node;

    LedgerStore(Postgres postgres, UUID node) {
        this.postgres = postgres;
        this.node = node;
    }

    private record Place(TenantId tenant, UUID node) {

        /** All nodes lock in the order of tenants. */
        private static final Comparator<Place> ORDER = Comparator.<Place, String>comparing(
                        place -> place.tenant.uuid().toString())
                .thenComparing(place -> place.node);
    }

    private record Group(List<Pending> ended, List<SpendCall> open) {}

    /** Writes rows and reservations; those that are there already stay as they are. */
    Future<Void> write(List<Pending> ended, List<SpendCall> open) {
        SortedMap<Place, Group> groups = new TreeMap<>(Place.ORDER);
        Function<Place, Group> fresh = place -> new Group(new ArrayList<>(), new ArrayList<>());
        ended.forEach(row -> groups.computeIfAbsent(
                        new Place(row.row().call().account().tenant(), row.node()), fresh)
                .ended()
                .add(row));
        open.forEach(call -> groups.computeIfAbsent(new Place(call.account().tenant(), node), fresh)
                .open()
                .add(call));
        return postgres.withoutTenant(sql -> {
            List<Future<?>> sent = new ArrayList<>();
            groups.forEach((place, group) -> send(sql, place, group, sent));
            return Pipelined.all(sent);
        });
    }

    private static void send(SqlConnection sql, Place place, Group group, List<Future<?>> sent) {
        sent.add(sql.preparedQuery(SET_TENANT)
                .execute(Tuple.of(place.tenant().uuid().toString(), place.node().toString())));
        if (!group.open().isEmpty()) {
            Tuple calls = calls(group.open());
            calls.addArrayOfLong(of(group.open(), call -> call.floor().units(), Long[]::new));
            sent.add(sql.preparedQuery(RESERVE).execute(calls));
        }
        if (!group.ended().isEmpty()) {
            sent.add(sql.preparedQuery(INSERT)
                    .execute(rows(group.ended().stream().map(Pending::row).toList())));
        }
        UUID[] reserved = group.ended().stream()
                .filter(Pending::reserved)
                .map(row -> row.row().call().attempt().uuid())
                .toArray(UUID[]::new);
        if (reserved.length > 0) {
            sent.add(sql.preparedQuery(UNRESERVE).execute(Tuple.tuple().addArrayOfUUID(reserved)));
        }
    }

    private static Tuple calls(List<SpendCall> calls) {
        return Tuple.tuple()
                .addArrayOfUUID(of(calls, call -> call.attempt().uuid(), UUID[]::new))
                .addArrayOfUUID(ids(calls, Account::run))
                .addArrayOfInteger(calls.stream()
                        .map(call -> call.account().step().orElse(null))
                        .toArray(Integer[]::new))
                .addArrayOfUUID(ids(calls, Account::agent))
                .addArrayOfUUID(ids(calls, Account::project))
                .addArrayOfUUID(ids(calls, Account::user))
                .addArrayOfUUID(ids(calls, Account::apiKey))
                .addArrayOfString(of(calls, SpendCall::provider, String[]::new))
                .addArrayOfString(of(calls, SpendCall::model, String[]::new))
                .addArrayOfOffsetDateTime(of(calls, call -> call.at().atOffset(ZoneOffset.UTC), OffsetDateTime[]::new));
    }

    private static Tuple rows(List<LedgerRow> rows) {
        List<Settlement> ends = rows.stream().map(LedgerRow::settlement).toList();
        return calls(rows.stream().map(LedgerRow::call).toList())
                .addArrayOfString(of(ends, end -> end.status().toString(), String[]::new))
                .addArrayOfLong(of(ends, end -> end.usage().inputTokens(), Long[]::new))
                .addArrayOfLong(of(ends, end -> end.usage().cachedInputTokens(), Long[]::new))
                .addArrayOfLong(of(ends, end -> end.usage().outputTokens(), Long[]::new))
                .addArrayOfBoolean(of(ends, end -> end.usage().estimated(), Boolean[]::new))
                .addArrayOfLong(of(ends, end -> end.cost().units(), Long[]::new))
                .addArrayOfInteger(of(rows, LedgerRow::latencyMillis, Integer[]::new));
    }

    private static <T, V> V[] of(List<T> all, Function<T, V> part, IntFunction<V[]> array) {
        return all.stream().map(part).toArray(array);
    }

    private static UUID[] ids(List<SpendCall> calls, Function<Account, Optional<TypeId>> part) {
        return calls.stream()
                .map(call -> part.apply(call.account()).map(TypeId::uuid).orElse(null))
                .toArray(UUID[]::new);
    }
}
