package io.temponest.gateway.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.temponest.error.ApiError;
import java.util.Optional;

/** A failure as clients see it: all five keys, null where there is nothing to say. */
public record ErrorBody(Content error) {

    private static final int LONGEST_MESSAGE = 1_000;
    private static final int LONGEST_PARAM = 200;

    /** See {@link ApiError}. */
    public record Content(
            String message,
            String type,
            @JsonInclude(JsonInclude.Include.ALWAYS) Optional<String> param,
            String code,
            String requestId) {}

    public static ErrorBody of(ApiError error, String requestId) {
        return new ErrorBody(new Content(
                cut(error.message(), LONGEST_MESSAGE),
                error.type().toString(),
                error.param().map(param -> cut(param, LONGEST_PARAM)),
                error.code(),
                requestId));
    }

    private static String cut(String text, int most) {
        return text.length() > most ? text.substring(0, most) + "…" : text;
    }
}
