package io.temponest.gateway.http;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.identity.Ids;
import io.vertx.core.http.HttpServerRequest;

/** Answers what is no HTTP request, or has too large a head, before it gets to a router. */
public final class InvalidRequests {

    private final Ids ids;

    public InvalidRequests(Ids ids) {
        this.ids = ids;
    }

    public void refuse(HttpServerRequest request) {
        ApiError error = error(request.decoderResult().cause());
        String requestId = ids.next(io.temponest.identity.Kind.REQUEST).toString();
        Headers.secure(request, requestId);
        request.response().putHeader("connection", "close");
        Failures.write(request.response(), error, requestId);
        request.connection().close();
    }

    private static ApiError error(Throwable cause) {
        return switch (cause) {
            case TooLongHttpLineException line ->
                ApiError.of(ErrorType.URI_TOO_LONG_ERROR, "uri_too_long", "The URL is too long.");
            case TooLongHttpHeaderException header ->
                ApiError.of(
                        ErrorType.HEADERS_TOO_LARGE_ERROR, "headers_too_large", "The headers are larger than 16 KiB.");
            case null, default ->
                ApiError.of(ErrorType.INVALID_REQUEST_ERROR, "request_malformed", "This is not a valid HTTP request.");
        };
    }
}
