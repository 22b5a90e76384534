package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Answer;
import io.temponest.testing.FakeProvider;
import io.temponest.testing.FakeProvider.Act;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients are told of tokens. The conversations and their counts are those of the OpenAI Cookbook, checked there with the API. */
class TokenCountTest {

    private static final String CORPORATE_JARGON = """
            [{"role": "system", "content": "You are a helpful, pattern-following assistant that translates corporate jargon into plain English."},
             {"role": "system", "name": "example_user", "content": "New synergies will help drive top-line growth."},
             {"role": "system", "name": "example_assistant", "content": "Things working well together will increase revenue."},
             {"role": "system", "name": "example_user",
              "content": "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage."},
             {"role": "system", "name": "example_assistant", "content": "Let's talk later when we're less busy about how to do better."},
             {"role": "user", "content": "This late pivot means we don't have time to boil the ocean for the client deliverable."}]""";

    private static final String WEATHER = """
            [{"role": "system", "content": "You are a helpful assistant that can answer to questions about the weather."},
             {"role": "user", "content": "What's the weather like in San Francisco?"}]""";

    private static final String WEATHER_TOOLS = """
            [{"type": "function", "function": {
               "name": "get_current_weather",
               "description": "Get the current weather in a given location",
               "parameters": {"type": "object", "properties": {
                 "location": {"type": "string", "description": "The city and state, e.g. San Francisco, CA"},
                 "unit": {"type": "string", "description": "The unit of temperature to return", "enum": ["celsius", "fahrenheit"]}},
               "required": ["location"]}}}]""";

    @TempDir
    private static Path folder;

    private static FakeProvider claude;
    private static TestServer server;
    private static ApiCaller api;

    @BeforeAll
    static void start() throws IOException {
        claude = FakeProvider.start();
        Path models =
                Files.writeString(folder.resolve("models.json"), "{\"fast\":{\"models\":[\"fake/gpt-4o-mini\"]}}");
        Map<String, String> settings = new HashMap<>();
        settings.put("TEMPONEST_PROVIDER_CLAUDE_KIND", "anthropic");
        settings.put("TEMPONEST_PROVIDER_CLAUDE_BASE_URL", claude.baseUrl().toString());
        settings.put("TEMPONEST_PROVIDER_CLAUDE_API_KEY", "sk-ant-x");
        settings.put("TEMPONEST_MODELS_FILE", models.toString());
        server = TestServer.start(folder.resolve("data"), settings);
        api = server.admin();
    }

    @AfterAll
    static void stop() {
        server.close();
        claude.close();
    }

    @BeforeEach
    void forgetOtherTests() {
        claude.forget();
    }

    private static Answer messages(String model, String messages) {
        return api.post("/v1/tokens/count", "{\"model\":\"%s\",\"messages\":%s}".formatted(model, messages));
    }

