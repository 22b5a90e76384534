package io.temponest.model.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temponest.model.Cancellation;
import io.temponest.model.ProviderKind.Operation;
import io.temponest.model.wire.Form;
import io.temponest.testing.FakeProvider.Act;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Large bodies are read where they hold nobody up. */
class OffTheLoopTest {

    private static final String LONG = "word ".repeat(40_000);

    private static RelayFixture fixture;

    private final List<String> onTheLoop = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void start() throws TimeoutException {
        fixture = new RelayFixture();
    }

    @AfterAll
    static void stop() throws TimeoutException {
        fixture.close();
    }

    /** A body that notes which of its readers is on an event loop. */
    private Buffer watched(String text) {
        Buffer body = Buffer.buffer(text);
        return (Buffer) Proxy.newProxyInstance(
                Buffer.class.getClassLoader(), new Class<?>[] {Buffer.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("getBytes") && Context.isOnEventLoopThread()) {
                        onTheLoop.add(StackWalker.getInstance()
                                .walk(frames -> frames.filter(
                                                frame -> frame.getClassName().startsWith("io.temponest.model"))
                                        .skip(1)
                                        .findFirst()
                                        .map(Object::toString)
                                        .orElse("")));
                    }
                    try {
                        return method.invoke(body, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void whatAResponseRepeatsOfItsRequest() throws TimeoutException {
        fixture.provider.will(
                new Act.Whole("{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\","
                        + "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hello.\"},"
                        + "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5}}"));
        Buffer body = watched("{\"model\":\"x\",\"instructions\":\"Be brief.\",\"input\":\"%s\"}".formatted(LONG));

        Relayed relayed = fixture.relayed(fixture.call(
                fixture.database.tenant(),
                Operation.CHAT,
                Form.OPENAI_RESPONSES,
                body,
                new Cancellation(),
                "fake/parrot"));

        assertThat(((Relayed.Whole) relayed).body().toString()).contains("\"instructions\":\"Be brief.\"");
        assertThat(onTheLoop).isEmpty();
    }

    /** The words are read before anybody is asked: what is wrong with them is known when the attempt is prepared. */
    @Test
    void textsToBeEmbedded() throws TimeoutException {
        Buffer body = watched("{\"model\":\"x\",\"input\":[1,\"%s\"]}".formatted(LONG));
        RelayCall call = fixture.call(
                fixture.database.tenant(),
                Operation.EMBEDDINGS,
                Form.OPENAI_CHAT,
                body,
                new Cancellation(),
                "temponest/minilm");
        Attempts attempts = new Attempts(fixture.vertx, Map.of(), fixture.means);

        Future<Attempts.Ready> begun = attempts.begin(
                call,
                call.targets().getFirst(),
                attempts.keys(call.targets().getFirst())
                        .orElseThrow()
                        .next("", Set.of())
                        .orElseThrow());

        await().until(begun::isComplete);
        assertThat(begun.cause()).isInstanceOf(Fault.Failure.class).hasMessageContaining("'input'");
    }
}
