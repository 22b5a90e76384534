package io.temponest.gateway.http;

import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.util.regex.Pattern;

/** Headers that every answer has. */
public final class Headers {

    static final String REQUEST_ID = "x-request-id";

    private static final Pattern VALID_REQUEST_ID = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

    private Headers() {}

    /** The client's own id for its request where it is fit to be repeated, else a new one. */
    static String requestId(HttpServerRequest request, Ids ids) {
        String given = request.getHeader(REQUEST_ID);
        return given != null && VALID_REQUEST_ID.matcher(given).matches()
                ? given
                : ids.next(Kind.REQUEST).toString();
    }

    static void secure(HttpServerRequest request, String requestId) {
        MultiMap headers = request.response().headers();
        protect(headers.set(REQUEST_ID, requestId));
        if (request.isSSL()) {
            headers.set("strict-transport-security", "max-age=31536000; includeSubDomains");
        }
    }

    /** What keeps a browser from doing anything with an answer but show or read it. */
    public static void protect(MultiMap headers) {
        headers.set("x-content-type-options", "nosniff")
                .set("x-frame-options", "DENY")
                .set("referrer-policy", "no-referrer")
                .set("content-security-policy", "default-src 'none'; frame-ancestors 'none'")
                .set(
                        "permissions-policy",
                        "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()")
                .set("cross-origin-opener-policy", "same-origin")
                .set("cross-origin-resource-policy", "same-origin")
                .set("cache-control", "no-store");
    }
}
