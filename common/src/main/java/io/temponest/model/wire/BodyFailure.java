package io.temponest.model.wire;

import com.fasterxml.jackson.core.JsonLocation;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;

/** What is wrong with a request's body, in the words that the gateway uses for its own. */
final class BodyFailure {

    private BodyFailure() {}

    static ApiException wrong(String field, String wanted) {
        return ApiError.invalid(field, "wrong_type", "'%s' must be %s.".formatted(field, wanted))
                .exception();
    }

    static ApiException missing(String field) {
        return ApiError.invalid(field, "missing_field", "'%s' is required.".formatted(field))
                .exception();
    }

    static ApiException repeated(String field) {
        return ApiError.invalid(field, "repeated_field", "'%s' is given more than once.".formatted(field))
                .exception();
    }

    static ApiException malformed(JsonLocation at) {
        return of(
                "json_malformed",
                "The body is not valid JSON: it breaks off or goes wrong at line %d, column %d."
                        .formatted(at.getLineNr(), at.getColumnNr()));
    }

    static ApiException of(String code, String message) {
        return ApiError.of(ErrorType.INVALID_REQUEST_ERROR, code, message).exception();
    }
}
