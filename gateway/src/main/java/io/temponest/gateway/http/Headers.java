package io.temponest.gateway.http;

import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.regex.Pattern;

/** Headers that every answer has. */
public final class Headers {

    static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");

    private static final List<Header> PROTECTION = List.of(
            Header.of("x-content-type-options", "nosniff"),
            Header.of("x-frame-options", "DENY"),
            Header.of("referrer-policy", "no-referrer"),
            Header.of("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            Header.of(
                    "permissions-policy",
                    "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"),
            Header.of("cross-origin-opener-policy", "same-origin"),
            Header.of("cross-origin-resource-policy", "same-origin"),
            Header.of("cache-control", "no-store"));

    /** As the encoder wants it, so that nothing is computed for each answer. */
    private record Header(CharSequence name, CharSequence value) {

        static Header of(String name, String value) {
            return new Header(HttpHeaders.createOptimized(name), HttpHeaders.createOptimized(value));
        }
    }

    private static final Pattern VALID_REQUEST_ID = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

    private Headers() {}

    /** The client's own id for its request where it is fit to be repeated, else a new one. */
    static String requestId(HttpServerRequest request, Ids ids) {
        String given = request.headers().get(REQUEST_ID);
        return given != null && VALID_REQUEST_ID.matcher(given).matches()
                ? given
                : ids.next(Kind.REQUEST).toString();
    }

    static void secure(HttpServerRequest request, String requestId) {
        MultiMap headers = request.response().headers();
        protect(headers.add(REQUEST_ID, requestId));
        if (request.isSSL()) {
            headers.add("strict-transport-security", "max-age=31536000; includeSubDomains");
        }
    }

    /** What keeps a browser from doing anything with an answer but show or read it; the answer has no headers of these names yet. */
    public static void protect(MultiMap headers) {
        PROTECTION.forEach(header -> headers.add(header.name(), header.value()));
    }
}
