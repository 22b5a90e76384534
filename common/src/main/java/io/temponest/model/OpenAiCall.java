package io.temponest.model;

import io.temponest.bus.Deadline;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.json.Json;
import io.temponest.model.ModelOutcome.Cancelled;
import io.temponest.model.ModelOutcome.Completed;
import io.temponest.model.ModelOutcome.Failed;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One streamed chat completion in progress. Its end comes once, from whichever is first: the provider's, a fault of the
 * connection, silence, the deadline, or the caller's cancel; whatever ends it early resets the request. Lives on the
 * caller's context.
 */
final class OpenAiCall {

    private static final int MAX_EVENT = 1 << 20;
    private static final int MAX_ERROR_BODY = 1 << 16;
    private static final int MAX_MESSAGE = 300;

    private final Vertx vertx;
    private final Context context;
    private final String provider;
    private final Consumer<String> deltas;
    private final Duration patience;
    private final Promise<ModelOutcome> outcome = Promise.promise();
    private final StringBuilder text = new StringBuilder();
    private final SseParser parser = new SseParser(MAX_EVENT, this::event);

    private Optional<HttpClientRequest> request = Optional.empty();
    private Optional<String> finishReason = Optional.empty();
    private Optional<Usage> usage = Optional.empty();
    private long silenceTimer = -1;
    private long deadlineTimer = -1;

