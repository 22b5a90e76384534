package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.cli.ApiCaller.Answer;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is wrong with a request is told, and nothing of it is written. Nothing else writes to this server's database. */
class BadRequestTest {

    private static final String RUNS = "/v1/agents/developer/runs";

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static ApiCaller api;
    private static String collection;

    @BeforeAll
    static void start() {
        server = TestServer.start(folder);
        api = server.admin();
        collection = TestServer.collection(api, "lighthouse");
        server.awaitIndexedDocumentation();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    record Bad(String why, String method, String path, String body, int status, String param, String code) {

        @Override
        public String toString() {
            return why;
        }
    }

    static Stream<Bad> badRequests() {
        String search = "/v1/collections/" + collection + "/search";
        return Stream.of(
                new Bad("no body", "POST", RUNS, "", 400, "", "body_missing"),
                new Bad("broken JSON", "POST", RUNS, "{\"input\":", 400, "", "json_malformed"),
                new Bad("no object", "POST", RUNS, "[1]", 400, "", "wrong_type"),
                new Bad("missing field", "POST", RUNS, "{}", 400, "input", "missing_field"),
                new Bad("wrong type", "POST", RUNS, "{\"input\": 7}", 400, "input", "invalid_value"),
                new Bad(
                        "wrong type of a number",
                        "POST",
                        RUNS,
                        "{\"input\":\"x\",\"deadline_s\":\"soon\"}",
                        400,
                        "deadline_s",
                        "wrong_type"),
                new Bad("field twice", "POST", RUNS, "{\"input\":\"x\",\"input\":\"y\"}", 400, "", "json_malformed"),
                new Bad("unknown field", "POST", RUNS, "{\"input\":\"x\",\"imput\":1}", 400, "imput", "unknown_field"),
                new Bad(
                        "unknown agent",
                        "POST",
                        "/v1/agents/nobody/runs",
                        "{\"input\":\"x\"}",
                        404,
                        "",
                        "agent_not_found"),
                new Bad(
                        "unknown model",
                        "POST",
                        RUNS,
                        "{\"input\":\"x\",\"model\":\"nowhere/m\"}",
                        400,
                        "model",
                        "model_not_found"),
                new Bad(
                        "unknown collection",
                        "POST",
                        RUNS,
                        "{\"input\":\"x\",\"collections\":[\"%s\"]}".formatted(new Ids().next(Kind.COLLECTION)),
                        400,
                        "collections",
                        "collection_not_found"),
                new Bad(
                        "deadline too long",
                        "POST",
                        RUNS,
                        "{\"input\":\"x\",\"deadline_s\":100000}",
                        400,
                        "deadline_s",
                        "invalid_value"),
                new Bad("malformed cursor", "GET", "/v1/runs?after=soon", "", 400, "after", "invalid_cursor"),
                new Bad(
                        "cursor of another kind",
                        "GET",
                        "/v1/runs?after=" + collection,
                        "",
                        400,
                        "after",
                        "invalid_cursor"),
                new Bad("limit=0", "GET", "/v1/runs?limit=0", "", 400, "limit", "out_of_range"),
                new Bad("limit=x", "GET", "/v1/runs?limit=x", "", 400, "limit", "out_of_range"),
                new Bad("unknown parameter", "GET", "/v1/runs?page=2", "", 400, "page", "unknown_parameter"),
                new Bad("unknown path", "GET", "/v1/nothing", "", 404, "", "path_not_found"),
                new Bad("wrong method", "PUT", "/v1/runs", "{}", 405, "", "method_not_allowed"),
                new Bad("id of another kind", "GET", "/v1/runs/" + collection, "", 404, "", "run_not_found"),
                new Bad("search for nothing", "POST", search, "{\"query\":\"  \"}", 400, "query", "invalid_value"),
                new Bad(
                        "name taken",
                        "POST",
                        "/v1/collections",
                        "{\"name\":\"lighthouse\"}",
                        409,
                        "name",
                        "collection_exists"));
    }

    @ParameterizedTest
    @MethodSource("badRequests")
    void aBadRequestIsToldWhatIsWrongAndNothingIsWritten(Bad bad) {
        Map<String, Long> before = server.rows();

        Answer answer = api.send(
                bad.method(),
                bad.path(),
                BodyPublishers.ofString(bad.body()),
                Map.of("Content-Type", "application/json"));

        assertThat(answer.status()).as(answer.text()).isEqualTo(bad.status());
        assertThat(answer.error("code")).as(answer.text()).isEqualTo(bad.code());
        assertThat(answer.error("param")).as(answer.text()).isEqualTo(bad.param());
        assertThat(answer.error("message")).isNotBlank();
        assertThat(answer.error("request_id"))
                .isEqualTo(String.join("", answer.headers().getOrDefault("x-request-id", List.of())));
        assertThat(server.rows()).isEqualTo(before);
    }

    static Stream<Map.Entry<String, String>> badHeaders() {
        return Stream.of(
                Map.entry("Idempotency-Key", "k".repeat(256)),
                Map.entry("Idempotency-Key", ""),
                Map.entry("Idempotency-Key", "tab\there"),
                Map.entry("If-Match", "unquoted"),
                Map.entry("If-Match", "\"a\" \"b\""),
                Map.entry("If-None-Match", "*, \"a\""),
                Map.entry("x-request-timeout-ms", "soon"));
    }

    @ParameterizedTest
    @MethodSource("badHeaders")
    void aHeaderThatIsWrongIsNamedAndNothingIsWritten(Map.Entry<String, String> bad) {
        Map<String, Long> before = server.rows();

        Answer answer = api.send(
                "POST",
                "/v1/projects",
                BodyPublishers.ofString("{\"slug\":\"headers\",\"name\":\"H\"}"),
                Map.of("Content-Type", "application/json", bad.getKey(), bad.getValue()));

        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.error("code")).isEqualTo("invalid_header");
        assertThat(answer.error("param")).isEqualTo(bad.getKey());
        assertThat(server.rows()).isEqualTo(before);
    }

