package io.temponest.spend;

import io.temponest.identity.Kind;
import io.temponest.identity.TypeId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * One attempt at one provider, before it is made.
 *
 * @param attempt a {@link Kind#USAGE} id, a UUIDv7 of this moment that names no other attempt; it becomes the ledger row's
 * @param provider at most 64 bytes in UTF-8
 * @param model at most 200 bytes in UTF-8, without the provider
 * @param floor what it costs once it was sent, whatever becomes of it
 * @param ceiling what it costs at most
 */
public record SpendCall(TypeId attempt, Account account, String provider, String model, Usd floor, Usd ceiling) {

    static final int MAX_PROVIDER = 64;
    static final int MAX_MODEL = 200;

    private static final int VERSION_7 = 7;

    public SpendCall {
        if (attempt.kind() != Kind.USAGE || attempt.uuid().version() != VERSION_7) {
            throw new IllegalArgumentException("attempt must be a UUIDv7 of the kind USAGE");
        }
        requireText("provider", provider, MAX_PROVIDER);
        requireText("model", model, MAX_MODEL);
        if (floor.compareTo(ceiling) > 0) {
            throw new IllegalArgumentException("floor must not be more than ceiling");
        }
    }

    private static void requireText(String field, String text, int most) {
        if (text.getBytes(StandardCharsets.UTF_8).length > most || text.indexOf(0) >= 0) {
            throw new IllegalArgumentException(field + " must have at most " + most + " bytes and no NUL");
        }
    }

    /** The moment that the attempt's id names: its periods and its hour are those of this moment. */
    Instant at() {
        return Instant.ofEpochMilli(attempt.uuid().getMostSignificantBits() >>> 16);
    }
}
