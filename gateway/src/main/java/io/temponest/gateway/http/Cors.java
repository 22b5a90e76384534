package io.temponest.gateway.http;

import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Lets pages of named origins call the API (the Fetch standard's CORS protocol). Cookies are never allowed: callers bring their
 * token. No origin is matched by a pattern, and {@code null} never.
 */
public final class Cors {

    private static final String MAX_AGE_S = "600";
    private static final String REQUEST_HEADERS =
            "authorization, content-type, idempotency-key, if-match, if-none-match, "
                    + "last-event-id, x-api-key, x-request-id, x-request-timeout-ms, x-temponest-cache, "
                    + "x-temponest-cache-max-age, x-temponest-cache-similarity";
    static final String ANSWER_HEADERS = "etag, idempotency-replayed, location, openai-processing-ms, ratelimit-limit, "
            + "ratelimit-remaining, ratelimit-reset, retry-after, retry-after-ms, x-ratelimit-limit-requests, "
            + "x-ratelimit-limit-tokens, x-ratelimit-remaining-requests, x-ratelimit-remaining-tokens, "
            + "x-ratelimit-reset-requests, x-ratelimit-reset-tokens, x-request-id, x-should-retry, "
            + "x-temponest-attempts, x-temponest-cache, x-temponest-cache-similarity, x-temponest-model, "
            + "x-temponest-overhead-ms, x-temponest-run";

    private final Set<String> origins;
    private final List<Known> known;

    private record Known(Pattern path, String method) {}

    /**
     * @param origins exactly as browsers send them
     * @param endpoints that there are
     */
    public Cors(Set<String> origins, List<Endpoint> endpoints) {
        this.origins = Set.copyOf(origins);
        this.known = endpoints.stream()
                .map(endpoint ->
                        new Known(endpoint.pathPattern(), endpoint.method().name()))
                .toList();
    }

    /** Marks an answer, whatever becomes of it, for the page that may read it. */
    void mark(HttpServerRequest request) {
        if (origins.isEmpty()) {
            return;
        }
        request.response().headers().add("vary", "Origin");
        String origin = request.getHeader("origin");
        if (origin != null && origins.contains(origin)) {
            request.response()
                    .putHeader("access-control-allow-origin", origin)
                    .putHeader("access-control-expose-headers", ANSWER_HEADERS);
        }
    }

    /** Whether a browser asks what a page may do. */
    boolean asks(HttpServerRequest request) {
        return !origins.isEmpty()
                && request.method().equals(HttpMethod.OPTIONS)
                && request.getHeader("origin") != null
                && request.getHeader("access-control-request-method") != null;
    }

    /** Answers a preflight: only for what exists, with the methods that exist there. */
    void answer(RoutingContext context) {
        HttpServerRequest request = context.request();
        String methods = known.stream()
                .filter(endpoint -> endpoint.path().matcher(request.path()).matches())
                .map(Known::method)
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
        if (methods.isEmpty()) {
            context.fail(404);
        } else if (!origins.contains(request.getHeader("origin"))) {
            context.fail(ApiError.of(
                            ErrorType.PERMISSION_ERROR,
                            "origin_not_allowed",
                            "Pages of this origin may not call the API.")
                    .exception());
        } else {
            HttpServerResponse response = request.response();
            response.headers().add("vary", "Access-Control-Request-Method, Access-Control-Request-Headers");
            response.setStatusCode(204)
                    .putHeader("access-control-allow-methods", methods)
                    .putHeader("access-control-allow-headers", REQUEST_HEADERS)
                    .putHeader("access-control-max-age", MAX_AGE_S)
                    .end();
        }
    }
}
