package io.temponest.gateway.auth;

import io.temponest.account.UserSessionStore;
import io.temponest.identity.TypeId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Notes which keys and console sessions are used: one statement every few seconds, however many requests. */
public final class UsageStamps {

    private static final Logger LOG = LoggerFactory.getLogger(UsageStamps.class);
    private static final Duration PERIOD = Duration.ofSeconds(5);

    private final Vertx vertx;
    private final UserSessionStore store;
    private final Set<UUID> keys = ConcurrentHashMap.newKeySet();
    private final Set<UUID> sessions = ConcurrentHashMap.newKeySet();
    private final long timer;

    public UsageStamps(Vertx vertx, UserSessionStore store) {
        this.vertx = vertx;
        this.store = store;
        this.timer = vertx.setPeriodic(PERIOD.toMillis(), tick -> write());
    }

    void key(TypeId key) {
        keys.add(key.uuid());
    }

    void session(TypeId session) {
        sessions.add(session.uuid());
    }

    private Future<Void> write() {
        List<UUID> usedKeys = take(keys);
        List<UUID> usedSessions = take(sessions);
        if (usedKeys.isEmpty() && usedSessions.isEmpty()) {
            return Future.succeededFuture();
        }
        return store.stamp(usedKeys, usedSessions)
                // Nothing depends on it; the next use is noted again.
                .onFailure(failure -> LOG.atWarn()
                        .addKeyValue("cause", String.valueOf(failure))
                        .log("access.stamps_lost"))
                .otherwiseEmpty();
    }

    private static List<UUID> take(Set<UUID> used) {
        List<UUID> taken = new ArrayList<>(used);
        taken.forEach(used::remove);
        return taken;
    }

    /** Writes what is left. */
    public Future<Void> stop() {
        vertx.cancelTimer(timer);
        return write();
    }
}
