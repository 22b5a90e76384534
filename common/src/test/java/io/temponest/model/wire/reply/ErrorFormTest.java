package io.temponest.model.wire.reply;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorFormTest {

    private static final ApiError ERROR = ApiError.invalid("model", "model_not_found", "No model 'x'.");

    @Test
    void eachApiHasItsEnvelope() {
        assertThat(ErrorForm.OPENAI.bytes(ERROR, "req_1"))
                .asString(UTF_8)
                .isEqualTo(
                        "{\"error\":{\"message\":\"No model 'x'.\",\"type\":\"invalid_request_error\",\"param\":\"model\",\"code\":\"model_not_found\",\"request_id\":\"req_1\"}}");
        assertThat(ErrorForm.ANTHROPIC.bytes(ERROR, "req_1"))
                .asString(UTF_8)
                .isEqualTo(
                        "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"No model 'x'.\"},\"request_id\":\"req_1\"}");
    }

    @ParameterizedTest
    @CsvSource({
        "INVALID_REQUEST_ERROR,invalid_request_error,400",
        "AUTHENTICATION_ERROR,authentication_error,401",
        "PERMISSION_ERROR,permission_error,403",
        "NOT_FOUND_ERROR,not_found_error,404",
        "REQUEST_TOO_LARGE_ERROR,request_too_large,413",
        "UNPROCESSABLE_ERROR,invalid_request_error,422",
        "RATE_LIMIT_ERROR,rate_limit_error,429",
        "API_ERROR,api_error,500",
        "UPSTREAM_ERROR,api_error,502",
        "OVERLOADED_ERROR,overloaded_error,529",
        "TIMEOUT_ERROR,timeout_error,504",
    })
    void anthropicsWordsAndStatuses(ErrorType type, String word, int status) {
        assertThat(ErrorForm.ANTHROPIC.type(type)).isEqualTo(word);
        assertThat(ErrorForm.ANTHROPIC.status(type)).isEqualTo(status);
        assertThat(ErrorForm.OPENAI.status(type)).isEqualTo(type.status());
    }
}
