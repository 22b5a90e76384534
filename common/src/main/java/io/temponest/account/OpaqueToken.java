package io.temponest.account;

import io.temponest.config.Secret;
import io.temponest.identity.Sha256;
import io.vertx.core.buffer.Buffer;
import java.util.Base64;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * A secret of 32 random bytes that means nothing by itself; only its SHA-256 is stored. Its text is a prefix that says what it
 * is for, and base64url.
 */
public record OpaqueToken(Secret text) {

    /** What a token is for. */
    public enum Use {
        REFRESH("tnr_"),
        CONSOLE("tnc_"),
        INVITATION("tni_"),
        PASSWORD_RESET("tnp_");

        private final String prefix;

        Use(String prefix) {
            this.prefix = prefix;
        }
    }

    private static final int BYTES = 32;
    private static final int CHARACTERS = 43;

    /** @param random a source of secrets, such as {@link java.security.SecureRandom} */
    public static OpaqueToken make(Use use, RandomGenerator random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return new OpaqueToken(
                new Secret(use.prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)));
    }

    /** Empty where the text is no token of this use. */
    public static Optional<OpaqueToken> parse(Use use, String text) {
        return text.startsWith(use.prefix) && text.length() == use.prefix.length() + CHARACTERS
                ? Optional.of(new OpaqueToken(new Secret(text)))
                : Optional.empty();
    }

    /** Of the text's characters, 32 bytes. */
    public Buffer sha256() {
        return Buffer.buffer(Sha256.of(text.reveal()));
    }
}
