package io.temponest.model.wire.reply;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.json.Json;

/** A failure as an API tells it. */
public enum ErrorForm {

    /** {@code {"error":{"message","type","param","code","request_id"}}}. */
    OPENAI {
        @Override
        public ObjectNode body(ApiError error, String requestId) {
            ObjectNode body = JsonNodeFactory.instance.objectNode();
            body.putObject("error")
                    .put("message", cut(error.message(), LONGEST_MESSAGE))
                    .put("type", type(error.type()))
                    .put(
                            "param",
                            error.param()
                                    .map(param -> cut(param, LONGEST_PARAM))
                                    .orElse(null))
                    .put("code", error.code())
                    .put("request_id", requestId);
            return body;
        }

        @Override
        public String type(ErrorType type) {
            return type.toString();
        }

        @Override
        public int status(ErrorType type) {
            return type.status();
        }
    },

    /**
     * {@code {"type":"error","error":{"type","message"},"request_id"}}. Anthropic's reference has fewer types, and no place
     * for the field at fault, which the message names.
     */
    ANTHROPIC {
        @Override
        public ObjectNode body(ApiError error, String requestId) {
            ObjectNode body = JsonNodeFactory.instance.objectNode().put("type", "error");
            body.putObject("error")
                    .put("type", type(error.type()))
                    .put("message", cut(error.message(), LONGEST_MESSAGE));
            return body.put("request_id", requestId);
        }

        @Override
        public String type(ErrorType type) {
            return switch (type) {
                case INVALID_REQUEST_ERROR,
                        METHOD_NOT_ALLOWED_ERROR,
                        REQUEST_TIMEOUT_ERROR,
                        CONFLICT_ERROR,
                        PRECONDITION_FAILED_ERROR,
                        URI_TOO_LONG_ERROR,
                        UNSUPPORTED_MEDIA_TYPE_ERROR,
                        UNPROCESSABLE_ERROR,
                        HEADERS_TOO_LARGE_ERROR -> "invalid_request_error";
                case AUTHENTICATION_ERROR -> "authentication_error";
                case PERMISSION_ERROR -> "permission_error";
                case NOT_FOUND_ERROR -> "not_found_error";
                case REQUEST_TOO_LARGE_ERROR -> "request_too_large";
                case RATE_LIMIT_ERROR -> "rate_limit_error";
                case API_ERROR, UPSTREAM_ERROR -> "api_error";
                case OVERLOADED_ERROR -> "overloaded_error";
                case TIMEOUT_ERROR -> "timeout_error";
            };
        }

        @Override
        public int status(ErrorType type) {
            return type == ErrorType.OVERLOADED_ERROR ? OVERLOADED : type.status();
        }
    };

    private static final int OVERLOADED = 529;
    private static final int LONGEST_MESSAGE = 1_000;
    private static final int LONGEST_PARAM = 200;

    /** The failure as a whole body. */
    public abstract ObjectNode body(ApiError error, String requestId);

    /** The API's word for a class of failures. */
    public abstract String type(ErrorType type);

    /** The API's HTTP status for it. */
    public abstract int status(ErrorType type);

    private static String cut(String text, int most) {
        return text.length() > most ? text.substring(0, most) + "…" : text;
    }

    /** The failure as the bytes of a whole body. */
    public byte[] bytes(ApiError error, String requestId) {
        return Json.bytes(body(error, requestId));
    }
}
