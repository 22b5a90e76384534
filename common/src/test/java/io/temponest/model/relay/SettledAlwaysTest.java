package io.temponest.model.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.bus.Deadline;
import io.temponest.identity.TenantId;
import io.temponest.model.Cancellation;
import io.temponest.model.Message;
import io.temponest.model.ModelName;
import io.temponest.model.ModelOutcome;
import io.temponest.model.ModelProvider;
import io.temponest.model.ModelRequest;
import io.temponest.model.ProviderKind.Operation;
import io.temponest.model.wire.Form;
import io.temponest.testing.FakeProvider.Act;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whatever becomes of a call, its reservation ends in the ledger. */
class SettledAlwaysTest {

    private static final String CHAT = "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";

    private static RelayFixture fixture;

    @BeforeAll
    static void start() throws TimeoutException {
        fixture = new RelayFixture();
    }

    @AfterAll
    static void stop() throws TimeoutException {
        fixture.close();
    }

    @Test
    void aConversationThatAModelInTheWorkersCannotReadIsRefusedAndSettled() throws TimeoutException {
        TenantId tenant = fixture.database.tenant();
        String last = "{\"model\":\"x\",\"messages\":[{\"role\":\"assistant\",\"content\":\"Hi\"}]}";

        assertThat(fixture.refusal(fixture.call(tenant, Form.OPENAI_CHAT, last, "temponest/extractive"))
                        .code())
                .isEqualTo("model_cannot");

        assertThat(fixture.ledger(tenant, 1)).containsExactly(new RelayFixture.Row("failed", 0, 0, "0.00000000"));
    }

    @Test
    void textsThatCannotBeEmbeddedAreRefusedAndSettled() throws TimeoutException {
        TenantId tenant = fixture.database.tenant();
        Buffer body = Buffer.buffer("{\"model\":\"x\",\"input\":[1,2]}");
        RelayCall call = fixture.call(
                tenant, Operation.EMBEDDINGS, Form.OPENAI_CHAT, body, new Cancellation(), "temponest/minilm");

        assertThat(fixture.refusal(call).code()).isEqualTo("invalid_value");

        assertThat(fixture.ledger(tenant, 1)).containsExactly(new RelayFixture.Row("failed", 0, 0, "0.00000000"));
    }

    private static final class Thrower implements ModelProvider {

        @Override
        public String name() {
            return "temponest";
        }

        @Override
        public Future<ModelOutcome> ask(
                ModelRequest request, Consumer<String> deltas, Cancellation cancellation, Deadline deadline) {
            throw new IllegalStateException("it throws before it is asked");
        }

        @Override
        public Future<List<String>> models() {
            return Future.succeededFuture(List.of());
        }
    }

    @Test
    void aCallOfAProviderThatThrowsIsSettled() throws TimeoutException {
        TenantId tenant = fixture.database.tenant();
        ChargedProvider charged = new ChargedProvider(new Thrower(), fixture.spending, fixture.prices, fixture.ids);
        ModelRequest request = new ModelRequest(
                ModelName.parse("temponest/thrower"),
                List.of(new Message(Message.Role.USER, "Hi")),
                List.of(),
                List.of(),
                List.of(),
                new ModelRequest.Sampling(0, 1, Optional.empty(), 10),
                RelayFixture.account(tenant));

        Future<ModelOutcome> asked =
                charged.ask(request, text -> {}, new Cancellation(), Deadline.after(Duration.ofSeconds(5)));

        assertThat(fixture.ledger(tenant, 1)).containsExactly(new RelayFixture.Row("failed", 0, 0, "0.00000000"));
        assertThat(asked.failed()).isTrue();
    }

    /** How far the provider came is not known; what it may have written meanwhile is paid for. */
    @Test
    void aWholeAnswerThatNobodyWaitsForAnyMoreIsNotFree() throws TimeoutException {
        TenantId tenant = fixture.database.tenant();
        Cancellation cancellation = new Cancellation();
        fixture.provider.forget();
        fixture.provider.will(new Act.Hold(new CompletableFuture<>()));
        Future<Relayed> relayed = fixture.relay(fixture.call(
                tenant, Operation.CHAT, Form.OPENAI_CHAT, Buffer.buffer(CHAT), cancellation, "fake/parrot"));
        fixture.provider.next();

        cancellation.cancel();

        RelayFixture.Row row = fixture.ledger(tenant, 1).getFirst();
        assertThat(row.status()).isEqualTo("cancelled");
        assertThat(row.output()).isBetween(1L, 2_000L);
        assertThat(relayed.failed()).isTrue();
    }

    @Test
    void itCostsNoMoreThanItWasAllowedToWrite() throws TimeoutException {
        TenantId tenant = fixture.database.tenant();
        Cancellation cancellation = new Cancellation();
        fixture.provider.forget();
        fixture.provider.will(new Act.Hold(new CompletableFuture<>()));
        fixture.relay(fixture.call(
                tenant,
                Operation.CHAT,
                Form.OPENAI_CHAT,
                Buffer.buffer(CHAT.replace("{\"model\"", "{\"max_tokens\":1,\"model\"")),
                cancellation,
                "fake/parrot"));
        fixture.provider.next();

        cancellation.cancel();

        assertThat(fixture.ledger(tenant, 1).getFirst().output()).isEqualTo(1);
    }
}
