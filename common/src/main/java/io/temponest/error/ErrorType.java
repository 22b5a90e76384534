package io.temponest.error;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** The class of a failure, as clients see it in {@code error.type}, with the HTTP status that goes with it. */
public enum ErrorType {
    INVALID_REQUEST_ERROR(400),
    AUTHENTICATION_ERROR(401),
    PERMISSION_ERROR(403),
    NOT_FOUND_ERROR(404),
    METHOD_NOT_ALLOWED_ERROR(405),
    REQUEST_TIMEOUT_ERROR(408),
    CONFLICT_ERROR(409),
    PRECONDITION_FAILED_ERROR(412),
    REQUEST_TOO_LARGE_ERROR(413),
    URI_TOO_LONG_ERROR(414),
    UNSUPPORTED_MEDIA_TYPE_ERROR(415),
    UNPROCESSABLE_ERROR(422),
    RATE_LIMIT_ERROR(429),
    HEADERS_TOO_LARGE_ERROR(431),
    API_ERROR(500),
    UPSTREAM_ERROR(502),
    OVERLOADED_ERROR(503),
    TIMEOUT_ERROR(504);

    private final int status;

    ErrorType(int status) {
        this.status = status;
    }

    public int status() {
        return status;
    }

    @Override
    @JsonValue
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
