package io.temponest.gateway.http;

import io.temponest.error.ApiError;
import io.temponest.json.Json;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Optional;

/**
 * A stream of server-sent events (WHATWG HTML, section 9.2). A silent stream is kept alive by comments; what a slow reader
 * does not take waits at the source, and one that takes nothing for a minute is cut off. Lives on one event loop.
 */
public final class SseStream {

    private static final long KEEP_ALIVE_MS = Duration.ofSeconds(15).toMillis();
    private static final int STUCK_ROUNDS = 4;
    private static final int QUEUE_BYTES = 64 << 10;

    private final Vertx vertx;
    private final HttpServerResponse response;
    private final long timer;
    private Optional<Promise<Void>> room = Optional.empty();
    private Runnable onClose = () -> {};
    private boolean quiet;
    private int stuck;
    private boolean closed;

    SseStream(Vertx vertx, HttpServerResponse response) {
        this.vertx = vertx;
        this.response = response;
        response.setWriteQueueMaxSize(QUEUE_BYTES);
        response.drainHandler(drained -> makeRoom());
        response.exceptionHandler(broken -> close());
        response.closeHandler(gone -> close());
        timer = vertx.setPeriodic(KEEP_ALIVE_MS, round -> keepAlive());
    }

    /**
     * Sends an event; completes when there is room for the next, or the reader is gone. Never fails.
     *
     * @param id what the reader names to go on from here; empty for what is not kept
     */
    public Future<Void> send(Optional<String> id, String type, Object data) {
        if (closed) {
            return Future.succeededFuture();
        }
        StringBuilder event = new StringBuilder();
        id.ifPresent(text -> event.append("id: ").append(text).append('\n'));
        // JSON has no line breaks of its own: one data line is enough.
        event.append("event: ")
                .append(type)
                .append("\ndata: ")
                .append(Json.text(data))
                .append("\n\n");
        return write(event.toString());
    }

    private Future<Void> write(String text) {
        quiet = false;
        response.write(text);
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

    private void keepAlive() {
        if (response.writeQueueFull()) {
            stuck++;
            if (stuck >= STUCK_ROUNDS) {
                response.reset();
                close();
            }
        } else if (quiet) {
            response.write(": keep-alive\n\n");
        }
        quiet = true;
    }

    /** Ends the stream with a failure that the reader is told. */
    public void fail(ApiError error, String requestId) {
        if (!closed) {
            send(Optional.empty(), "error", ErrorBody.of(error, requestId));
            end();
        }
    }

    public void end() {
        if (!closed) {
            response.end();
            close();
        }
    }

    /** Calls back once when the stream is over, whoever ended it; at once if it is. */
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
