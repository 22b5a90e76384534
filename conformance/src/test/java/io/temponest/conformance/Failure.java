package io.temponest.conformance;

/** Failures as TempoNest tells them to clients. */
enum Failure {
    BROKEN(0, "provider_stream_broken", "api_error", "broke the connection off"),
    ENDED_EARLY(0, "provider_stream_broken", "api_error", "ended the stream too early"),
    FAILED_IN_STREAM(0, "provider_error", "api_error", "failed while it answered."),
    DOWN(502, "provider_error", "api_error", "answered 500."),
    RESTING(503, "provider_circuit_open", "overloaded_error", "failed repeatedly"),
    LIMITED(429, "provider_rate_limited", "rate_limit_error", "is at its limits"),
    NO_MONEY(429, "insufficient_quota", "rate_limit_error", "has no quota left"),
    REFUSED(400, "provider_rejected", "invalid_request_error", "temperature is too hot"),
    NO_CREDENTIALS(502, "provider_auth_failed", "api_error", "refused our credentials"),
    NO_MODEL(404, "model_not_found", "not_found_error", "No model 'nobody/knows'"),
    NO_KEY(401, "api_key_invalid", "authentication_error", "API key"),
    TOO_LARGE(413, "body_too_large", "request_too_large", "larger than this request may be");

    private final int status;
    private final String code;
    private final String anthropicType;
    private final String words;

    Failure(int status, String code, String anthropicType, String words) {
        this.status = status;
        this.code = code;
        this.anthropicType = anthropicType;
        this.words = words;
    }

    /** 0 in the middle of a stream. */
    int status() {
        return status;
    }

    boolean inStream() {
        return status == 0;
    }

    String code() {
        return code;
    }

    /** What stands for the code in Anthropic's API. */
    String anthropicType() {
        return anthropicType;
    }

    /** Part of the message. */
    String words() {
        return words;
    }
}
