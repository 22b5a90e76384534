package io.temponest.gateway.http;

import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.temponest.json.Json;
import io.temponest.model.wire.reply.ErrorForm;
import io.temponest.store.SqlFailure;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place that turns a failure into an answer. What it does not know is a bug: logged here, and told without detail. */
final class Failures {

    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    /** How much of a refused body is still read, so that its sender gets to read the answer. */
    private static final long LINGER_BYTES = 64 << 20;

    private static final long LINGER_MS = 10_000;
    private static final int RETRY_AFTER_MS = 1_000;
    private static final int LONGEST_WAIT_S = 60;

    /** The one conflict that passes by itself. */
    private static final String IN_PROGRESS = "idempotency_in_progress";

    private Failures() {}

    static void answer(RoutingContext context, String requestId) {
        HttpServerResponse response = context.response();
        ApiError error = error(context, requestId);
        if (response.closed() || response.ended()) {
            return;
        }
        if (response.headWritten()) {
            response.reset();
            return;
        }
        write(response, error, body(context, error, requestId));
        linger(context);
    }

    /** The failure in the endpoint's own form; requests that are at none get ours. */
    private static Object body(RoutingContext context, ApiError error, String requestId) {
        Endpoint endpoint = context.get(Pipeline.ENDPOINT);
        return endpoint != null && endpoint.traits().contains(Endpoint.Trait.ANTHROPIC)
                ? ErrorForm.ANTHROPIC.body(error, requestId)
                : ErrorBody.of(error, requestId);
    }

    static void write(HttpServerResponse response, ApiError error, String requestId) {
        write(response, error, ErrorBody.of(error, requestId));
    }

    private static void write(HttpServerResponse response, ApiError error, Object body) {
        response.setStatusCode(error.type().status()).putHeader("content-type", "application/json");
        switch (error.type()) {
            case OVERLOADED_ERROR, RATE_LIMIT_ERROR -> hintRetry(response);
            case CONFLICT_ERROR -> {
                if (error.code().equals(IN_PROGRESS)) {
                    hintRetry(response);
                } else {
                    response.putHeader("x-should-retry", "false");
                }
            }
            case AUTHENTICATION_ERROR ->
                response.putHeader("www-authenticate", "Bearer").putHeader("x-should-retry", "false");
            case API_ERROR, UPSTREAM_ERROR, TIMEOUT_ERROR, REQUEST_TIMEOUT_ERROR -> {
                // The same request may succeed when it is made again.
            }
            default -> response.putHeader("x-should-retry", "false");
        }
        // As text: a message may quote half a surrogate pair, which only this way becomes a question mark.
        response.end(Buffer.buffer(Json.text(body)));
    }

    /**
     * Where a limit is known, so is when to come again, or that it cannot help. SDKs obey whatever they are told, and would be
     * silent for an hour.
     */
    private static void hintRetry(HttpServerResponse response) {
        String after = response.headers().get("retry-after");
        if (after != null && Long.parseLong(after) > LONGEST_WAIT_S) {
            response.putHeader("x-should-retry", "false");
        }
        if (!response.headers().contains("retry-after") && !response.headers().contains("x-should-retry")) {
            response.putHeader("retry-after", Integer.toString(RETRY_AFTER_MS / 1_000))
                    .putHeader("retry-after-ms", Integer.toString(RETRY_AFTER_MS));
        }
    }

    private static ApiError error(RoutingContext context, String requestId) {
        Throwable failure = context.failure();
        return failure == null ? ofStatus(context) : error(failure, context, requestId);
    }

    private static ApiError error(Throwable failure, RoutingContext context, String requestId) {
        return switch (failure) {
            case ApiException known -> known.error();
            case SqlFailure.Unavailable away -> {
                LOG.atWarn()
                        .addKeyValue("request", requestId)
                        .addKeyValue("cause", away.getMessage())
                        .log("database.unavailable");
                yield away.error();
            }
            case TimeoutException late ->
                ApiError.of(ErrorType.TIMEOUT_ERROR, "deadline_exceeded", "The request was not done in time.");
            default -> {
                if (context.statusCode() >= 400 && context.statusCode() < 500) {
                    yield ofStatus(context);
                }
                LOG.atError()
                        .setCause(failure)
                        .addKeyValue("request", requestId)
                        .log("request.failed");
                yield ApiError.of(ErrorType.API_ERROR, "internal_error", "The server failed to handle this request.");
            }
        };
    }

    /** What the router and the reader of bodies refuse by a status alone. */
    private static ApiError ofStatus(RoutingContext context) {
        String path = context.request().path();
        return switch (context.statusCode()) {
            case 404 ->
                ApiError.of(ErrorType.NOT_FOUND_ERROR, "path_not_found", "There is nothing at '%s'.".formatted(path));
            case 405 ->
                ApiError.of(
                        ErrorType.METHOD_NOT_ALLOWED_ERROR,
                        "method_not_allowed",
                        "%s is not possible at '%s'."
                                .formatted(context.request().method(), path));
            case 413 ->
                ApiError.of(
                        ErrorType.REQUEST_TOO_LARGE_ERROR,
                        "body_too_large",
                        "The body is larger than this request may be.");
            case 500 -> ApiError.of(ErrorType.API_ERROR, "internal_error", "The server failed to handle this request.");
            default -> ApiError.of(ErrorType.INVALID_REQUEST_ERROR, "request_malformed", "The request is malformed.");
        };
    }

    /** Reads on for a while after a refusal: closing at once would take the answer from a client that is still sending. */
    private static void linger(RoutingContext context) {
        Vertx vertx = context.vertx();
        HttpServerRequest request = context.request();
        if (request.isEnded()) {
            return;
        }
        AtomicLong left = new AtomicLong(LINGER_BYTES);
        long timer = vertx.setTimer(LINGER_MS, late -> cutOff(request));
        request.handler(chunk -> {
                    if (left.addAndGet(-chunk.length()) < 0) {
                        cutOff(request);
                    }
                })
                .exceptionHandler(broken -> over(context, timer))
                .endHandler(end -> over(context, timer))
                .resume();
    }

    /** Files of a form that came after the refusal go too. */
    private static void over(RoutingContext context, long timer) {
        context.vertx().cancelTimer(timer);
        context.cancelAndCleanupFileUploads();
    }

    /** A connection of HTTP/2 carries other requests, perhaps other people's. */
    private static void cutOff(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            request.response().reset();
        } else {
            request.connection().close();
        }
    }
}
