package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Answer;
import io.temponest.testing.FakeProvider.Act;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A server whose scripted provider has prices. A call of 10 tokens in and 5 out costs {@link #CALL}. */
record PricedModels(TestServer server) implements AutoCloseable {

    /** Ten tokens at 10 and five at 2,000 dollars a million. */
    static final String CALL = "0.01010000";

    private static final String PRICES = """
            [{"model":"fake/*","from":"2025-01-01","input":"10","cached_input":"1","output":"2000"},
             {"model":"fake/named","from":"2025-01-01","input":"0.1","cached_input":"0.01","output":"0.3"},
             {"model":"fake/named","from":"2025-02-01","input":"0.123","cached_input":"0.0456","output":"0.789"}]""";

    static PricedModels start(Path folder) {
        try {
            Path prices = Files.writeString(folder.resolve("prices.json"), PRICES);
            return new PricedModels(
                    TestServer.start(folder.resolve("data"), Map.of("TEMPONEST_PRICES_FILE", prices.toString())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Map<String, Object> chat(String model, boolean stream) {
        return Map.of("model", model, "stream", stream, "messages", List.of(Map.of("role", "user", "content", "Hi")));
    }

    /** Asks a model, which answers. */
    void call(ApiCaller by, String model) {
        Answer answer = tried(by, model);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }

    /** Asks a model, which would answer. */
    Answer tried(ApiCaller by, String model) {
        server.provider().forget();
        server.provider()
                .will(new Act.Whole("{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\","
                        + "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hello.\"},"
                        + "\"finish_reason\":\"stop\"}],"
                        + "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15}}"));
        return by.post("/v1/chat/completions", chat(model, false));
    }

    /** What a tenant's calls came to, once the ledger has so many. */
    static JsonNode summary(ApiCaller of, int calls) {
        return await().atMost(Duration.ofSeconds(10))
                .until(
                        () -> of.get("/v1/costs/summary").json(),
                        summary -> summary.path("calls").asInt() == calls);
    }

    @Override
    public void close() {
        server.close();
    }
}
