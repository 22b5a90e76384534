package io.temponest.workers.run;

import io.temponest.json.Json;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts right what lost workers and passed deadlines leave behind. Every node has one; they do not get in each other's way. */
final class Reaper {

    private static final Logger LOG = LoggerFactory.getLogger(Reaper.class);
    private static final long SECOND_MS = 1_000;

    /** A lost run waits for its session's five seconds and this long; together they must stay below six. */
    private static final long REAP_MS = 250;

    private static final long RECONCILE_MS = 30_000;
    private static final long CHILDREN_MS = 5_000;
    private static final long PARTITIONS_MS = 6 * 3_600_000L;

    private final Vertx vertx;
    private final SessionStore store;
    private final int maxRecoveries;
    private final Runnable onFreed;
    private final List<Long> timers = new ArrayList<>();
    private final String timeout = Json.text(Engine.DEADLINE_EXCEEDED);

    /** @param onFreed told when runs became ready */
    Reaper(Vertx vertx, SessionStore store, int maxRecoveries, Runnable onFreed) {
        this.vertx = vertx;
        this.store = store;
        this.maxRecoveries = maxRecoveries;
        this.onFreed = onFreed;
    }

    void start() {
        every(REAP_MS, this::reap);
        every(
                SECOND_MS,
                () -> store.endOverdue(timeout).onSuccess(ended -> {
                    if (ended > 0) {
                        LOG.atWarn().addKeyValue("runs", ended).log("runs.overdue");
                    }
                }));
        every(
                REAP_MS,
                () -> store.gatesDue().onSuccess(closed -> {
                    if (closed > 0) {
                        LOG.atInfo().addKeyValue("gates", closed).log("gates.due");
                        onFreed.run();
                    }
                }));
        every(CHILDREN_MS, store::childrenDue);
        every(
                RECONCILE_MS,
                () -> store.reconcile().onSuccess(mended -> {
                    if (mended > 0) {
                        LOG.atWarn().addKeyValue("runs", mended).log("queue.drift_mended");
                        onFreed.run();
                    }
                }));
        every(RECONCILE_MS, store::forgetAnswers);
        every(RECONCILE_MS, store::forgetExpired);
        every(PARTITIONS_MS, store::ensurePartitions);
        every(PARTITIONS_MS, store::dropOldPartitions);
    }

    private Future<?> reap() {
        return store.reapSessions(maxRecoveries).onSuccess(reaped -> {
            if (reaped.sessions() > 0) {
                LOG.atWarn()
                        .addKeyValue("sessions", reaped.sessions())
                        .addKeyValue("runs", reaped.runs())
                        .log("sessions.reaped");
                onFreed.run();
            }
        });
    }

    /** One at a time: a round that is still under way when the next is due takes its place. */
    private void every(long millis, Supplier<Future<?>> round) {
        boolean[] busy = {false};
        timers.add(vertx.setPeriodic(millis, fired -> {
            if (!busy[0]) {
                busy[0] = true;
                round.get().onComplete(done -> {
                    busy[0] = false;
                    if (done.failed()) {
                        LOG.atWarn()
                                .addKeyValue("cause", done.cause().getMessage())
                                .log("reaper.round_failed");
                    }
                });
            }
        }));
    }

    void stop() {
        timers.forEach(vertx::cancelTimer);
    }
}
