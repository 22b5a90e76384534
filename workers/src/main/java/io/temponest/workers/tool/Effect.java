package io.temponest.workers.tool;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What a call does to the world, and so what may be done about one whose result was lost. */
public enum Effect {
    /** Nothing: it may be called again. */
    PURE,
    /** Something, once for one Idempotency-Key however often it is called: it may be called again. */
    IDEMPOTENT,
    /** Something, and it can be asked whether a call has happened. */
    QUERYABLE,
    /** Something, and nobody but a person can find out whether a call has happened. */
    UNSAFE;

    @JsonCreator
    public static Effect parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }

    @Override
    @JsonValue
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