    private static void counts(Answer answer, long tokens, boolean exact) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.json().path("object").asText()).isEqualTo("token_count");
        assertThat(answer.json().path("tokens").asLong()).as(answer.text()).isEqualTo(tokens);
        assertThat(answer.json().path("exact").asBoolean()).as(answer.text()).isEqualTo(exact);
    }

    @ParameterizedTest
    @CsvSource({
        "gpt-3.5-turbo, 129, true",
        "openai/gpt-4-0613, 129, true",
        "gpt-4o, 124, true",
        "fast, 124, true",
        "gpt-5, 124, false",
        "local/llama3.2, 124, false"
    })
    void messagesCountAsOpenAiDocuments(String model, long tokens, boolean exact) {
        counts(messages(model, CORPORATE_JARGON), tokens, exact);
    }

    @ParameterizedTest
    @CsvSource({"gpt-4, 105", "gpt-4o-mini, 101"})
    void toolsCountAsOpenAiDocumentsAndAreSaidToBeAnEstimate(String model, long tokens) {
        counts(
                api.post(
                        "/v1/tokens/count",
                        "{\"model\":\"%s\",\"messages\":%s,\"tools\":%s}".formatted(model, WEATHER, WEATHER_TOOLS)),
                tokens,
                false);
    }

    @Test
    void callsOfToolsAndTheirResultsCount() {
        long before = messages("gpt-4o", WEATHER).json().path("tokens").asLong();
        String more = WEATHER.strip().replaceFirst("]$", "") + """
                ,{"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "type": "function",
                   "function": {"name": "get_current_weather", "arguments": "{\\"location\\": \\"San Francisco, CA\\"}"}}]},
                 {"role": "tool", "tool_call_id": "c1", "content": "Fog."}]""";

        Answer answer = messages("gpt-4o", more);

        assertThat(answer.json().path("tokens").asLong()).as(answer.text()).isBetween(before + 20, before + 40);
        assertThat(answer.json().path("exact").asBoolean()).isFalse();
        assertThat(messages("gpt-4o", "[{\"role\":\"user\"}]").error("param")).isEqualTo("messages[0].content");
        assertThat(messages("gpt-4o", "[{\"role\":\"assistant\",\"tool_calls\":[{}]}]")
                        .error("param"))
                .isEqualTo("messages[0].tool_calls[0]");
    }

    @Test
    void aTextOfMegabytesIsCountedExactly() {
        String line = "The lamp’s keeper counts: 1911, 12 s, 18 nm.\n";

        counts(api.post("/v1/tokens/count", Map.of("model", "gpt-4o", "text", line)), 18, true);
        counts(api.post("/v1/tokens/count", Map.of("model", "gpt-4o", "text", line.repeat(100_000))), 1_800_000, true);
    }

    @Test
    void aMegabyteOfOneLetterIsCountedAndTenAreRefused() {
        counts(api.post("/v1/tokens/count", Map.of("model", "gpt-4o", "text", "a".repeat(1_000_000))), 125_000, true);

        Answer refused = api.post("/v1/tokens/count", Map.of("model", "gpt-4o", "text", "a".repeat(9_000_000)));

        assertThat(refused.status()).as(refused.text()).isEqualTo(400);
        assertThat(refused.error("code")).isEqualTo("text_unbroken");
    }

    @Test
    void aProviderThatCountsItselfIsAskedForItsOwnModels() {
        claude.will(new Act.Whole("{\"input_tokens\":321}"));
        counts(
                api.post(
                        "/v1/tokens/count",
                        "{\"model\":\"claude/opus\",\"messages\":%s,\"tools\":%s}".formatted(WEATHER, WEATHER_TOOLS)),
                321,
                false);
        JsonNode asked = claude.next().body();
        List<String> fields = new ArrayList<>();
        asked.fieldNames().forEachRemaining(fields::add);
        assertThat(fields).containsExactlyInAnyOrder("model", "messages", "system", "tools");
        assertThat(asked.path("model").asText()).isEqualTo("opus");
        assertThat(asked.at("/tools/0/input_schema/required/0").asText()).isEqualTo("location");

        claude.will(new Act.Whole("{\"input_tokens\":17}"));
        assertThat(countMessage("claude/opus").json().path("input_tokens").asLong())
                .isEqualTo(17);
        assertThat(claude.next().body().path("messages").size()).isEqualTo(1);
    }

    @Test
    void whereAProviderDoesNotCountItIsEstimated() {
        claude.will(new Act.Refuse(529, "overloaded"));
        assertThat(countMessage("claude/opus").json().path("input_tokens").asLong())
                .isBetween(12L, 20L);
        assertThat(countMessage("fake/parrot").json().path("input_tokens").asLong())
                .isBetween(12L, 20L);
        assertThat(claude.unseen()).isEqualTo(1);
        counts(api.post("/v1/tokens/count", Map.of("model", "claude/opus", "text", "Hello, world!")), 4, false);
    }

    /** Anthropic's SDK sends no limit of output here. */
    private static Answer countMessage(String model) {
        Answer answer = api.post(
                "/v1/messages/count_tokens",
                Map.of(
                        "model",
                        model,
                        "system",
                        "Be kind.",
                        "messages",
                        List.of(Map.of("role", "user", "content", "Hello, world!"))));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer;
    }
}
