package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Answer;
import io.temponest.cli.RawStream.Frame;
import io.temponest.json.Json;
import io.temponest.testing.FakeProvider;
import io.temponest.testing.FakeProvider.Act;
import io.temponest.testing.FakeProvider.Asked;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients with an SDK of OpenAI or Anthropic see of the models behind TempoNest. */
class ModelCallsTest {

    private static final String HELLO =
            "{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"parrot\",\"choices\":[{\"index\":0,"
                    + "\"message\":{\"role\":\"assistant\",\"content\":\"Hello.\"},\"finish_reason\":\"stop\"}],"
                    + "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2,\"total_tokens\":11}}";

    @TempDir
    private static Path folder;

    private static FakeProvider second;
    private static TestServer server;
    private static ApiCaller api;

    @BeforeAll
    static void start() throws IOException {
        second = FakeProvider.start();
        Path models = Files.writeString(
                folder.resolve("models.json"), "{\"safe\":{\"models\":[\"fake/parrot\",\"second/owl\"]}}");
        Map<String, String> settings = new HashMap<>();
        settings.put("TEMPONEST_PROVIDER_FAKE_API_KEY", "sk-one,sk-two");
        settings.put("TEMPONEST_PROVIDER_SECOND_KIND", "openai");
        settings.put("TEMPONEST_PROVIDER_SECOND_BASE_URL", second.baseUrl().toString());
        settings.put("TEMPONEST_PROVIDER_AWAY_KIND", "openai");
        // Nothing listens on this port, which is below those that are given out.
        settings.put("TEMPONEST_PROVIDER_AWAY_BASE_URL", "http://127.0.0.1:1/v1");
        settings.put("TEMPONEST_MODELS_FILE", models.toString());
        server = TestServer.start(folder.resolve("data"), settings);
        api = server.admin();
    }

    @AfterAll
    static void stop() {
        server.close();
        second.close();
    }

    @BeforeEach
    void forgetOtherTests() {
        server.provider().forget();
        second.forget();
    }

    private static Map<String, Object> chat(String model, boolean stream) {
        return Map.of(
                "model", model, "stream", stream, "messages", List.of(Map.of("role", "user", "content", "Hi, 北京!")));
    }

    private static RawStream stream(String path, Object body) {
        return RawStream.post(server.process().url().resolve(path), api.token(), Json.text(body));
    }

