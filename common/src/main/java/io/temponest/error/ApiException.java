package io.temponest.error;

/** Carries an {@link ApiError} to the one place that answers the client. It has no stack trace: it is an answer, not a bug. */
public class ApiException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient ApiError error;

    public ApiException(ApiError error) {
        super(error.message(), null, false, false);
        this.error = error;
    }

    public ApiError error() {
        return error;
    }
}