    OpenAiCall(Vertx vertx, String provider, Duration patience, Consumer<String> deltas) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.provider = provider;
        this.patience = patience;
        this.deltas = deltas;
    }

    /** The outcome; its usage has no numbers where the provider sent none, see {@link #usageKnown}. */
    Future<ModelOutcome> run(
            Future<HttpClientRequest> connecting, byte[] body, Cancellation cancellation, Deadline deadline) {
        deadlineTimer = vertx.setTimer(deadline.remainingMillis(), late -> end(late()));
        cancellation.requested().onSuccess(asked -> context.runOnContext(go -> end(new Cancelled(used()))));
        connecting.onComplete(connected -> {
            if (connected.failed()) {
                end(unreachable(connected.cause()));
            } else if (outcome.future().isComplete()) {
                connected.result().reset();
            } else {
                send(connected.result(), body);
            }
        });
        return outcome.future();
    }

    private void send(HttpClientRequest ready, byte[] body) {
        request = Optional.of(ready);
        hearken();
        ready.exceptionHandler(fault -> end(broken(fault.getMessage())));
        ready.send(Buffer.buffer(body)).onComplete(answer -> {
            if (answer.failed()) {
                end(broken(answer.cause().getMessage()));
            } else if (answer.result().statusCode() == 200) {
                read(answer.result());
            } else {
                refuse(answer.result());
            }
        });
    }

    private void read(HttpClientResponse response) {
        response.exceptionHandler(fault -> end(broken(fault.getMessage())));
        response.endHandler(done -> end(finishReason.isPresent() ? completed() : broken("the stream ended too early")));
        response.handler(chunk -> {
            hearken();
            try {
                parser.feed(chunk.getBytes());
            } catch (RuntimeException e) {
                end(broken("the stream cannot be read: " + shorten(e.getMessage())));
            }
        });
    }

    private void event(SseParser.Event event) {
        if (outcome.future().isComplete()) {
            return;
        }
        if (event.data().equals("[DONE]")) {
            end(completed());
            return;
        }
        OpenAi.Chunk chunk = Json.read(event.data(), OpenAi.Chunk.class);
        if (chunk.error().isPresent()) {
            end(failed(
                    ErrorType.UPSTREAM_ERROR,
                    "provider_error",
                    chunk.error().get().message().orElse("an error"),
                    true));
            return;
        }
        chunk.usage().ifPresent(tokens -> usage = Optional.of(tokens.usage()));
        chunk.choice().ifPresent(choice -> {
            choice.finishReason().ifPresent(reason -> finishReason = Optional.of(reason));
            choice.delta()
                    .flatMap(OpenAi.Delta::content)
                    .filter(piece -> !piece.isEmpty())
                    .ifPresent(piece -> {
                        text.append(piece);
                        deltas.accept(piece);
                    });
        });
    }

    private void refuse(HttpClientResponse response) {
        Buffer body = Buffer.buffer();
        response.handler(chunk -> {
            if (body.length() < MAX_ERROR_BODY) {
                body.appendBuffer(chunk);
            }
        });
        response.exceptionHandler(fault -> end(status(response.statusCode(), "")));
        response.endHandler(done -> end(status(response.statusCode(), problem(body))));
    }

    private static String problem(Buffer body) {
        try {
            return Json.read(body.getBytes(), OpenAi.ProblemBody.class)
                    .error()
                    .flatMap(OpenAi.Problem::message)
                    .map(message -> ": " + shorten(message))
                    .orElse("");
        } catch (UncheckedIOException e) {
            return "";
        }
    }

    /** The classes of an HTTP refusal. A provider's words about our key are not passed on. */
    private Failed status(int status, String problem) {
        String said = "answered %d%s".formatted(status, problem);
        return switch (status) {
            case 401, 402, 403 ->
                failed(
                        ErrorType.UPSTREAM_ERROR,
                        "provider_auth_failed",
                        "refused our credentials (" + status + ")",
                        false);
            case 429 -> failed(ErrorType.RATE_LIMIT_ERROR, "provider_rate_limited", said, true);
            case 408 -> failed(ErrorType.TIMEOUT_ERROR, "provider_timeout", said, true);
            default ->
                status >= 500
                        ? failed(ErrorType.UPSTREAM_ERROR, "provider_error", said, true)
                        : failed(ErrorType.INVALID_REQUEST_ERROR, "provider_rejected", said, false);
        };
    }

    private Completed completed() {
        return new Completed(text.toString(), finishReason.orElse("stop"), used());
    }

    /** Before the first token a lost connection may be tried again; after it the answer is damaged. */
    private Failed broken(@Nullable String cause) {
        return failed(
                ErrorType.UPSTREAM_ERROR,
                "provider_stream_broken",
                "broke the stream off: " + shorten(cause),
                text.isEmpty());
    }

    private Failed unreachable(Throwable cause) {
        return failed(
                ErrorType.UPSTREAM_ERROR,
                "provider_unreachable",
                "cannot be reached: " + shorten(cause.getMessage()),
                true);
    }

    /** The caller's deadline, which says nothing about the provider. */
    private Failed late() {
        return failed(ErrorType.TIMEOUT_ERROR, "deadline_exceeded", "did not finish within the deadline", false);
    }

    private Failed timedOut(String what) {
        return failed(ErrorType.TIMEOUT_ERROR, "provider_timeout", what, false);
    }

    private Failed failed(ErrorType type, String code, String what, boolean retryable) {
        return new Failed(ApiError.of(type, code, "Provider '%s' %s.".formatted(provider, what)), retryable, used());
    }

    private static String shorten(@Nullable String message) {
        String known = message == null ? "no reason given" : message;
        return known.length() > MAX_MESSAGE ? known.substring(0, MAX_MESSAGE) + "…" : known;
    }

    private Usage used() {
        return usage.orElse(Usage.NONE);
    }

    /** Whether the provider sent numbers. */
    boolean usageKnown() {
        return usage.isPresent();
    }

    /** What was received so far. */
    String received() {
        return text.toString();
    }

    /** Something was heard: silence is measured from here. */
    private void hearken() {
        vertx.cancelTimer(silenceTimer);
        silenceTimer = vertx.setTimer(
                patience.toMillis(), silent -> end(timedOut("was silent for " + patience.toSeconds() + " s")));
    }

    private void end(ModelOutcome how) {
        if (outcome.tryComplete(how)) {
            vertx.cancelTimer(silenceTimer);
            vertx.cancelTimer(deadlineTimer);
            if (!(how instanceof Completed)) {
                request.ifPresent(HttpClientRequest::reset);
            }
        }
    }
}
