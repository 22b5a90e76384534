package io.temponest.identity;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * An id with its kind. Its text form is the TypeID of the public specification (v0.3): the kind's prefix, {@code _}, and
 * the 128 bits of a UUID as 26 characters of Crockford's base32 in lower case, most significant first.
 *
 * @param kind what the id names
 * @param uuid a UUIDv7 for ids that we mint, so that ids sort by their time
 */
public record TypeId(Kind kind, UUID uuid) implements Comparable<TypeId> {

    private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
    private static final int SUFFIX_LENGTH = 26;

    /** Reads a text form of this kind; empty when it is of another kind or is no TypeID. */
    public static Optional<TypeId> parse(Kind kind, String text) {
        String prefix = kind.prefix() + "_";
        if (!text.startsWith(prefix) || text.length() != prefix.length() + SUFFIX_LENGTH) {
            return Optional.empty();
        }
        return decode(text.substring(prefix.length())).map(uuid -> new TypeId(kind, uuid));
    }

    /** Reads a text form of any kind, for messages between our own processes. */
    @JsonCreator
    public static TypeId parse(String text) {
        int separator = text.lastIndexOf('_');
        for (Kind kind : Kind.values()) {
            if (separator > 0 && kind.prefix().equals(text.substring(0, separator))) {
                return parse(kind, text).orElseThrow(() -> malformed(text));
            }
        }
        throw malformed(text);
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException("not an id: " + text);
    }

    private static Optional<UUID> decode(String suffix) {
        // 26 characters hold 130 bits; the first may only use three of its five.
        if (suffix.charAt(0) > '7' || !suffix.equals(suffix.toLowerCase(Locale.ROOT))) {
            return Optional.empty();
        }
        long high = 0;
        long low = 0;
        for (int i = 0; i < SUFFIX_LENGTH; i++) {
            int digit = ALPHABET.indexOf(suffix.charAt(i));
            if (digit < 0) {
                return Optional.empty();
            }
            high = (high << 5) | (low >>> 59);
            low = (low << 5) | digit;
        }
        return Optional.of(new UUID(high, low));
    }

    @Override
    @JsonValue
    public String toString() {
        return kind.prefix() + "_" + suffix();
    }

    /** The text form without its kind: 26 letters and digits. */
    public String suffix() {
        char[] suffix = new char[SUFFIX_LENGTH];
        long high = uuid.getMostSignificantBits();
        long low = uuid.getLeastSignificantBits();
        for (int i = SUFFIX_LENGTH - 1; i >= 0; i--) {
            suffix[i] = ALPHABET.charAt((int) (low & 31));
            low = (low >>> 5) | (high << 59);
            high >>>= 5;
        }
        return new String(suffix);
    }

    @Override
    public int compareTo(TypeId other) {
        int byHigh = Long.compareUnsigned(uuid.getMostSignificantBits(), other.uuid.getMostSignificantBits());
        return byHigh != 0
                ? byHigh
                : Long.compareUnsigned(uuid.getLeastSignificantBits(), other.uuid.getLeastSignificantBits());
    }
}
