package io.temponest.spend;

import static io.temponest.spend.SpendFixture.await;
import static io.temponest.spend.SpendFixture.success;
import static org.awaitility.Awaitility.await;

import io.temponest.identity.TenantId;
import io.temponest.store.DatabaseUrl;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** PostgreSQL goes away and comes back. */
class SpendOutageTest {

    /** A way to the server that can be cut. */
    private static final class Cable {
        private final Set<NetSocket> ends = ConcurrentHashMap.newKeySet();
        private final NetServer server;
        private final NetClient client;
        private volatile boolean cut;

        private Cable(Vertx vertx, DatabaseUrl to) throws TimeoutException {
            client = vertx.createNetClient();
            server = vertx.createNetServer().connectHandler(near -> {
                if (cut) {
                    near.close();
                    return;
                }
                near.pause();
                ends.add(near);
                client.connect(to.port(), to.host()).onSuccess(far -> {
                    ends.add(far);
                    near.closeHandler(closed -> far.close());
                    far.closeHandler(closed -> near.close());
                    near.handler(far::write);
                    far.handler(near::write);
                    near.resume();
                });
            });
            await(server.listen(0, "127.0.0.1"));
        }

        private void cut() {
            cut = true;
            ends.forEach(NetSocket::close);
            ends.clear();
        }

        private void mend() {
            cut = false;
        }
    }

    private static boolean isUnavailable(SpendFixture money, Spending node, TenantId tenant) throws TimeoutException {
        return switch (money.open(node, money.call(tenant, "0.01", "0.01"))) {
            case SpendOutcome.Opened(Ticket ticket) -> {
                ticket.settle(success("0"));
                yield false;
            }
            case SpendOutcome.Refused refused -> false;
            case SpendOutcome.Unavailable unavailable -> true;
        };
    }

    @Test
    void callsAreSettledMeanwhileAndNoneIsLost() throws TimeoutException {
        try (SpendFixture money = new SpendFixture()) {
            Cable cable = new Cable(money.vertx, money.database.appUrl());
            DatabaseUrl there = money.database.appUrl();
            DatabaseUrl through = new DatabaseUrl(
                    "127.0.0.1",
                    cable.server.actualPort(),
                    there.database(),
                    there.user(),
                    there.password(),
                    there.tls());
            TenantId free = money.database.tenant();
            TenantId bound = money.database.tenant();
            Budget budget = money.budget(bound, "0.50", true);
            Spending node = money.start(money.folder, through, SpendFixture.HASTY);
            money.opened(node, money.call(free, "0", "0.01")).settle(success("0.01"));
            List<Ticket> open = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                open.add(money.opened(node, money.call(bound, "0.01", "0.01")));
            }

            cable.cut();
            open.forEach(ticket -> ticket.settle(success("0.01")));
            for (int i = 0; i < 600; i++) {
                money.opened(node, money.call(free, "0", "0.01")).settle(success("0.00001"));
            }
            // Longer than the node lives: what it holds of a hard budget may be somebody else's by now.
            await().atMost(Duration.ofSeconds(10)).until(() -> isUnavailable(money, node, bound));
            cable.mend();

            await().atMost(Duration.ofSeconds(30))
                    .until(() -> money.ask(
                                    "select count(*) || ' ' || sum(cost_usd) from usage_ledger where tenant_id = ?",
                                    free.uuid())
                            .equals("601 0.01600000"));
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> money.status(bound, budget).settled().equals(Usd.parse("0.05")));
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> money.open(node, money.call(bound, "0.45", "0.45")) instanceof SpendOutcome.Opened);
        }
    }
}
