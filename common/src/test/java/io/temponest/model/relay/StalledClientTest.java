package io.temponest.model.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.identity.TenantId;
import io.temponest.model.wire.Form;
import io.temponest.testing.FakeProvider.Act;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who kept a stream waiting. */
class StalledClientTest {

    private static RelayFixture fixture;

    @BeforeAll
    static void start() throws TimeoutException {
        fixture = new RelayFixture();
    }

    @AfterAll
    static void stop() throws TimeoutException {
        fixture.close();
    }

    /** Takes the first frames and then has no room. */
    private static String lastOf(Future<Void> room) throws TimeoutException {
        TenantId tenant = fixture.database.tenant();
        fixture.provider.will(new Act.Say("Hel"), new Act.Hold(new CompletableFuture<>()));
        Relayed.Streaming stream = (Relayed.Streaming) fixture.relayed(fixture.call(
                tenant,
                Form.OPENAI_CHAT,
                "{\"model\":\"x\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}",
                "fake/parrot"));
        StringBuilder last = new StringBuilder();
        Promise<Void> over = Promise.promise();
        fixture.context.runOnContext(go -> stream.source().accept(new Relayed.Sink() {
            @Override
            public Future<Void> frames(Buffer frames) {
                last.setLength(0);
                last.append(frames);
                return room;
            }

            @Override
            public void end() {
                over.complete();
            }

            @Override
            public void breakOff() {
                over.complete();
            }
        }));
        RelayFixture.wait(over.future());
        return last.toString();
    }

    @Test
    void aClientThatTakesNothingIsNotTakenForASilentProvider() throws TimeoutException {
        Promise<Void> never = Promise.promise();

        assertThat(lastOf(never.future())).contains("client_stalled").doesNotContain("was silent");
    }

    @Test
    void aProviderThatSaysNothingIsSilent() throws TimeoutException {
        assertThat(lastOf(Future.succeededFuture())).contains("provider_timeout");
    }
}
