package io.temponest.spend;

import io.vertx.core.Future;
import java.util.List;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says that this node lives, and sees to those that no longer say so. A node that has not got through for most of its life hands
 * out nothing that it holds, since another may have given it back. Nobody is taken for dead by a node that has not itself
 * got through for a whole life: after an outage of PostgreSQL, all are late.
 */
final class Heartbeat {

    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

    private final Node node;
    private final SpendPace pace;
    private final LongSupplier nanos;
    private final Runnable lapsed;
    private volatile long beatAt;
    private volatile boolean beaten;
    private long steadySince;
    private boolean steady;

    /** Who this is. */
    record Node(UUID id, NodeStore store, SpendMetrics metrics) {}

    /** @param lapsed told when the node may have been taken for dead */
    Heartbeat(Node node, SpendPace pace, LongSupplier nanos, Runnable lapsed) {
        this.node = node;
        this.pace = pace;
        this.nanos = nanos;
        this.lapsed = lapsed;
    }

    /** Whether what the node holds is certainly its own still. */
    boolean alive() {
        return beaten && nanos.getAsLong() - beatAt < pace.life().toNanos() / 6 * 5;
    }

    /** Never fails. To be called again when it has ended, not before. */
    Future<Void> beat() {
        long now = nanos.getAsLong();
        return node.store()
                .beat(node.id(), pace.life())
                .compose(expired -> {
                    if (!alive()) {
                        lapsed.run();
                    }
                    if (!steady) {
                        steady = true;
                        steadySince = now;
                    }
                    beatAt = now;
                    beaten = true;
                    return now - steadySince >= pace.life().toNanos() ? bury(expired) : Future.succeededFuture();
                })
                .recover(failure -> {
                    steady = false;
                    LOG.atWarn().addKeyValue("reason", failure.getMessage()).log("spend.heartbeat_failed");
                    return Future.succeededFuture();
                });
    }

    private Future<Void> bury(List<UUID> expired) {
        Future<Void> done = Future.succeededFuture();
        for (UUID dead : expired) {
            done = done.compose(next -> node.store().bury(dead, false))
                    .onSuccess(lost -> {
                        node.metrics().buried(lost);
                        LOG.atWarn()
                                .addKeyValue("node", dead)
                                .addKeyValue("lost", lost)
                                .log("spend.node_buried");
                    })
                    .mapEmpty();
        }
        return done;
    }
}
