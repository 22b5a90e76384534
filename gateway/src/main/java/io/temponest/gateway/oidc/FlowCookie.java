package io.temponest.gateway.oidc;

import io.temponest.crypto.SecretBox;
import io.temponest.json.Json;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The cookie in which a browser keeps a {@link Flow}: sealed, so that it can neither read nor make one. */
final class FlowCookie {

    private static final String NAME = "temponest_oidc";
    private static final String ATTRIBUTES = "; Path=/v1/auth/oidc; HttpOnly; Secure; SameSite=Lax";

    private final SecretBox box;

    FlowCookie(SecretBox box) {
        this.box = box;
    }

    /** The {@code Set-Cookie} that gives it to a browser. */
    String set(String provider, Flow flow) {
        return NAME + "=" + Flow.encode(box.seal(Json.bytes(flow), context(provider))) + "; Max-Age="
                + Flow.LIFE.toSeconds() + ATTRIBUTES;
    }

    /** The {@code Set-Cookie} that takes it away. */
    static String clear() {
        return NAME + "=; Max-Age=0" + ATTRIBUTES;
    }

    /** The flow in a request's {@code Cookie} headers; empty where none was begun with this provider. */
    Optional<Flow> of(List<String> headers, String provider) {
        return headers.stream()
                .flatMap(header -> Arrays.stream(header.split(";", -1)))
                .map(String::strip)
                .filter(pair -> pair.startsWith(NAME + "="))
                .findFirst()
                .flatMap(pair -> open(pair.substring(NAME.length() + 1), provider));
    }

    private Optional<Flow> open(String sealed, String provider) {
        try {
            return Optional.of(
                    Json.read(box.open(Base64.getUrlDecoder().decode(sealed), context(provider)), Flow.class));
        } catch (IllegalArgumentException | IllegalStateException notOurs) {
            return Optional.empty();
        }
    }

    /** An answer of one provider cannot be taken for another's. */
    private static String context(String provider) {
        return "oidc-flow/" + provider;
    }
}
