package io.temponest.model.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.error.ApiError;
import io.temponest.model.wire.Form;
import io.temponest.testing.FakeProvider.Act;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Failures that a provider tells after it has answered 200. */
class ToldFailureTest {

    private static final String SECRET = "account org-123";

    private static RelayFixture fixture;

    @BeforeAll
    static void start() throws TimeoutException {
        fixture = new RelayFixture();
    }

    @AfterAll
    static void stop() throws TimeoutException {
        fixture.close();
    }

    @BeforeEach
    void forgetOtherTests() {
        fixture.provider.forget();
    }

    private static RelayCall chat(boolean stream, String target) {
        String body = "{\"model\":\"x\",\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"
                .formatted(stream);
        return fixture.call(fixture.database.tenant(), Form.OPENAI_CHAT, body, target);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'type':null,'code':'rate_limit_exceeded'} | provider_rate_limited",
                "{'type':'tokens','code':'rate_limit_exceeded'} | provider_rate_limited",
                "{'code':429} | provider_rate_limited",
                "{'code':'429'} | provider_rate_limited",
                "{'type':'server_error','code':'insufficient_quota'} | insufficient_quota",
                "{'type':'insufficient_quota','code':null} | insufficient_quota",
                "{'type':'invalid_request_error','code':'invalid_api_key'} | provider_auth_failed",
                "{'code':401} | provider_auth_failed",
                "{'type':'overloaded_error'} | provider_overloaded",
                "{'code':503} | provider_overloaded",
                "{'type':'strange','code':'stranger'} | provider_error",
                "{} | provider_error"
            })
    void theClassIsReadFromTypeAndCodeAndNoWordOfOursPasses(String error, String code) throws TimeoutException {
        String told = error.replace('\'', '"').replaceFirst("\\{", "{\"message\":\"" + SECRET + "\",");
        fixture.provider.will(
                new Act.Say("Hel"), new Act.Raw("data: {\"error\":%s}\n\n".formatted(told.replace(",}", "}"))));

        assertThat(fixture.stream(chat(true, "fake/parrot")))
                .contains("\"code\":\"" + code + "\"")
                .doesNotContain(SECRET);
    }

    @Test
    void whatIsWrongWithTheRequestIsForTheClientInAStreamAndInABody() throws TimeoutException {
        String told = "{\"error\":{\"message\":\"too hot\",\"type\":\"invalid_request_error\",\"code\":null}}";
        fixture.provider.will(new Act.Say("Hel"), new Act.Raw("data: " + told + "\n\n"));
        assertThat(fixture.stream(chat(true, "fake/parrot")))
                .contains("provider_rejected")
                .contains("too hot");

        fixture.provider.will(new Act.Whole(told));
        ApiError error = fixture.refusal(chat(false, "fake/owl"));
        assertThat(error.code()).isEqualTo("provider_rejected");
        assertThat(error.message()).contains("too hot");
    }

    @Test
    void aLimitThatABodyTellsIsOneThoughItsStatusIs200() throws TimeoutException {
        for (int i = 0; i < 4; i++) {
            fixture.provider.will(new Act.Whole("{\"error\":{\"message\":\"%s\",\"code\":429}}".formatted(SECRET)));
        }

        ApiError error = fixture.refusal(chat(false, "fake/macaw"));

        assertThat(error.code()).isEqualTo("provider_rate_limited");
        assertThat(error.message()).doesNotContain(SECRET);
    }
}