    @Test
    void anAnswerPassesAsTheProviderWroteIt() {
        server.provider().will(new Act.Whole(HELLO));

        Answer answer = api.post("/v1/chat/completions", chat("fake/parrot", false));

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.text()).isEqualTo(HELLO);
        assertThat(answer.header("x-temponest-model")).isEqualTo("fake/parrot");
        assertThat(answer.header("x-temponest-attempts")).isEqualTo("1");
        Asked asked = server.provider().next();
        assertThat(asked.body()).isEqualTo(Json.tree(Json.text(chat("parrot", false))));
    }

    @Test
    void aStreamPassesFrameByFrameWithoutTheUsageThatNobodyAskedFor() {
        CompletableFuture<Void> firstSeen = new CompletableFuture<>();
        server.provider()
                .will(
                        new Act.Say("Hel"),
                        new Act.Hold(firstSeen),
                        new Act.Say("lo."),
                        new Act.Raw(": a comment\nid: 7\n"
                                + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"),
                        new Act.Raw("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}}\n\n"
                                + "data: [DONE]\n\n"),
                        new Act.Cut());

        try (RawStream events = stream("/v1/chat/completions", chat("fake/parrot", true))) {
            assertThat(events.status()).isEqualTo(200);
            assertThat(events.header("content-type")).isEqualTo("text/event-stream");
            assertThat(events.next()).contains(Frame.data("{\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}"));
            firstSeen.complete(null);
            assertThat(events.next()).contains(Frame.data("{\"choices\":[{\"delta\":{\"content\":\"lo.\"}}]}"));
            assertThat(events.next()).contains(Frame.data("{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}"));
            assertThat(events.next()).contains(Frame.data("[DONE]"));
            assertThat(events.next()).isEmpty();
        }
        assertThat(server.provider()
                        .next()
                        .body()
                        .at("/stream_options/include_usage")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void aStreamThatBreaksOffEndsWithAnErrorAndNotAsIfItWereComplete() {
        server.provider().will(new Act.Say("Hel"), new Act.Cut());

        try (RawStream events = stream("/v1/chat/completions", chat("fake/parrot", true))) {
            List<Frame> frames = events.untilBroken();
            assertThat(frames).hasSize(2);
            JsonNode error = Json.tree(frames.getLast().data()).path("error");
            assertThat(error.path("type").asText()).isEqualTo("upstream_error");
            assertThat(error.path("code").asText()).isEqualTo("provider_stream_broken");
        }
        assertThat(server.provider().unseen()).isEqualTo(1);
    }

    @Test
    void anAgentsAnswerThatFailsEndsSoToo() {
        api.post("/v1/agents", Map.of("slug", "mute", "name", "M", "instructions", "x", "model", "fake/parrot"));
        server.provider().will(new Act.Refuse(400, "I will not."));

        try (RawStream events = stream("/v1/chat/completions", chat("agent/mute", true))) {
            JsonNode error = Json.tree(events.untilBroken().getLast().data()).path("error");
            assertThat(error.path("code").asText()).isEqualTo("provider_rejected");
        }
    }

    @Test
    void beforeTheFirstContentAnotherProviderIsAsked() {
        server.provider()
                .will(new Act.Raw("data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n"), new Act.Cut());
        server.provider().will(new Act.Refuse(500, "out of order"));
        second.willSay("Hoo.");

        try (RawStream events = stream("/v1/chat/completions", chat("safe", true))) {
            assertThat(events.header("x-temponest-model")).isEqualTo("second/owl");
            assertThat(events.header("x-temponest-attempts")).isEqualTo("3");
            assertThat(events.next()).contains(Frame.data("{\"choices\":[{\"delta\":{\"content\":\"Hoo.\"}}]}"));
        }
    }

    @Test
    void aKeyThatIsRefusedIsReplacedByTheNext() {
        server.provider().will(new Act.Refuse(401, "bad key"));
        server.provider().will(new Act.Whole(HELLO));

        assertThat(api.post("/v1/chat/completions", chat("fake/parrot", false)).status())
                .isEqualTo(200);

        String first = server.provider().next().headers().get("Authorization");
        String then = server.provider().next().headers().get("Authorization");
        assertThat(List.of(first, then)).containsExactlyInAnyOrder("Bearer sk-one", "Bearer sk-two");
    }

    /** Whether one key is left to this test or two: what every key refuses is the request's own fault. */
    @Test
    void whatEveryKeyIsForbiddenIsRefusedAndKeepsNobodyElseAway() {
        server.provider().will(new Act.Refuse(403, "org-123 has no access"));
        server.provider().will(new Act.Refuse(403, "org-123 has no access"));

        Answer answer = api.post("/v1/chat/completions", chat("fake/lory", false));

        assertThat(answer.status()).as(answer.text()).isEqualTo(403);
        assertThat(answer.error("code")).isEqualTo("provider_rejected");
        assertThat(answer.text()).doesNotContain("org-123");
        server.provider().forget();
        server.provider().will(new Act.Whole(HELLO));
        assertThat(api.post("/v1/chat/completions", chat("fake/lory", false)).status())
                .isEqualTo(200);
    }

    @Test
    void aLimitOfOneModelIsNoneOfAnother() {
        Act limited = new Act.Refuse(429, "Limit reached for org-123", Map.of("retry-after", "60"));
        server.provider().will(limited);
        server.provider().will(limited);

        Answer answer = api.post("/v1/chat/completions", chat("fake/macaw", false));

        assertThat(answer.status()).as(answer.text()).isEqualTo(429);
        assertThat(answer.text()).doesNotContain("org-123");
        server.provider().forget();
        server.provider().will(new Act.Whole(HELLO));
        assertThat(api.post("/v1/chat/completions", chat("fake/parrot", false)).status())
                .isEqualTo(200);
        assertThat(server.provider().unseen()).isEqualTo(1);
        assertThat(api.post("/v1/chat/completions", chat("fake/macaw", false)).error("code"))
                .isEqualTo("provider_rate_limited");
        assertThat(server.provider().unseen()).isEqualTo(1);
    }

    @Test
    void anAnswerOfAnotherKindThanWasAskedForIsNone() {
        server.provider().will(new Act.Whole("{\"error\":{\"message\":\"overloaded\"}}"));
        server.provider().willSay("Now.");

        try (RawStream events = stream("/v1/chat/completions", chat("fake/piper", true))) {
            assertThat(events.header("x-temponest-attempts")).isEqualTo("2");
            assertThat(events.next()).contains(Frame.data("{\"choices\":[{\"delta\":{\"content\":\"Now.\"}}]}"));
        }

        server.provider().willSay("A stream.");
        server.provider().will(new Act.Whole("{\"error\":{\"message\":\"overloaded\"}}"));
        server.provider().will(new Act.Whole(HELLO));
        Answer answer = api.post("/v1/chat/completions", chat("fake/piper", false));
        assertThat(answer.text()).isEqualTo(HELLO);
        assertThat(answer.header("x-temponest-attempts")).isEqualTo("3");
    }

    @Test
    void whereAProviderIsThatCannotBeReachedIsNotSaid() {
        Answer answer = api.post("/v1/chat/completions", chat("away/bird", false));

        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.error("code")).isEqualTo("provider_unreachable");
        assertThat(answer.error("message")).isEqualTo("Provider 'away' cannot be reached.");
    }

    @Test
    void aRefusalOfTheRequestIsTheClientsAndIsNotTriedAgain() {
        server.provider().will(new Act.Refuse(400, "temperature is too hot"));

        Answer answer = api.post("/v1/chat/completions", chat("fake/parrot", false));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("code")).isEqualTo("provider_rejected");
        assertThat(answer.error("message")).isEqualTo("Provider 'fake' answered 400: temperature is too hot");
        assertThat(answer.header("x-should-retry")).isEqualTo("false");
        assertThat(server.provider().unseen()).isEqualTo(1);
    }

    @Test
    void aMessageOfAnthropicsApiIsAnsweredByAProviderThatSpeaksOpenAis() {
        server.provider().will(new Act.Whole(HELLO));

        Answer answer = api.post(
                "/v1/messages",
                Map.of(
                        "model",
                        "fake/parrot",
                        "max_tokens",
                        50,
                        "system",
                        "Be brief.",
                        "messages",
                        List.of(Map.of("role", "user", "content", "Hi"))));

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.json().at("/type").asText()).isEqualTo("message");
        assertThat(answer.json().at("/content/0/text").asText()).isEqualTo("Hello.");
        assertThat(answer.json().at("/stop_reason").asText()).isEqualTo("end_turn");
        assertThat(answer.json().at("/usage/input_tokens").asInt()).isEqualTo(9);
        JsonNode asked = server.provider().next().body();
        assertThat(asked.at("/messages/0/role").asText()).isEqualTo("system");
        assertThat(asked.at("/messages/1/content").asText()).isEqualTo("Hi");
    }

    @Test
    void aMessageMaySayThatItUsesBetaFeatures() {
        server.provider().will(new Act.Whole(HELLO));
        Map<String, Object> message = Map.of(
                "model", "fake/parrot", "max_tokens", 50, "messages", List.of(Map.of("role", "user", "content", "Hi")));

        assertThat(api.post("/v1/messages?beta=true", message).status()).isEqualTo(200);
        assertThat(api.post("/v1/messages/count_tokens?beta=true", message).status())
                .isEqualTo(200);
        assertThat(api.post("/v1/messages?beta=maybe", message)
                        .json()
                        .at("/error/type")
                        .asText())
                .isEqualTo("invalid_request_error");
    }

    @Test
    void aFailureOnAnthropicsPathHasAnthropicsForm() {
        Answer answer = api.post(
                "/v1/messages",
                Map.of(
                        "model",
                        "nobody/knows",
                        "max_tokens",
                        50,
                        "messages",
                        List.of(Map.of("role", "user", "content", "Hi"))));

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().at("/type").asText()).isEqualTo("error");
        assertThat(answer.json().at("/error/type").asText()).isEqualTo("not_found_error");
        assertThat(answer.json().at("/request_id").asText()).isEqualTo(answer.header("x-request-id"));
    }

    @Test
    void aResponseStreamsItsWholeLifeCycle() {
        server.provider().willSay("Hello.");

        try (RawStream events =
                stream("/v1/responses", Map.of("model", "fake/parrot", "input", "Hi", "stream", true))) {
            List<String> types = events.rest().stream().map(Frame::event).toList();
            assertThat(types)
                    .containsExactly(
                            "response.created",
                            "response.in_progress",
                            "response.output_item.added",
                            "response.content_part.added",
                            "response.output_text.delta",
                            "response.output_text.done",
                            "response.content_part.done",
                            "response.output_item.done",
                            "response.completed");
        }
    }

    @Test
    void theModelsInTheWorkersNeedNoProvider() {
        Answer answer = api.post(
                "/v1/chat/completions",
                Map.of(
                        "model",
                        "temponest/extractive",
                        "messages",
                        List.of(
                                Map.of("role", "system", "content", TestServer.HANDBOOK),
                                Map.of("role", "user", "content", "Who is the keeper of the Skerry lighthouse?"))));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.json().at("/choices/0/message/content").asText()).contains("Marta Olsen");

        Answer vectors =
                api.post("/v1/embeddings", Map.of("model", "temponest/minilm", "input", List.of("a lamp", "a keeper")));
        assertThat(vectors.status()).as(vectors.text()).isEqualTo(200);
        assertThat(vectors.json().at("/data/1/embedding").size()).isEqualTo(384);
    }

    @Test
    void anAgentAnswersAsAModelByARunOfItsOwn() {
        server.provider().willSay("The keeper is Marta Olsen.");
        Answer answer = api.post("/v1/chat/completions", chat("agent/developer", false));

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        String run = answer.header("x-temponest-run");
        JsonNode seen = api.get("/v1/runs/" + run).json();
        assertThat(answer.json().at("/choices/0/message/content").asText())
                .isEqualTo(seen.path("output").asText());
    }

    @Test
    void aModelThatNobodyHasIsNotFound() {
        Answer answer = api.post("/v1/chat/completions", chat("gpt-4o", false));

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.error("code")).isEqualTo("model_not_found");
        assertThat(answer.error("param")).isEqualTo("model");
    }
}
