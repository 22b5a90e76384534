package io.temponest.testing;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.json.Json;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.net.URI;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * An OpenAI-compatible server on a real socket of loopback. It answers chat completions as a test scripts them, one script
 * per request, in order: pieces of text, pauses, faults. A request for which there is no script is refused with 400.
 */
public final class FakeProvider implements AutoCloseable {

    private static final long LIMIT_S = 30;

    private final Vertx vertx = Vertx.vertx();
    private final BlockingQueue<List<Act>> scripts = new LinkedBlockingQueue<>();
    private final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();
    private volatile List<Act> otherwise = List.of(new Act.Refuse(400, "the test has no script for this"));
    private final HttpServer server;

    private FakeProvider() {
        server = settled(vertx.createHttpServer()
                .requestHandler(this::answer)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture());
    }

    public static FakeProvider start() {
        return new FakeProvider();
    }

    /** One thing that the server does in its answer. */
    public sealed interface Act {

        /** Sends a chunk of the answer's text. */
        record Say(String text) implements Act {}

        /** Does nothing until the test completes the future. */
        record Hold(CompletableFuture<Void> until) implements Act {}

        /** Sends the end of the answer: its finish reason, its usage and the stream's last line. */
        record Finish(int inputTokens, int outputTokens) implements Act {}

        /** Sends bytes of the stream as they are. */
        record Raw(String text) implements Act {}

        /** Closes the connection in the middle. */
        record Cut() implements Act {}

        /** Refuses the request; only as the first act. */
        record Refuse(int status, String message, Map<String, String> headers) implements Act {
            public Refuse {
                headers = Map.copyOf(headers);
            }

            public Refuse(int status, String message) {
                this(status, message, Map.of());
            }
        }

        /** Answers in one piece; only as the first act. */
        record Whole(String json) implements Act {}

        /** Sends the end of the answer without its usage. */
        record FinishSilently() implements Act {}
    }

    /**
     * A request that came.
     *
     * @param gone completes when the client went away before the answer's end, with {@link System#nanoTime()}
     */
    public record Asked(JsonNode body, MultiMap headers, CompletableFuture<Long> gone) {

        /** When the client went away. */
        public long whenGone() {
            return settled(gone);
        }
    }

    /** An answer of one piece. */
    public void willSay(String text) {
        will(new Act.Say(text), new Act.Finish(10, 5));
    }

    /** What the server does for every request for which there is no other script. */
    public void otherwise(Act... acts) {
        otherwise = List.of(acts);
    }

    /** What the server does for the next request that has no script yet. */
    public void will(Act... acts) {
        scripts.add(List.of(acts));
    }

    /** The next request in the order of arrival; waits for it. */
    public Asked next() {
        try {
            Asked next = asked.poll(LIMIT_S, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("the provider was not asked within " + LIMIT_S + " s");
            }
            return next;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Drops scripts that were not played and requests that nobody looked at. */
    public void forget() {
        scripts.clear();
        asked.clear();
    }

    /** How many requests came that {@link #next} has not returned. */
    public int unseen() {
        return asked.size();
    }

    /** All requests that came and that {@link #next} has not returned; from now on they are seen. */
    public List<Asked> all() {
        List<Asked> all = new ArrayList<>();
        asked.drainTo(all);
        return all;
    }

    /** Up to and including {@code /v1}. */
    public URI baseUrl() {
        return URI.create("http://127.0.0.1:" + server.actualPort() + "/v1");
    }

    /** The settings that make this server the provider {@code fake}. */
    public Map<String, String> settings() {
        return Map.of(
                "TEMPONEST_PROVIDER_FAKE_KIND", "openai",
                "TEMPONEST_PROVIDER_FAKE_BASE_URL", baseUrl().toString(),
                "TEMPONEST_PROVIDER_FAKE_API_KEY", "sk-fake");
    }

    private void answer(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        if (request.path().equals("/v1/models")) {
            send(response.putHeader("Content-Type", "application/json"), "{\"data\":[{\"id\":\"parrot\"}]}", true);
            return;
        }
        CompletableFuture<Long> gone = new CompletableFuture<>();
        response.exceptionHandler(fault -> gone.complete(System.nanoTime()));
        response.closeHandler(closed -> {
            if (!response.ended()) {
                gone.complete(System.nanoTime());
            }
        });
        request.body().onSuccess(body -> {
            asked.add(new Asked(Json.tree(body.toString()), request.headers(), gone));
            List<Act> script = scripts.poll();
            play(vertx.getOrCreateContext(), response, (script == null ? otherwise : script).iterator());
        });
    }

    private static void play(Context context, HttpServerResponse response, Iterator<Act> acts) {
        while (acts.hasNext()) {
            switch (acts.next()) {
                case Act.Say(String text) ->
                    chunk(response, Json.text(Map.of("choices", List.of(Map.of("delta", Map.of("content", text))))));
                case Act.Raw(String text) -> stream(response, text);
                case Act.Finish(int input, int output) -> {
                    chunk(
                            response,
                            Json.text(Map.of(
                                    "choices", List.of(Map.of("delta", Map.of(), "finish_reason", "stop")),
                                    "usage", Map.of("prompt_tokens", input, "completion_tokens", output))));
                    stream(response, "data: [DONE]\n\n");
                    send(response, "", true);
                }
                case Act.Cut() -> ignore(response.reset());
                case Act.FinishSilently() -> {
                    chunk(
                            response,
                            Json.text(Map.of("choices", List.of(Map.of("delta", Map.of(), "finish_reason", "stop")))));
                    stream(response, "data: [DONE]\n\n");
                    send(response, "", true);
                }
                case Act.Whole(String json) -> send(response.putHeader("Content-Type", "application/json"), json, true);
                case Act.Refuse(int status, String message, var headers) -> {
                    headers.forEach(response::putHeader);
                    send(
                            response.setStatusCode(status).putHeader("Content-Type", "application/json"),
                            Json.text(Map.of("error", Map.of("message", message))),
                            true);
                }
                case Act.Hold(CompletableFuture<Void> until) -> {
                    until.thenRun(() -> context.runOnContext(go -> play(context, response, acts)));
                    return;
                }
            }
        }
    }

    private static void chunk(HttpServerResponse response, String json) {
        stream(response, "data: " + json + "\n\n");
    }

    private static void stream(HttpServerResponse response, String text) {
        if (!response.headWritten()) {
            response.setChunked(true).putHeader("Content-Type", "text/event-stream");
        }
        send(response, text, false);
    }

    private static void send(HttpServerResponse response, String text, boolean last) {
        if (!response.ended() && !response.closed()) {
            ignore(last ? response.end(text) : response.write(text));
        }
    }

    /** A client that went away is what a test may want. */
    private static void ignore(Future<?> written) {
        written.otherwiseEmpty();
    }

    private static <T> T settled(CompletableFuture<T> future) {
        try {
            return future.get(LIMIT_S, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        settled(vertx.close().toCompletionStage().toCompletableFuture());
    }
}
