package io.temponest.model.relay;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.json.Json;
import io.temponest.model.relay.Fault.Kind;
import io.temponest.model.wire.answer.Trouble;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a provider's refusal means: its class, its words, and when to come again. */
final class Refusal {

    private static final Logger LOG = LoggerFactory.getLogger(Refusal.class);
    private static final int MAX_ERROR_BODY = 64 << 10;
    private static final int MAX_MESSAGE = 500;

    private Refusal() {}

    /** Reads an answer that is not 200. Never fails. */
    static Future<Fault> read(String provider, HttpClientResponse response) {
        Promise<Fault> fault = Promise.promise();
        Buffer body = Buffer.buffer();
        response.handler(chunk -> {
            if (body.length() < MAX_ERROR_BODY) {
                body.appendBuffer(chunk);
            }
        });
        response.exceptionHandler(broken -> fault.tryComplete(said(provider, response, "")));
        response.endHandler(done -> fault.tryComplete(said(provider, response, body.toString(StandardCharsets.UTF_8))));
        return fault.future();
    }

    private static Fault said(String provider, HttpClientResponse response, String body) {
        try {
            return of(provider, response, body);
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).addKeyValue("provider", provider).log("provider.refusal_unreadable");
            return fault(
                    Kind.TRANSIENT,
                    ErrorType.UPSTREAM_ERROR,
                    "provider_error",
                    "Provider '%s' answered %d.".formatted(provider, response.statusCode()),
                    Optional.empty());
        }
    }

    private static Fault of(String provider, HttpClientResponse response, String body) {
        Optional<Duration> hint = RetryHint.read(response.headers(), body, Instant.now());
        JsonNode problem = problem(body);
        int status = response.statusCode();
        String message =
                problem.isTextual() ? problem.asText() : problem.path("message").asText("");
        // A provider's words about the request are for clients; those about our account, keys and its own troubles are
        // not.
        String answered = "Provider '%s' answered %d.".formatted(provider, status);
        String said = message.isEmpty()
                ? answered
                : "Provider '%s' answered %d: %s".formatted(provider, status, shorten(message));
        return switch (status) {
            case 401, 402 ->
                fault(
                        status == 401 ? Kind.KEY_REFUSED : Kind.DENIED,
                        ErrorType.UPSTREAM_ERROR,
                        "provider_auth_failed",
                        "Provider '%s' refused our credentials (%d).".formatted(provider, status),
                        hint);
            case 403 ->
                fault(
                        Kind.DENIED,
                        ErrorType.PERMISSION_ERROR,
                        "provider_rejected",
                        "Provider '%s' does not allow this request (403).".formatted(provider),
                        hint);
            case 429 ->
                quota(problem)
                        ? fault(
                                Kind.KEY_REFUSED,
                                ErrorType.RATE_LIMIT_ERROR,
                                "insufficient_quota",
                                "Provider '%s' has no quota left for us (429).".formatted(provider),
                                hint)
                        : fault(
                                Kind.RATE_LIMITED,
                                ErrorType.RATE_LIMIT_ERROR,
                                "provider_rate_limited",
                                "Provider '%s' is at its limits (429).".formatted(provider),
                                hint);
            case 408 -> fault(Kind.TRANSIENT, ErrorType.TIMEOUT_ERROR, "provider_timeout", answered, hint);
            case 413 ->
                fault(Kind.REJECTED, ErrorType.REQUEST_TOO_LARGE_ERROR, "provider_rejected", said, Optional.empty());
            case 422 -> rejected(ErrorType.UNPROCESSABLE_ERROR, problem, said);
            default ->
                status >= 500 || status == 409
                        ? fault(Kind.TRANSIENT, ErrorType.UPSTREAM_ERROR, "provider_error", answered, hint)
                        : rejected(ErrorType.INVALID_REQUEST_ERROR, problem, said);
        };
    }

    /** The field that the provider names is the client's own. */
    private static Fault rejected(ErrorType type, JsonNode problem, String said) {
        Optional<String> param = Optional.ofNullable(problem.path("param").textValue());
        return Fault.of(Kind.REJECTED, new ApiError(type, said, param, "provider_rejected"));
    }

    /** A key without money stays without for longer than one that is too fast. Some clients know the code, and give up. */
    private static boolean quota(JsonNode problem) {
        return Trouble.of(problem) == Trouble.QUOTA;
    }

    /**
     * A failure that a provider tells after it had answered 200.
     *
     * @param error its object of it, or its words alone
     */
    static Fault told(String provider, JsonNode error) {
        return switch (Trouble.of(error)) {
            case QUOTA ->
                fault(
                        Kind.KEY_REFUSED,
                        ErrorType.RATE_LIMIT_ERROR,
                        "insufficient_quota",
                        "Provider '%s' has no quota left for us.".formatted(provider),
                        Optional.empty());
            case CREDENTIALS -> credentials(Kind.KEY_REFUSED, provider);
            case FORBIDDEN -> credentials(Kind.DENIED, provider);
            case LIMIT ->
                fault(
                        Kind.RATE_LIMITED,
                        ErrorType.RATE_LIMIT_ERROR,
                        "provider_rate_limited",
                        "Provider '%s' is at its limits.".formatted(provider),
                        Optional.empty());
            case OVERLOAD ->
                fault(
                        Kind.TRANSIENT,
                        ErrorType.OVERLOADED_ERROR,
                        "provider_overloaded",
                        "Provider '%s' is overloaded.".formatted(provider),
                        Optional.empty());
            case REQUEST ->
                rejected(
                        ErrorType.INVALID_REQUEST_ERROR,
                        error,
                        "Provider '%s' rejected the request: %s"
                                .formatted(
                                        provider, shorten(error.path("message").asText("it does not say why"))));
            case OTHER ->
                fault(
                        Kind.TRANSIENT,
                        ErrorType.UPSTREAM_ERROR,
                        "provider_error",
                        "Provider '%s' failed while it answered.".formatted(provider),
                        Optional.empty());
        };
    }

    private static Fault credentials(Kind kind, String provider) {
        return fault(
                kind,
                ErrorType.UPSTREAM_ERROR,
                "provider_auth_failed",
                "Provider '%s' refused our credentials.".formatted(provider),
                Optional.empty());
    }

    private static Fault fault(Kind kind, ErrorType type, String code, String message, Optional<Duration> hint) {
        return new Fault(kind, ApiError.of(type, code, message), hint);
    }

    private static JsonNode problem(String body) {
        try {
            @Nullable JsonNode tree = Json.tree(body.isBlank() ? "{}" : body);
            if (tree == null) {
                // The body is the word null.
                return Json.STRICT.createObjectNode();
            }
            return tree.path("error").isMissingNode() ? tree : tree.path("error");
        } catch (UncheckedIOException e) {
            return Json.STRICT.createObjectNode();
        }
    }

    static String shorten(String message) {
        return message.length() > MAX_MESSAGE ? message.substring(0, MAX_MESSAGE) + "…" : message;
    }
}
