package io.temponest.workers.run;

import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.TypeId;
import io.temponest.workers.run.SessionStore.Wishes;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process's right to own work: a row that it renews each second. When it could not be renewed for as long as it is
 * valid, or was declared dead, everything that it owned is lost and a new session begins. Lives on one event loop.
 */
public final class WorkerSession {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerSession.class);
    private static final long BEAT_MS = 1_000;

    /** An answer that is later is none: the next beat must not wait for a connection that hangs. */
    private static final long BEAT_LIMIT_MS = 2_000;

    private static final Duration VALIDITY = Duration.ofSeconds(5);

    private final Vertx vertx;
    private final SessionStore store;
    private final Ids ids;
    private final String node;

    private volatile TypeId id;
    private volatile long renewedAt;
    private Consumer<TypeId> onLost = lost -> {};
    private Consumer<TypeId> onBegun = begun -> {};
    private Consumer<Wishes> onWishes = wishes -> {};
    private long timer = -1;
    private long dueAt;
    private boolean beating;

    WorkerSession(Vertx vertx, SessionStore store, Ids ids, String node) {
        this.vertx = vertx;
        this.store = store;
        this.ids = ids;
        this.node = node;
        this.id = ids.next(Kind.SESSION);
    }

    /** Who hears of a session once it is registered, of one that is over, and of runs that are to stop. */
    void listen(Consumer<TypeId> begun, Consumer<TypeId> lost, Consumer<Wishes> wishes) {
        onBegun = begun;
        onLost = lost;
        onWishes = wishes;
    }

    Future<Void> start() {
        return register().onSuccess(done -> {
            dueAt = System.nanoTime() + BEAT_MS * 1_000_000;
            timer = vertx.setPeriodic(BEAT_MS, fired -> beat());
        });
    }

    private Future<Void> register() {
        long begun = System.nanoTime();
        TypeId next = ids.next(Kind.SESSION);
        return store.register(next, node).onSuccess(done -> {
            id = next;
            renewedAt = begun;
            LOG.atInfo().addKeyValue("session", next).log("session.begun");
            onBegun.accept(next);
        });
    }

    /** The current session. Safe for use by any thread. */
    public TypeId id() {
        return id;
    }

    /** Whether the session is still ours by our own clock. Safe for use by any thread. */
    public boolean valid() {
        return System.nanoTime() - renewedAt < VALIDITY.toNanos();
    }

    private void beat() {
        long now = System.nanoTime();
        int lagMs = (int) Math.min(Integer.MAX_VALUE, Math.max(0, (now - dueAt) / 1_000_000));
        dueAt = now + BEAT_MS * 1_000_000;
        if (!valid()) {
            renew();
        } else if (!beating) {
            beating = true;
            store.heartbeat(id, lagMs)
                    .timeout(BEAT_LIMIT_MS, TimeUnit.MILLISECONDS)
                    .onComplete(answer -> {
                        beating = false;
                        if (answer.succeeded()) {
                            heard(now, answer.result());
                        } else {
                            LOG.atWarn()
                                    .addKeyValue("cause", answer.cause().getMessage())
                                    .log("session.heartbeat_failed");
                        }
                    });
        }
    }

    private void heard(long sentAt, Optional<Wishes> wishes) {
        if (wishes.isEmpty()) {
            renew();
            return;
        }
        renewedAt = sentAt;
        onWishes.accept(wishes.get());
    }

    private void renew() {
        if (beating) {
            return;
        }
        beating = true;
        LOG.atWarn().addKeyValue("session", id).log("session.lost");
        onLost.accept(id);
        register().onComplete(done -> beating = false);
    }

    Future<Void> drain() {
        return store.drain(id);
    }

    Future<Void> close() {
        vertx.cancelTimer(timer);
        return store.close(id);
    }
}
