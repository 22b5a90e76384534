package io.temponest.knowledge;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How far a document is. */
public enum DocumentStatus {
    QUEUED,
    INDEXING,
    INDEXED,
    FAILED;

    @JsonCreator
    public static DocumentStatus parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }

    @Override
    @JsonValue
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
