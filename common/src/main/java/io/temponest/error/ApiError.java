package io.temponest.error;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;
import java.util.Optional;

/**
 * What went wrong, in words for the client.
 *
 * @param type the class of the failure, which decides the HTTP status
 * @param message one sentence that names what is wrong
 * @param param the request field at fault, as the client wrote it
 * @param code a stable word for programs
 */
public record ApiError(ErrorType type, String message, Optional<String> param, String code) {

    @JsonCreator
    static ApiError read(
            @JsonProperty("type") String type,
            @JsonProperty("message") String message,
            @JsonProperty("param") Optional<String> param,
            @JsonProperty("code") String code) {
        return new ApiError(ErrorType.valueOf(type.toUpperCase(Locale.ROOT)), message, param, code);
    }

    public static ApiError of(ErrorType type, String code, String message) {
        return new ApiError(type, message, Optional.empty(), code);
    }

    public static ApiError invalid(String param, String code, String message) {
        return new ApiError(ErrorType.INVALID_REQUEST_ERROR, message, Optional.of(param), code);
    }

    /** A resource that does not exist for this caller, whether or not it exists for another. */
    public static ApiError notFound(String resource, String id) {
        return new ApiError(
                ErrorType.NOT_FOUND_ERROR,
                "No %s '%s'.".formatted(resource, id),
                Optional.empty(),
                resource + "_not_found");
    }

    public static ApiError overloaded(String what) {
        return of(ErrorType.OVERLOADED_ERROR, "overloaded", what + " is at its limit; try again shortly.");
    }

    public ApiException exception() {
        return new ApiException(this);
    }
}
