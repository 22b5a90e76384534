package io.temponest.gateway.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;

/**
 * Closes connections on which no request is in progress for a while: those that are idle, and those that send a head byte by
 * byte. Lives on one event loop.
 */
public final class Connections {

    private static final long SWEEP_MS = 1_000;

    private final Vertx vertx;
    private final long patienceNanos;
    private final IdentityHashMap<HttpConnection, State> open = new IdentityHashMap<>();

    private static final class State {
        private int inProgress;
        private long quietSince = System.nanoTime();
    }

    /** @param patience how long a connection may be without a request */
    public Connections(Vertx vertx, Duration patience) {
        this.vertx = vertx;
        this.patienceNanos = patience.toNanos();
    }

    public void start() {
        vertx.setPeriodic(SWEEP_MS, round -> sweep());
    }

    public void opened(HttpConnection connection) {
        open.put(connection, new State());
        connection.closeHandler(closed -> open.remove(connection));
    }

    void begun(RoutingContext context) {
        HttpServerRequest request = context.request();
        State state = open.get(request.connection());
        if (state != null) {
            state.inProgress++;
            context.addEndHandler(over -> {
                state.inProgress--;
                state.quietSince = System.nanoTime();
            });
        }
    }

    private void sweep() {
        long now = System.nanoTime();
        new ArrayList<>(open.entrySet()).forEach(entry -> {
            State state = entry.getValue();
            if (state.inProgress == 0 && now - state.quietSince > patienceNanos) {
                entry.getKey().close();
            }
        });
    }
}
