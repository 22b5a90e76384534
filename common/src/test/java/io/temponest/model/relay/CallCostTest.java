package io.temponest.model.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.error.ApiError;
import io.temponest.identity.TenantId;
import io.temponest.model.wire.Form;
import io.temponest.testing.FakeProvider.Act;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What calls cost of models that have no price, and those that write to a cache. */
class CallCostTest {

    private static final String CHAT = "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";

    private static final String HELLO = "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\","
            + "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hello.\"},"
            + "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5}}";

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

    @Test
    void aHardBudgetRefusesWhatItCannotCount() throws TimeoutException {
        TenantId tenant = fixture.tenant("5");
        fixture.provider.will(new Act.Whole(HELLO));

        ApiError error = fixture.refusal(fixture.call(tenant, Form.OPENAI_CHAT, CHAT, "other/model"));

        assertThat(error.code()).isEqualTo("model_without_price");
        assertThat(error.param()).contains("model");
        assertThat(error.type().status()).isEqualTo(400);
        assertThat(error.message())
                .contains("other/model")
                .contains("/v1/prices")
                .contains("PRICES_FILE");
        assertThat(fixture.provider.unseen()).isZero();
        assertThat(fixture.ledger(tenant, 1)).containsExactly(new RelayFixture.Row("failed", 0, 0, "0.00000000"));
    }

    @Test
    void thenTheNextOfAnAliasIsAsked() throws TimeoutException {
        fixture.provider.will(new Act.Whole(HELLO));

        Relayed relayed = fixture.relayed(
                fixture.call(fixture.tenant("5"), Form.OPENAI_CHAT, CHAT, "other/model", "fake/parrot"));

        assertThat(relayed.info().model().toString()).isEqualTo("fake/parrot");
    }

    @Test
    void withoutAHardBudgetItCostsNothing() throws TimeoutException {
        TenantId tenant = fixture.database.tenant();
        fixture.provider.will(new Act.Whole(HELLO));

        fixture.relayed(fixture.call(tenant, Form.OPENAI_CHAT, CHAT, "other/model"));

        assertThat(fixture.ledger(tenant, 1)).containsExactly(new RelayFixture.Row("succeeded", 10, 5, "0.00000000"));
    }

    @Test
    void whatRunsOnOnesOwnMachinesIsFreeWithABudgetToo() throws TimeoutException {
        TenantId tenant = fixture.tenant("5");
        fixture.provider.will(new Act.Whole(
                "{\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"done\":true,\"done_reason\":\"stop\","
                        + "\"prompt_eval_count\":10,\"eval_count\":5}"));

        fixture.relayed(fixture.call(tenant, Form.OPENAI_CHAT, CHAT, "local/llama"));

        assertThat(fixture.ledger(tenant, 1)).containsExactly(new RelayFixture.Row("succeeded", 10, 5, "0.00000000"));
    }

    /** Anthropic takes a quarter more for input that it writes to its cache. */
    @Test
    void inputThatIsWrittenToTheCacheCostsMore() throws TimeoutException {
        TenantId tenant = fixture.database.tenant();
        fixture.provider.will(new Act.Whole("{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\","
                + "\"content\":[{\"type\":\"text\",\"text\":\"Hello.\"}],\"stop_reason\":\"end_turn\","
                + "\"usage\":{\"input_tokens\":100,\"cache_creation_input_tokens\":1000,"
                + "\"cache_read_input_tokens\":200,\"output_tokens\":5}}"));

        fixture.relayed(fixture.call(tenant, Form.OPENAI_CHAT, CHAT, "claude/opus"));

        // 100 at 10, 1,000 at 12.50, 200 at 1 and 5 at 2,000 dollars a million
        assertThat(fixture.ledger(tenant, 1)).containsExactly(new RelayFixture.Row("succeeded", 1300, 5, "0.02370000"));
    }
}
