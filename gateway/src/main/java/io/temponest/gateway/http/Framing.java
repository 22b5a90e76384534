package io.temponest.gateway.http;

import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/**
 * Refuses bodies of HTTP/1 in a coding other than {@code chunked} (RFC 9112, 6.1). The parser passes over a coding that it does not
 * know and takes the body for the next request, which another server on the way may see otherwise: the connection ends.
 */
final class Framing {

    private Framing() {}

    /** Whether the request can be read in one way only; if not, it has been refused. */
    static boolean clear(RoutingContext context) {
        HttpServerRequest request = context.request();
        List<String> codings = request.headers().getAll("transfer-encoding");
        if (codings.isEmpty()
                || request.version() == HttpVersion.HTTP_2
                || (codings.size() == 1 && codings.getFirst().equalsIgnoreCase("chunked"))) {
            return true;
        }
        request.response().putHeader("connection", "close");
        context.addEndHandler(over -> request.connection().close());
        context.fail(ApiError.of(
                        ErrorType.INVALID_REQUEST_ERROR,
                        "request_malformed",
                        "'Transfer-Encoding' can only be 'chunked'.")
                .exception());
        return false;
    }
}
