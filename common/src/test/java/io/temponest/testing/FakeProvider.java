package io.temponest.testing;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.json.Json;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * An OpenAI-compatible server on a real socket of loopback. It answers chat completions as a test scripts them, one script
 * per request, in order: pieces of text, pauses, faults. A request for which there is no script is refused with 400. What a
 * test sends as it is may have the form of another API: the path of a request does not matter.
 */
public final class FakeProvider implements AutoCloseable {

    private static final long LIMIT_S = 30;

    private final Vertx vertx = Vertx.vertx();
    private final Scripts scripts = new Scripts();
    private final ConcurrentMap<String, Scripts> scriptsOfModels = new ConcurrentHashMap<>();
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

        /** Sends text of the stream in two chunks for each character that has several bytes, cut within the character. */
        record Split(String text) implements Act {}

        /** Sends text of the stream byte by byte, each in a chunk of its own. */
        record Trickle(String text) implements Act {}

        /** Closes the connection in the middle. */
        record Cut() implements Act {}

        /** Resets the connection (RST), now or in the middle. */
        record Reset() implements Act {}

        /** Ends the answer as if there were nothing to add. */
        record Close() implements Act {}

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

        /** Refuses the request in words of the test's own; only as the first act. */
        record RefuseAs(int status, String body, Map<String, String> headers) implements Act {
            public RefuseAs {
                headers = Map.copyOf(headers);
            }
        }

        /** Sends the first half of an answer in one piece; only as the first act. */
        record Half(String json) implements Act {}

        /** Answers with vectors, as numbers or in base64 as the request asks; only as the first act. */
        record Vectors(List<List<Float>> vectors) implements Act {
            public Vectors {
                vectors = List.copyOf(vectors);
            }
        }

        /** Sends the end of the answer without its usage. */
        record FinishSilently() implements Act {}
    }

    /**
     * A request that came.
     *
     * @param nanos when, as {@link System#nanoTime()}
     * @param gone completes when the client went away before the answer's end, with {@link System#nanoTime()}
     */
    public record Asked(JsonNode body, MultiMap headers, long nanos, CompletableFuture<Long> gone) {

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
        scripts.will(acts);
    }

    /** The next request in the order of arrival; waits for it. */
    public Asked next() {
        return scripts.next();
    }

    /** Drops scripts that were not played and requests that nobody looked at. */
    public void forget() {
        scripts.forget();
    }

    /** How many requests came that {@link #next} has not returned. */
    public int unseen() {
        return scripts.unseen();
    }

    /** All requests that came and that {@link #next} has not returned; from now on they are seen. */
    public List<Asked> all() {
        return scripts.all();
    }

    /** Scripts for the requests that name this model and for no others, from now on. */
    public Scripts model(String name) {
        return scriptsOfModels.computeIfAbsent(name, unknown -> new Scripts());
    }

    /** What is to be answered, and what was asked. Safe for any thread. */
    public static final class Scripts {

        private final BlockingQueue<List<Act>> scripts = new LinkedBlockingQueue<>();
        private final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();

        private Scripts() {}

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

        private void forget() {
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

        private Optional<List<Act>> script(Asked request) {
            asked.add(request);
            return Optional.ofNullable(scripts.poll());
        }
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
        if (HttpMethod.GET.equals(request.method()) && request.path().endsWith("/models")) {
            response.putHeader("Content-Type", "application/json").end("{\"data\":[{\"id\":\"parrot\"}]}");
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
            Asked asked = new Asked(Json.tree(body.toString()), request.headers(), System.nanoTime(), gone);
            List<Act> script = scriptsOfModels
                    .getOrDefault(asked.body().path("model").asText(), scripts)
                    .script(asked)
                    .orElse(otherwise);
            new Performance(vertx.getOrCreateContext(), request, asked.body()).play(script.iterator());
        });
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