    /** A request that is refused for its body does not use up its key. */
    @Test
    void aRefusedRequestLeavesItsKeyFree() {
        Map<String, Long> before = server.rows();
        Map<String, String> headers = Map.of("Content-Type", "application/json", "Idempotency-Key", "refused");
        for (int i = 0; i < 2; i++) {
            Answer taken =
                    api.send("POST", "/v1/collections", BodyPublishers.ofString("{\"name\":\"lighthouse\"}"), headers);
            assertThat(taken.error("code")).isEqualTo("collection_exists");
        }
        assertThat(server.rows()).isEqualTo(before);
    }

    @Test
    void aBodyOfElevenMegabytesIsRefusedAndTheConnectionLives() {
        Map<String, Long> before = server.rows();

        Answer answer = api.post(RUNS, "{\"input\":\"" + "x".repeat(11 << 20) + "\"}");

        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.error("code")).isEqualTo("body_too_large");
        assertThat(api.get("/v1/auth/me").status()).isEqualTo(200);
        assertThat(server.rows()).isEqualTo(before);
    }

    @Test
    void aFileThatCannotBeReadIsRefusedAndNotStored() {
        Map<String, Long> before = server.rows();

        Answer program = api.upload(
                "/v1/collections/" + collection + "/documents", "setup.exe", new byte[] {'M', 'Z', 0, 1, 2, 3});
        assertThat(program.status()).isEqualTo(415);
        assertThat(program.error("param")).isEqualTo("file");

        Answer disguised = api.upload(
                "/v1/collections/" + collection + "/documents",
                "paper.pdf",
                "not a PDF".getBytes(StandardCharsets.UTF_8));
        assertThat(disguised.status()).isEqualTo(415);
        assertThat(server.rows()).isEqualTo(before);
    }
}
