package io.temponest.gateway.oidc;

import io.temponest.identity.Sha256;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.random.RandomGenerator;

/**
 * A sign-in on its way, as its browser keeps it.
 *
 * @param state comes back from the provider with the browser
 * @param nonce comes back in the ID token
 * @param verifier whose digest the provider has, and which only we can show (PKCE, RFC 7636)
 * @param returnTo where in the console the person wants to go
 */
record Flow(String state, String nonce, String verifier, String returnTo, Instant expiresAt) {

    static final Duration LIFE = Duration.ofMinutes(10);

    private static final int BYTES = 32;

    /** @param random a source of secrets, such as {@link java.security.SecureRandom} */
    static Flow begin(RandomGenerator random, String returnTo, Instant now) {
        return new Flow(text(random), text(random), text(random), returnTo, now.plus(LIFE));
    }

    private static String text(RandomGenerator random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return encode(bytes);
    }

    static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** What the provider is to hold the verifier against, by the method S256. */
    String challenge() {
        return encode(Sha256.of(verifier));
    }

    boolean isOf(String returnedState, Instant now) {
        return expiresAt.isAfter(now)
                && MessageDigest.isEqual(
                        state.getBytes(StandardCharsets.UTF_8), returnedState.getBytes(StandardCharsets.UTF_8));
    }

    Buffer stateSha256() {
        return Buffer.buffer(Sha256.of(state));
    }

    @Override
    public String toString() {
        return "Flow[***]";
    }
}
