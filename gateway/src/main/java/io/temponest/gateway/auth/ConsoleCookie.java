package io.temponest.gateway.auth;

import io.temponest.account.OpaqueToken;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.identity.Sha256;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * The cookie that the console is signed in with, and what keeps other sites from using it (OWASP, Cross-Site Request Forgery
 * Prevention): besides {@code SameSite}, a header that only a page that may read our answers can know, and the origin.
 */
public final class ConsoleCookie {

    public static final String CSRF_HEADER = "x-csrf-token";

    /** The prefix keeps other hosts of the domain, and other paths, from setting one of the same name (RFC 6265bis, 4.1.3.2). */
    private static final String NAME = "__Host-temponest_session";

    private static final String ATTRIBUTES = "; Path=/; HttpOnly; Secure; SameSite=Lax";
    private static final String LABEL = "temponest console csrf\0";
    private static final Set<HttpMethod> SAFE = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

    private ConsoleCookie() {}

    /** The token in a request's {@code Cookie} headers. */
    public static Optional<OpaqueToken> of(MultiMap headers) {
        return headers.getAll("cookie").stream()
                .flatMap(header -> Arrays.stream(header.split(";", -1)))
                .map(String::strip)
                .filter(pair -> pair.startsWith(NAME + "="))
                .findFirst()
                .flatMap(pair -> OpaqueToken.parse(OpaqueToken.Use.CONSOLE, pair.substring(NAME.length() + 1)));
    }

    /** The {@code Set-Cookie} that gives it to a browser. */
    public static String set(OpaqueToken token, Duration life) {
        return NAME + "=" + token.text().reveal() + "; Max-Age=" + life.toSeconds() + ATTRIBUTES;
    }

    /** The {@code Set-Cookie} that takes it away. */
    public static String clear() {
        return NAME + "=; Max-Age=0" + ATTRIBUTES;
    }

    /** What a request with the cookie must bring in {@link #CSRF_HEADER}; follows from the cookie, so nobody has to keep it. */
    public static String csrfToken(OpaqueToken token) {
        return AccessTokens.encode(Sha256.of(LABEL + token.text().reveal()));
    }

    /** Why a request with the cookie is refused, if it is. */
    static Optional<ApiError> refusal(HttpMethod method, String host, MultiMap headers, OpaqueToken token) {
        if (SAFE.contains(method)) {
            return Optional.empty();
        }
        String given = headers.get(CSRF_HEADER);
        boolean knows = given != null
                && MessageDigest.isEqual(
                        given.getBytes(StandardCharsets.UTF_8), csrfToken(token).getBytes(StandardCharsets.UTF_8));
        return knows && sameOrigin(host, headers)
                ? Optional.empty()
                : Optional.of(
                        ApiError.of(
                                ErrorType.PERMISSION_ERROR,
                                "csrf_failed",
                                "A request with the console's cookie needs its X-CSRF-Token and must come from this server's pages."));
    }

    /** Whether a request comes from a page of this host, as far as the browser says: by {@code Origin}, else {@code Referer}. */
    public static boolean sameOrigin(String host, MultiMap headers) {
        String from = headers.contains("origin") ? headers.get("origin") : headers.get("referer");
        if (from == null) {
            return true;
        }
        try {
            return host.equalsIgnoreCase(URI.create(from).getAuthority());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
