package io.temponest.model;

import io.temponest.bus.Deadline;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.json.Json;
import io.temponest.model.ModelOutcome.Cancelled;
import io.temponest.model.ModelOutcome.Completed;
import io.temponest.model.ModelOutcome.Failed;
import io.vertx.circuitbreaker.CircuitBreaker;
import io.vertx.circuitbreaker.CircuitBreakerOptions;
import io.vertx.circuitbreaker.CircuitBreakerState;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Models behind any server that speaks the OpenAI API: OpenAI itself, Ollama, vLLM and others. */
public final class OpenAiProvider implements ModelProvider {

    private static final int CONNECTIONS = 128;
    private static final int WAITING = 512;
    private static final int CONNECT_MS = 5_000;
    private static final int FAILURES_TO_OPEN = 5;
    private static final long OPEN_MS = 10_000;
    private static final long LIST_MS = 5_000;
    private static final String CIRCUIT_OPEN = "provider_circuit_open";

    private final Vertx vertx;
    private final ProviderConfig config;
    private final TokenCounter counter;
    private final HttpClientAgent http;
    private final CircuitBreaker breaker;
    private final AtomicInteger calls = new AtomicInteger();

    /** Counts tokens where a provider sends no numbers. */
    @FunctionalInterface
    public interface TokenCounter {
        Future<Long> count(ModelName model, List<String> texts);
    }

    public OpenAiProvider(Vertx vertx, ProviderConfig config, TokenCounter counter) {
        this.vertx = vertx;
        this.config = config;
        this.counter = counter;
        this.http = vertx.createHttpClient(
                new HttpClientOptions()
                        .setConnectTimeout(CONNECT_MS)
                        .setSsl(config.tls())
                        .setVerifyHost(true)
                        .setTcpNoDelay(true)
                        .setKeepAliveTimeout(30),
                new PoolOptions().setHttp1MaxSize(CONNECTIONS).setMaxWaitQueueSize(WAITING));
        this.breaker = CircuitBreaker.create(
                "provider-" + config.name(),
                vertx,
                new CircuitBreakerOptions()
                        .setMaxFailures(FAILURES_TO_OPEN)
                        .setTimeout(-1)
                        .setResetTimeout(OPEN_MS)
                        .setNotificationAddress(null));
    }

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public Future<ModelOutcome> ask(
            ModelRequest request, Consumer<String> deltas, Cancellation cancellation, Deadline deadline) {
        if (breaker.state() == CircuitBreakerState.OPEN) {
            return Future.succeededFuture(open());
        }
        return breaker.<ModelOutcome>execute(promise -> call(request, deltas, cancellation, deadline)
                        .onSuccess(outcome -> {
                            if (outcome instanceof Failed failed && provesTrouble(failed)) {
                                promise.tryFail(new Trouble(failed));
                            } else {
                                promise.tryComplete(outcome);
                            }
                        }))
                .recover(failure ->
                        Future.succeededFuture(failure instanceof Trouble trouble ? trouble.outcome : open()));
    }

    /** Whether an outcome says that the provider itself is in trouble, not this request. */
    private static boolean provesTrouble(Failed failed) {
        return switch (failed.error().code()) {
            case "provider_unreachable", "provider_error", "provider_timeout" -> true;
            default -> false;
        };
    }

    /** Carries an outcome through the breaker as a failure. */
    private static final class Trouble extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final transient Failed outcome;

        Trouble(Failed outcome) {
            super(outcome.error().message(), null, false, false);
            this.outcome = outcome;
        }
    }

    /** Whether a provider was not asked at all because it failed repeatedly before. */
    public static boolean circuitOpen(ModelOutcome outcome) {
        return outcome instanceof Failed failed && failed.error().code().equals(CIRCUIT_OPEN);
    }

    private Failed open() {
        ApiError error = ApiError.of(
                ErrorType.OVERLOADED_ERROR,
                CIRCUIT_OPEN,
                "Provider '%s' failed repeatedly and is not asked for some seconds.".formatted(config.name()));
        return new Failed(error, true, Usage.NONE);
    }

    private Future<ModelOutcome> call(
            ModelRequest request, Consumer<String> deltas, Cancellation cancellation, Deadline deadline) {
        OpenAiCall call = new OpenAiCall(vertx, config.name(), config.patience(), deltas);
        Future<HttpClientRequest> connecting = http.request(options(HttpMethod.POST, "/chat/completions")
                .putHeader("Content-Type", "application/json")
                .putHeader("Accept", "text/event-stream"));
        return call.run(connecting, OpenAi.body(request), cancellation, deadline)
                .compose(outcome -> call.usageKnown() || call.received().isEmpty()
                        ? Future.succeededFuture(outcome)
                        : estimate(request, call.received()).map(usage -> withUsage(outcome, usage)));
    }

    private Future<Usage> estimate(ModelRequest request, String answer) {
        List<String> input = new ArrayList<>();
        OpenAi.messages(request).forEach(message -> input.add(message.content()));
        return Future.join(counter.count(request.model(), input), counter.count(request.model(), List.of(answer)))
                .map(both -> new Usage(both.<Long>resultAt(0), 0, both.<Long>resultAt(1), true))
                .otherwise(new Usage(0, 0, 0, true));
    }

    private static ModelOutcome withUsage(ModelOutcome outcome, Usage usage) {
        return switch (outcome) {
            case Completed c -> new Completed(c.text(), c.finishReason(), usage);
            case Failed f -> new Failed(f.error(), f.retryable(), usage);
            case Cancelled c -> new Cancelled(usage);
        };
    }

    private RequestOptions options(HttpMethod method, String path) {
        RequestOptions options = new RequestOptions()
                .setMethod(method)
                .setHost(config.baseUrl().getHost())
                .setPort(config.port())
                .setSsl(config.tls())
                .setURI(config.baseUrl().getPath() + path);
        if (!config.keys().isEmpty()) {
            int turn = Math.floorMod(calls.getAndIncrement(), config.keys().size());
            options.putHeader(
                    "Authorization", "Bearer " + config.keys().get(turn).reveal());
        }
        return options;
    }

    @Override
    public Future<List<String>> models() {
        return http.request(
                        options(HttpMethod.GET, "/models").setTimeout(LIST_MS).setIdleTimeout(LIST_MS))
                .compose(HttpClientRequest::send)
                .compose(response -> response.statusCode() == 200
                        ? response.body()
                        : Future.failedFuture(
                                "provider '%s' answered %d".formatted(config.name(), response.statusCode())))
                .map(body -> Json.read(body.getBytes(), OpenAi.ModelList.class).data().stream()
                        .map(OpenAi.ModelEntry::id)
                        .toList());
    }

    /** Closes its connections. */
    public Future<Void> close() {
        breaker.close();
        return http.close();
    }
}
