package io.temponest.model;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** One message of a conversation. */
public record Message(Role role, String content) {

    /** Who says it. */
    public enum Role {
        SYSTEM,
        USER,
        ASSISTANT;

        @Override
        @JsonValue
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
