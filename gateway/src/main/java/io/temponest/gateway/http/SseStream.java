package io.temponest.gateway.http;

import io.temponest.error.ApiError;
import io.temponest.json.Json;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.Optional;

/**
 * A stream of server-sent events (WHATWG HTML, section 9.2), with the back-pressure of {@link BodyStream}. A silent stream is
 * kept alive by comments. Lives on one event loop.
 */
public final class SseStream {

    private static final String KEEP_ALIVE = ": keep-alive\n\n";
    private static final long LAST_WORDS_MS = 500;

    private final Vertx vertx;
    private final BodyStream body;

    SseStream(Vertx vertx, HttpServerResponse response) {
        this.vertx = vertx;
        this.body = new BodyStream(vertx, response, () -> response.write(KEEP_ALIVE));
    }

    /**
     * Sends an event; completes when there is room for the next, or the reader is gone. Never fails.
     *
     * @param id what the reader names to go on from here; empty for what is not kept
     */
    public Future<Void> send(Optional<String> id, String type, Object data) {
        if (body.isClosed()) {
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
        return body.write(Buffer.buffer(event.toString()));
    }

    /** Sends whole events that are written already; completes like {@link #send}. */
    public Future<Void> sendRaw(Buffer events) {
        return body.write(events);
    }

    /** Ends the stream with a failure that the reader is told. */
    public void fail(ApiError error, String requestId) {
        if (!body.isClosed()) {
            send(Optional.empty(), "error", ErrorBody.of(error, requestId));
            end();
        }
    }

    /**
     * Ends the stream so that no reader takes it for complete. Readers that understand the last frame have a moment to do so,
     * and to leave by themselves: some drop what they have not read yet when a connection breaks.
     */
    public void breakOff() {
        vertx.setTimer(LAST_WORDS_MS, due -> body.abort());
    }

    public void end() {
        body.end();
    }

    /** Calls back once when the stream is over, whoever ended it; at once if it is. */
    public void onClose(Runnable action) {
        body.onClose(action);
    }
}
