package io.temponest.model.relay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.identity.TenantId;
import io.temponest.model.wire.Form;
import io.temponest.testing.FakeProvider.Act;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The limit of output that a provider is told: by whom it is set, and by what name. An output token costs 0.002 dollars. */
class OutputLimitTest {

    private static final String HELLO = "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\","
            + "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hello.\"},"
            + "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5}}";

    private static final String MESSAGE = "{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\","
            + "\"content\":[{\"type\":\"text\",\"text\":\"Hello.\"}],\"stop_reason\":\"end_turn\","
            + "\"usage\":{\"input_tokens\":10,\"output_tokens\":5}}";

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

    private static String chat(String fields) {
        return "{\"model\":\"x\",%s\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}".formatted(fields);
    }

    /** What the provider gets. */
    private static JsonNode asked(String budget, Form form, String body, String target) throws TimeoutException {
        return asked(fixture.tenant(budget), form, body, target);
    }

    private static JsonNode asked(TenantId tenant, Form form, String body, String target) throws TimeoutException {
        fixture.provider.will(new Act.Whole(target.startsWith("claude") ? MESSAGE : HELLO));
        fixture.relayed(fixture.call(tenant, form, body, target));
        return fixture.provider.next().body();
    }

    @Test
    void whereABudgetHasEnoughForAllThatMayComeNoLimitIsSet() throws TimeoutException {
        JsonNode asked = asked("1000", Form.OPENAI_CHAT, chat(""), "fake/parrot");

        assertThat(asked.has("max_tokens")).isFalse();
        assertThat(asked.has("max_completion_tokens")).isFalse();
    }

    @Test
    void whereItHasLessTheProviderIsToldHowFarItMayGo() throws TimeoutException {
        assertThat(asked("1", Form.OPENAI_CHAT, chat(""), "fake/parrot")
                        .path("max_tokens")
                        .asInt())
                .isBetween(480, 500);
    }

    /** A provider may go by either name. */
    @Test
    void aLimitThatIsGivenIsNeverRaised() throws TimeoutException {
        String both = chat("\"max_tokens\":10,\"max_completion_tokens\":1000,");

        assertThat(asked("1", Form.OPENAI_CHAT, both, "fake/parrot")
                        .path("max_tokens")
                        .asInt())
                .isEqualTo(10);
        assertThat(asked("24", Form.OPENAI_CHAT, chat(""), "claude/opus")
                        .path("max_tokens")
                        .asInt())
                .as("what a request without a limit gets")
                .isEqualTo(8_192);
    }

    @Test
    void serversThatMayNotKnowTheNewNameGetTheOldOneOfTranslatedRequestsToo() throws TimeoutException {
        TenantId anybody = fixture.database.tenant();
        String message = "{\"model\":\"x\",\"max_tokens\":50,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
        String response = "{\"model\":\"x\",\"max_output_tokens\":60,\"input\":\"Hi\"}";

        assertOldName(asked(anybody, Form.ANTHROPIC_MESSAGES, message, "fake/parrot"), 50);
        assertOldName(asked(anybody, Form.OPENAI_RESPONSES, response, "fake/parrot"), 60);
        assertOldName(asked(anybody, Form.OPENAI_CHAT, chat("\"max_completion_tokens\":70,"), "fake/parrot"), 70);
    }

    private static void assertOldName(JsonNode asked, int limit) {
        assertThat(asked.path("max_tokens").asInt()).isEqualTo(limit);
        assertThat(asked.has("max_completion_tokens")).isFalse();
    }

    private static String thinking(int budget) {
        return "{\"model\":\"x\",\"max_tokens\":10000,\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":%d},\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"
                .formatted(budget);
    }

    /** Anthropic refuses a budget of thinking that is not below the limit, or below 1,024. */
    @Test
    void thinkingIsCutWithTheAnswer() throws TimeoutException {
        JsonNode asked = asked("8.2", Form.ANTHROPIC_MESSAGES, thinking(8_000), "claude/opus");

        assertThat(asked.path("max_tokens").asInt()).isBetween(4_050, 4_100);
        assertThat(asked.at("/thinking/budget_tokens").asInt()).isBetween(3_240, 3_280);
        assertThat(asked("8.2", Form.ANTHROPIC_MESSAGES, thinking(2_000), "claude/opus")
                        .at("/thinking/budget_tokens")
                        .asInt())
                .isEqualTo(2_000);
    }

    @Test
    void whereTooLittleIsLeftToThinkTheBudgetRefuses() throws TimeoutException {
        TenantId poor = fixture.tenant("1");

        assertThat(fixture.refusal(fixture.call(poor, Form.ANTHROPIC_MESSAGES, thinking(8_000), "claude/opus"))
                        .code())
                .isEqualTo("insufficient_quota");

        assertThat(fixture.provider.unseen()).isZero();
        assertThat(fixture.ledger(poor, 1)).containsExactly(new RelayFixture.Row("failed", 0, 0, "0.00000000"));
    }
}
