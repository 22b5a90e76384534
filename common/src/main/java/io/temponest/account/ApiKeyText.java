package io.temponest.account;

import io.temponest.config.Secret;
import io.temponest.identity.Sha256;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The text of an API key: {@code tn_}, 12 public characters that find its row, {@code _}, 32 secret ones (190 bits) of which
 * only the SHA-256 is stored.
 *
 * @param prefix up to and including the public characters
 * @param secret the last 32 characters
 */
public record ApiKeyText(String prefix, Secret secret) {

    public static final String START = "tn_";

    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static final int PUBLIC = 12;
    private static final int SECRET = 32;

    public static Optional<ApiKeyText> parse(String text) {
        int separator = START.length() + PUBLIC;
        boolean key = text.length() == separator + 1 + SECRET
                && text.startsWith(START)
                && text.charAt(separator) == '_'
                && ofAlphabet(text, START.length(), separator)
                && ofAlphabet(text, separator + 1, text.length());
        return key
                ? Optional.of(new ApiKeyText(text.substring(0, separator), new Secret(text.substring(separator + 1))))
                : Optional.empty();
    }

    private static boolean ofAlphabet(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) {
                return false;
            }
        }
        return true;
    }

    static ApiKeyText make(RandomGenerator random) {
        return new ApiKeyText(START + characters(random, PUBLIC), new Secret(characters(random, SECRET)));
    }

    private static String characters(RandomGenerator random, int count) {
        StringBuilder text = new StringBuilder(count);
        for (int i = 0; i < count; i++) {
            text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return text.toString();
    }

    /** The whole key, as its holder sends it. */
    public Secret whole() {
        return new Secret(prefix + "_" + secret.reveal());
    }

    /** SHA-256 of the secret's ASCII characters. */
    public byte[] sha256() {
        return Sha256.of(secret.reveal());
    }
}
