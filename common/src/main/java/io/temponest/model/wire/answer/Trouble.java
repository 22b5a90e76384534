package io.temponest.model.wire.answer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;

/**
 * What a failure is about that a provider tells in an answer. Some providers say it in the {@code type}, some in the
 * {@code code}, as a word or as the number of an HTTP status; where the two differ, what stands first here counts.
 */
public enum Trouble {

    /** Our account has no money left. */
    QUOTA(Set.of("insufficient_quota", "billing_hard_limit_reached")),

    /** Our key is wrong. */
    CREDENTIALS(Set.of("authentication_error", "invalid_api_key", "billing_error", "401")),

    /** Our key is not allowed this. */
    FORBIDDEN(Set.of("permission_error", "402", "403")),

    /** Too much at once. */
    LIMIT(Set.of("rate_limit_error", "rate_limit_exceeded", "too_many_requests", "429")),

    /** The provider has too much to do. */
    OVERLOAD(Set.of("overloaded_error", "engine_overloaded", "503", "529")),

    /** The request itself is wrong; only of this are the provider's words for clients. */
    REQUEST(Set.of(
            "invalid_request_error",
            "context_length_exceeded",
            "content_filter",
            "not_found_error",
            "request_too_large",
            "400",
            "404",
            "413",
            "422")),

    /** Anything else. */
    OTHER(Set.of());

    private final Set<String> words;

    Trouble(Set<String> words) {
        this.words = words;
    }

    /** @param error the provider's object of it, or its words alone */
    public static Trouble of(JsonNode error) {
        String type = error.path("type").asText();
        String code = error.path("code").asText();
        for (Trouble trouble : values()) {
            if (trouble.words.contains(type) || trouble.words.contains(code)) {
                return trouble;
            }
        }
        return OTHER;
    }
}
