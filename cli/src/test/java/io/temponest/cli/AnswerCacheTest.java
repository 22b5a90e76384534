package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Answer;
import io.temponest.cli.RawStream.Frame;
import io.temponest.identity.TenantId;
import io.temponest.json.Json;
import io.temponest.testing.FakeProvider.Act;
import io.temponest.testing.TestDatabase;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients see of answers that are kept, on a server without Redis. The provider has a script for each time that it may be asked. */
class AnswerCacheTest {

    private static final Map<String, String> EXACT = Map.of("X-Temponest-Cache", "exact");
    private static final Map<String, String> SEMANTIC = Map.of("X-Temponest-Cache", "semantic");
    private static final AtomicInteger COUNT = new AtomicInteger();

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static ApiCaller api;

    @BeforeAll
    static void start() {
        server = TestServer.start(folder);
        api = server.admin();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void forgetOtherTests() {
        server.provider().forget();
    }

    /** A question that no other test asks. */
    private static String question() {
        return "Question " + COUNT.incrementAndGet() + "?";
    }

    private static Map<String, Object> chat(String question) {
        Map<String, Object> body = new HashMap<>();
        body.put("model", "fake/parrot");
        body.put("messages", List.of(Map.of("role", "user", "content", question)));
        return body;
    }

    private static Map<String, Object> with(Map<String, Object> body, String field, Object value) {
        Map<String, Object> more = new HashMap<>(body);
        more.put(field, value);
        return more;
    }

    private static Answer ask(ApiCaller by, String path, Map<String, Object> body, Map<String, String> headers) {
        Map<String, String> all = new HashMap<>(headers);
        all.put("Content-Type", "application/json");
        return by.send("POST", path, BodyPublishers.ofString(Json.text(body)), all);
    }

    private static Answer ask(Map<String, Object> body, Map<String, String> headers) {
        return ask(api, "/v1/chat/completions", body, headers);
    }

    private static RawStream streaming(String path, Map<String, Object> body) {
        return RawStream.post(
                server.process().url().resolve(path), api.token(), Json.text(with(body, "stream", true)), EXACT);
    }

    private static List<Frame> stream(String path, Map<String, Object> body, String came) {
        try (RawStream events = streaming(path, body)) {
            List<Frame> frames = events.rest();
            assertThat(events.status()).as(frames.toString()).isEqualTo(200);
            assertThat(events.header("x-temponest-cache")).isEqualTo(came);
            return frames;
        }
    }

    private static String whole(String content, String finish) {
        return "{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"parrot\",\"choices\":[{\"index\":0,"
                + "\"message\":{\"role\":\"assistant\",%s},\"finish_reason\":\"%s\"}],".formatted(content, finish)
                + "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2,\"total_tokens\":11}}";
    }

    private static Act says(String text) {
        return new Act.Whole(whole("\"content\":\"" + text + "\"", "stop"));
    }

    private static void answered(Answer answer, String came, String text) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.header("x-temponest-cache")).as(answer.text()).isEqualTo(came);
        assertThat(answer.json().at("/choices/0/message/content").asText()).isEqualTo(text);
    }

    /** A stream's last frame may be here before its answer is kept; nobody is there to be asked meanwhile. */
    private static Answer kept(Map<String, Object> body) {
        await().atMost(Duration.ofSeconds(5)).until(() -> ask(body, EXACT).status() == 200);
        return ask(body, EXACT);
    }

    private static String text(List<Frame> frames) {
        return frames.stream()
                .filter(frame -> !frame.data().equals("[DONE]"))
                .map(frame ->
                        Json.tree(frame.data()).at("/choices/0/delta/content").asText(""))
                .collect(Collectors.joining());
    }

    @Test
    void theSameRequestIsAnsweredAgainWithoutAskingAnybody() {
        Map<String, Object> body = chat(question());
        server.provider().will(says("Hello."));
        answered(ask(body, EXACT), "miss", "Hello.");

        Answer again = ask(with(with(body, "user", "u1"), "metadata", Map.of("a", "b")), EXACT);

        answered(again, "hit", "Hello.");
        assertThat(again.header("x-temponest-attempts")).isEqualTo("0");
        assertThat(again.header("x-temponest-model")).isEqualTo("fake/parrot");
        assertThat(again.json().at("/choices/0/finish_reason").asText()).isEqualTo("stop");
        assertThat(again.json().at("/usage/total_tokens").asInt()).isEqualTo(11);
        assertThat(server.provider().unseen()).isEqualTo(1);
        assertThat(server.process().ops("/metrics"))
                .contains("temponest_answer_cache_total{mode=\"exact\",result=\"hit\"")
                .contains("temponest_cache_lookups_total{cache=\"answers\",level=\"near\",result=\"hit\"");
    }

    @Test
    void whoDoesNotAskForItIsNeitherGivenNorKeptAnything() {
        Map<String, Object> body = chat(question());
        server.provider().will(says("One."));
        assertThat(ask(body, Map.of()).headers()).doesNotContainKey("x-temponest-cache");
        server.provider().will(says("Two."));
        answered(ask(body, EXACT), "miss", "Two.");
        server.provider().will(says("Three."));
        answered(ask(body, Map.of()), "", "Three.");
    }

    @Test
    void whatChangesTheAnswerIsAnotherRequest() {
        Map<String, Object> body = chat(question());
        server.provider().will(says("Cold."));
        answered(ask(with(body, "temperature", 0), EXACT), "miss", "Cold.");
        server.provider().will(says("Hot."));
        answered(ask(with(body, "temperature", 1), EXACT), "miss", "Hot.");
        server.provider().will(says("Other."));
        answered(ask(with(body, "model", "fake/owl"), EXACT), "miss", "Other.");
    }

    @Test
    void aWholeAnswerComesAgainAsAStream() {
        Map<String, Object> body = chat(question());
        server.provider().will(says("Hello, 北京."));
        answered(ask(body, EXACT), "miss", "Hello, 北京.");

        List<Frame> frames =
                stream("/v1/chat/completions", with(body, "stream_options", Map.of("include_usage", true)), "hit");

        assertThat(text(frames)).isEqualTo("Hello, 北京.");
        assertThat(frames.getLast()).isEqualTo(Frame.data("[DONE]"));
        JsonNode usage = Json.tree(frames.get(frames.size() - 2).data());
        assertThat(usage.at("/usage/prompt_tokens").asInt()).isEqualTo(9);
        assertThat(Json.tree(frames.get(frames.size() - 3).data())
                        .at("/choices/0/finish_reason")
                        .asText())
                .isEqualTo("stop");
    }

    @Test
    void aStreamComesAgainWholeAndAsAStream() {
        Map<String, Object> body = chat(question());
        server.provider().will(new Act.Say("Hel"), new Act.Say("lo."), new Act.Finish(9, 2));
        assertThat(text(stream("/v1/chat/completions", body, "miss"))).isEqualTo("Hello.");

        answered(kept(body), "hit", "Hello.");
        assertThat(text(stream("/v1/chat/completions", body, "hit"))).isEqualTo("Hello.");
    }

    @Test
    void anotherTenantIsNotGivenIt() {
        Map<String, Object> body = chat(question());
        server.provider().will(says("Ours."));
        answered(ask(body, SEMANTIC), "miss", "Ours.");

        try (ApiCaller stranger = server.stranger()) {
            server.provider().will(says("Theirs."));
            answered(ask(stranger, "/v1/chat/completions", body, SEMANTIC), "miss", "Theirs.");
        }
    }

    @Test
    void aPermissionIsNeededForAKeptAnswerToo() {
        Map<String, Object> body = chat(question());
        server.provider().will(says("Hello."));
        answered(ask(body, EXACT), "miss", "Hello.");
        String key = api.post("/v1/api-keys", Map.of("name", "reader", "scopes", List.of("runs:read")))
                .json()
                .path("key")
                .asText();

        assertThat(ask(api.as(key), "/v1/chat/completions", body, EXACT).status())
                .isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "`\"content\":\"Hel\"`, length",
                "`\"content\":\"H\"`, content_filter",
                "`\"content\":\"H\"`, insufficient_system_resource",
                "`\"content\":null,\"refusal\":\"No.\"`, stop",
                "`\"content\":\"See [1].\",\"annotations\":[{\"type\":\"url_citation\"}]`, stop",
                "`\"content\":null,\"tool_calls\":[{\"id\":\"t\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}]`, tool_calls"
            })
    void whatIsCutOffRefusedOrMoreThanTextIsNotKept(String message, String finish) {
        Map<String, Object> body = chat(question());
        server.provider().will(new Act.Whole(whole(message, finish)));
        assertThat(ask(body, EXACT).header("x-temponest-cache")).isEqualTo("miss");

        server.provider().will(says("Again."));
        answered(ask(body, EXACT), "miss", "Again.");
    }

    @Test
    void aStreamThatBreaksOffIsNotKept() {
        Map<String, Object> body = chat(question());
        server.provider().will(new Act.Say("Hel"), new Act.Cut());
        try (RawStream events = streaming("/v1/chat/completions", body)) {
            assertThat(events.untilBroken()).hasSize(2);
            assertThat(events.header("x-temponest-cache")).isEqualTo("miss");
        }

        server.provider().will(says("Again."));
        answered(ask(body, EXACT), "miss", "Again.");
    }

    @Test
    void callsOfToolsComeAgain() {
        Map<String, Object> body = chat(question());
        server.provider()
                .will(new Act.Whole(whole(
                        "\"content\":null,\"tool_calls\":[{\"id\":\"t1\",\"type\":\"function\","
                                + "\"function\":{\"name\":\"find\",\"arguments\":\"{\\\"q\\\":1}\"}}]",
                        "tool_calls")));
        ask(body, EXACT);

        JsonNode again = ask(body, EXACT).json().at("/choices/0");
        List<Frame> frames = stream("/v1/chat/completions", body, "hit");

        assertThat(again.at("/message/tool_calls/0/function/arguments").asText())
                .isEqualTo("{\"q\":1}");
        assertThat(again.path("finish_reason").asText()).isEqualTo("tool_calls");
        assertThat(frames.stream().map(Frame::data))
                .anyMatch(data -> data.contains("\"id\":\"t1\"") && data.contains("\"name\":\"find\""))
                .anyMatch(data -> data.contains("\"finish_reason\":\"tool_calls\""))
                .endsWith("[DONE]");
    }

    @Test
    void clientsOfAnthropicGetItInTheirForm() {
        Map<String, Object> body = with(chat(question()), "max_tokens", 50);
        server.provider().will(says("Hello."));
        assertThat(ask(api, "/v1/messages", body, EXACT).header("x-temponest-cache"))
                .isEqualTo("miss");

        Answer again = ask(api, "/v1/messages", body, EXACT);
        List<Frame> frames = stream("/v1/messages", body, "hit");

        assertThat(again.header("x-temponest-cache")).isEqualTo("hit");
        assertThat(again.json().at("/content/0/text").asText()).isEqualTo("Hello.");
        assertThat(again.json().path("stop_reason").asText()).isEqualTo("end_turn");
        assertThat(frames.stream().map(Frame::event))
                .containsExactly(
                        "message_start",
                        "content_block_start",
                        "content_block_delta",
                        "content_block_stop",
                        "message_delta",
                        "message_stop");
        assertThat(Json.tree(frames.getFirst().data())
                        .at("/message/usage/input_tokens")
                        .asInt())
                .isEqualTo(9);
    }

    @Test
    void aResponseComesAgainWithItsWholeLifeCycle() {
        Map<String, Object> body = Map.of("model", "fake/parrot", "input", question());
        server.provider().will(says("Hello."));
        ask(api, "/v1/responses", body, EXACT);

        assertThat(ask(api, "/v1/responses", body, EXACT)
                        .json()
                        .at("/output/0/content/0/text")
                        .asText())
                .isEqualTo("Hello.");
        assertThat(stream("/v1/responses", body, "hit").getLast().event()).isEqualTo("response.completed");
    }

    @Test
    void anAnswerThatIsTooOldIsReplaced() {
        Map<String, Object> body = chat(question());
        server.provider().will(says("Old."));
        answered(ask(body, EXACT), "miss", "Old.");
        server.provider().will(says("New."));

        Map<String, String> atOnce = Map.of("X-Temponest-Cache", "exact", "X-Temponest-Cache-Max-Age", "0");
        answered(ask(body, atOnce), "miss", "New.");

        answered(ask(body, EXACT), "hit", "New.");
    }

    /** The ledger is written in groups, in order: with the last call's row, those of all before it are there. */
    @Test
    void aKeptAnswerIsNotInTheLedger() throws SQLException {
        TenantId tenant = server.database().tenant();
        try (ApiCaller somebody = api.as(TestServer.key(server.database(), tenant))) {
            Map<String, Object> body = chat(question());
            server.provider().will(says("Hello."));
            answered(ask(somebody, "/v1/chat/completions", body, EXACT), "miss", "Hello.");
            answered(ask(somebody, "/v1/chat/completions", body, EXACT), "hit", "Hello.");
            server.provider().will(says("Other."));
            answered(ask(somebody, "/v1/chat/completions", chat(question()), EXACT), "miss", "Other.");

            await().atMost(Duration.ofSeconds(10)).until(() -> calls(tenant) >= 2);
            assertThat(calls(tenant)).isEqualTo(2);
        }
    }

    private static long calls(TenantId tenant) throws SQLException {
        try (Connection connection = TestDatabase.connection(server.database().superuserUrl());
                PreparedStatement count =
                        connection.prepareStatement("select count(*) from usage_ledger where tenant_id = ?")) {
            count.setObject(1, tenant.uuid());
            try (ResultSet rows = count.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "X-Temponest-Cache, yes",
        "X-Temponest-Cache-Max-Age, -1",
        "X-Temponest-Cache-Max-Age, soon",
        "X-Temponest-Cache-Similarity, 0.2"
    })
    void aHeaderThatIsWrongIsNamed(String header, String value) {
        Map<String, String> headers = new HashMap<>(SEMANTIC);
        headers.put(header, value);

        Answer answer = ask(chat(question()), headers);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("code")).isEqualTo("invalid_header");
        assertThat(answer.error("param")).isEqualTo(header);
    }

    private static Map<String, Object> told(String system, String question) {
        return with(
                chat(question),
                "messages",
                List.of(Map.of("role", "system", "content", system), Map.of("role", "user", "content", question)));
    }

    @Test
    void aQuestionThatMeansTheSameIsGivenTheSameAnswer() {
        server.provider().will(says("Under Settings."));
        answered(ask(told("Help.", "How do I reset my password?"), SEMANTIC), "miss", "Under Settings.");

        Answer alike = ask(told("Help.", "How can I reset my password?"), SEMANTIC);

        answered(alike, "semantic", "Under Settings.");
        assertThat(Double.parseDouble(alike.header("x-temponest-cache-similarity")))
                .isBetween(0.95, 1.0);
        server.provider().will(says("Exactly."));
        answered(ask(told("Help.", "How can I reset my password?"), EXACT), "miss", "Exactly.");
    }

    /** All but one of these pairs have a cosine above this. */
    private static final Map<String, String> QUITE_ALIKE =
            Map.of("X-Temponest-Cache", "semantic", "X-Temponest-Cache-Similarity", "0.85");

    @ParameterizedTest
    @CsvSource({
        "Be brief., Summarise page 12 of the handbook., Be brief., Summarise page 13 of the handbook.",
        "Cook., How do I bake bread with yeast?, Cook., How do I bake bread without yeast?",
        "Say., How do I delete my account?, Shout., How do I delete my own account?",
        "Tell., What is the capital of France?, Tell., How tall is the tower in Paris?",
        "Hm., How many days are in two weeks?, Hm., How many days are in three weeks?"
    })
    void aQuestionThatDiffersInWhatCountsIsNot(String system, String question, String otherSystem, String other) {
        server.provider().will(says("First."));
        answered(ask(told(system, question), QUITE_ALIKE), "miss", "First.");

        server.provider().will(says("Second."));
        answered(ask(told(otherSystem, other), QUITE_ALIKE), "miss", "Second.");
    }

    @Test
    void aRequestSaysHowMuchAlikeItHasToBe() {
        server.provider().will(says("North."));
        answered(ask(told("Sail.", "Which way does the compass needle point?"), SEMANTIC), "miss", "North.");
        Map<String, Object> other = told("Sail.", "In which direction does a compass point?");
        Map<String, String> loose = Map.of("X-Temponest-Cache", "semantic", "X-Temponest-Cache-Similarity", "0.7");
        Map<String, String> strict = Map.of("X-Temponest-Cache", "semantic", "X-Temponest-Cache-Similarity", "0.999");

        answered(ask(other, loose), "semantic", "North.");
        server.provider().will(says("Again."));
        answered(ask(other, strict), "miss", "Again.");
    }
}
