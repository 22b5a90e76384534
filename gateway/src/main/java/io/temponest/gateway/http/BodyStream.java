package io.temponest.gateway.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Optional;

/**
 * A body that is sent piece by piece. What a slow reader does not take waits at the source, and one that takes nothing for a
 * minute is cut off. Lives on one event loop.
 */
public final class BodyStream {

    private static final long ROUND_MS = Duration.ofSeconds(15).toMillis();
    private static final int STUCK_ROUNDS = 4;
    private static final int QUEUE_BYTES = 64 << 10;

    private final Vertx vertx;
    private final HttpServerResponse response;
    private final Runnable whenQuiet;
    private final long timer;
    private Optional<Promise<Void>> room = Optional.empty();
    private Runnable onClose = () -> {};
    private boolean quiet;
    private int stuck;
    private boolean closed;

    /** @param whenQuiet is called when nothing was sent for 15 seconds though there was room */
    BodyStream(Vertx vertx, HttpServerResponse response, Runnable whenQuiet) {
        this.vertx = vertx;
        this.response = response;
        this.whenQuiet = whenQuiet;
        response.setWriteQueueMaxSize(QUEUE_BYTES);
        response.drainHandler(drained -> makeRoom());
        response.exceptionHandler(broken -> close());
        response.closeHandler(gone -> close());
        timer = vertx.setPeriodic(ROUND_MS, round -> look());
    }

    /** Sends a piece; completes when there is room for the next, or the reader is gone. Never fails. */
    public Future<Void> write(Buffer piece) {
        if (closed) {
            return Future.succeededFuture();
        }
        quiet = false;
        response.write(piece);
        if (!response.writeQueueFull()) {
            return Future.succeededFuture();
        }
        Promise<Void> promise = room.orElseGet(Promise::promise);
        room = Optional.of(promise);
        return promise.future();
    }

    private void makeRoom() {
        stuck = 0;
        Optional<Promise<Void>> waiting = room;
        room = Optional.empty();
        waiting.ifPresent(Promise::tryComplete);
    }

    private void look() {
        if (response.writeQueueFull()) {
            stuck++;
            if (stuck >= STUCK_ROUNDS) {
                abort();
            }
        } else if (quiet) {
            whenQuiet.run();
        }
        quiet = true;
    }

    /** That is all. */
    public void end() {
        if (!closed) {
            response.end();
            close();
        }
    }

    /** Breaks the body off, so that its reader cannot take it for the whole. */
    public void abort() {
        if (!closed) {
            response.reset();
            close();
        }
    }

    /** Whether it is over, whoever ended it. */
    public boolean isClosed() {
        return closed;
    }

    /** Calls back once when it is over, whoever ended it; at once if it is. */
    public void onClose(Runnable action) {
        if (closed) {
            action.run();
        } else {
            onClose = action;
        }
    }

    private void close() {
        if (!closed) {
            closed = true;
            vertx.cancelTimer(timer);
            makeRoom();
            onClose.run();
        }
    }
}
