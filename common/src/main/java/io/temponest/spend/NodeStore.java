package io.temponest.spend;

import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** The processes that hold money. */
final class NodeStore {

    private static final String BEAT = """
            insert into spend_nodes (id, expires_at) values ($1, now() + $2::bigint * interval '1 millisecond')
            on conflict (id) do update set expires_at = excluded.expires_at""";

    private static final String EXPIRED =
            "select id from spend_nodes where expires_at < now() and id <> $1 order by id";

    private static final String LOSE = "select spend_lose($1, $2) as lost";

    private static final String RELEASE = "select spend_release($1, $2)";

    private final Postgres postgres;

    NodeStore(Postgres postgres) {
        this.postgres = postgres;
    }

    /**
     * Says that a node lives for so long from now.
     *
     * @return those that have not said so in time
     */
    Future<List<UUID>> beat(UUID node, Duration life) {
        return postgres.withoutTenant(sql -> sql.preparedQuery(BEAT)
                .execute(Tuple.of(node, life.toMillis()))
                .compose(done -> sql.preparedQuery(EXPIRED).execute(Tuple.of(node)))
                .map(rows -> {
                    List<UUID> expired = new ArrayList<>();
                    rows.forEach(row -> expired.add(row.getUUID("id")));
                    return expired;
                }));
    }

    /**
     * Writes the calls that a dead process left open to the ledger, then gives back what it held. May be repeated; two
     * transactions, so that each locks in the order of tenants.
     *
     * @param known to be dead; else it is left alone unless its life is over
     * @return calls that were lost
     */
    Future<Integer> bury(UUID node, boolean known) {
        return postgres.withoutTenant(sql -> sql.preparedQuery(LOSE)
                        .execute(Tuple.of(node, known))
                        .map(rows -> rows.iterator().next().getInteger("lost")))
                .compose(lost -> postgres.withoutTenant(
                                sql -> sql.preparedQuery(RELEASE).execute(Tuple.of(node, known)))
                        .map(lost));
    }
}
