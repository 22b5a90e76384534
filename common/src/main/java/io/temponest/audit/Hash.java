package io.temponest.audit;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.HexFormat;

/** 32 bytes; hexadecimal in text. */
public final class Hash {

    static final Hash ZERO = new Hash(new byte[32]);

    private final byte[] bytes;

    Hash(byte[] bytes) {
        if (bytes.length != 32) {
            throw new IllegalArgumentException("a hash must have 32 bytes");
        }
        this.bytes = bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Hash hash && Arrays.equals(bytes, hash.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    @JsonValue
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
