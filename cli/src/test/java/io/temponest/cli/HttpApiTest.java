package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Answer;
import io.temponest.gateway.auth.AccessToken;
import io.temponest.gateway.auth.AccessTokens;
import io.temponest.gateway.auth.JwtKeys;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The API over HTTP: what it refuses, and how; who gets to see what. */
class HttpApiTest {

    private static final String RUNS = "/v1/agents/developer/runs";
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static ApiCaller api;
    private static String collection;
    private static String document;
    private static String run;

    @BeforeAll
    static void start() {
        server = TestServer.start(folder);
        api = server.admin();
        collection = TestServer.collection(api, "lighthouse");
        document = api.get("/v1/collections/" + collection + "/documents")
                .json()
                .at("/data/0/id")
                .asText();
        server.provider().willSay("The keeper is Marta Olsen. [1] [2]");
        run = TestServer.start(api, "Who is the keeper of the Skerry lighthouse?", List.of(collection));
        assertThat(api.ended(run).path("status").asText()).isEqualTo("succeeded");
        awaitIndexedDocumentation();
    }

    /** So that nothing writes while a test counts rows. */
    private static void awaitIndexedDocumentation() {
        String docs = api.get("/v1/collections")
                .json()
                .path("data")
                .valueStream()
                .filter(known -> known.path("name").asText().equals("temponest-docs"))
                .findFirst()
                .orElseThrow()
                .path("id")
                .asText();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> api.get("/v1/collections/" + docs + "/documents")
                        .json()
                        .path("data")
                        .valueStream()
                        .allMatch(doc -> doc.path("status").asText().equals("indexed")));
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

    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense", "tn_0123456789", "a.b.c"})
    void aRequestWithoutCredentialsOfOursIsRefused(String credentials) {
        Answer answer = api.as(credentials).get("/v1/runs");

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.error("type")).isEqualTo("authentication_error");
        assertThat(answer.headers()).containsKey("www-authenticate");
    }

    @Test
    void aTokenWorksUntilItExpiresOrIsTouched() {
        JwtKeys keys = JwtKeys.readOrMake(folder);
        AccessTokens tokens = new AccessTokens(keys);
        AdminFile admin = TestServer.adminFile(folder);
        String good = api.as("")
                .post("/v1/auth/login", Map.of("email", admin.email(), "password", admin.password()))
                .json()
                .path("access_token")
                .asText();
        JsonNode claims =
                Json.tree(new String(Base64.getUrlDecoder().decode(good.split("\\.", -1)[1]), StandardCharsets.UTF_8));
        String expired = tokens.sign(new AccessToken(
                "t1",
                io.temponest.identity.TypeId.parse(Kind.USER, claims.path("sub").asText())
                        .orElseThrow(),
                new io.temponest.identity.TenantId(io.temponest.identity.TypeId.parse(
                                Kind.TENANT, claims.path("tid").asText())
                        .orElseThrow()
                        .uuid()),
                List.of("admin"),
                EnumSet.allOf(Permission.class),
                Instant.now().minusSeconds(1_000),
                Instant.now().minusSeconds(1)));
        String[] parts = good.split("\\.", -1);
        String none = encode("{\"alg\":\"none\",\"typ\":\"JWT\"}") + "." + parts[1] + ".";

        assertThat(api.as(good).get("/v1/auth/me").status()).isEqualTo(200);
        assertThat(api.as(expired).get("/v1/auth/me").error("code")).isEqualTo("token_expired");
        assertThat(api.as(none).get("/v1/auth/me").error("code")).isEqualTo("token_invalid");
        assertThat(api.as(parts[0] + "." + encode(claims.toString().replace("admin", "owner")) + "." + parts[2])
                        .get("/v1/auth/me")
                        .error("code"))
                .isEqualTo("token_invalid");
    }

    private static String encode(String json) {
        return BASE64.encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void anotherTenantGetsFourHundredAndFourForEverythingAndListsNothing() {
        try (ApiCaller stranger = server.stranger()) {
            String inside = "/v1/collections/" + collection;
            for (String path : List.of(
                    "/v1/runs/" + run,
                    "/v1/runs/" + run + "/steps",
                    "/v1/runs/" + run + "/events",
                    inside,
                    inside + "/documents",
                    inside + "/documents/" + document)) {
                assertThat(api.get(path).status()).as(path).isEqualTo(200);
                assertThat(stranger.get(path).status()).as(path).isEqualTo(404);
            }
            assertThat(stranger.post("/v1/runs/" + run + "/cancel", "").status())
                    .isEqualTo(404);
            assertThat(stranger.post(inside + "/search", Map.of("query", "keeper"))
                            .status())
                    .isEqualTo(404);
            assertThat(stranger.upload(inside + "/documents", "a.txt", new byte[] {'a'})
                            .status())
                    .isEqualTo(404);
            assertThat(stranger.delete(inside + "/documents/" + document).status())
                    .isEqualTo(404);
            assertThat(stranger.delete(inside).status()).isEqualTo(404);
            for (String list : List.of("/v1/runs", "/v1/collections", "/v1/agents", "/v1/projects")) {
                assertThat(stranger.get(list).json().path("data")).as(list).isEmpty();
            }
            assertThat(stranger.get("/v1/runs/count").json().path("count").asInt())
                    .isZero();
        }
        assertThat(api.get("/v1/collections/" + collection + "/documents/" + document)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void aListOfRunsHasNoInputOutputOrCitations() {
        JsonNode listed = api.get("/v1/runs").json().at("/data/0");
        JsonNode whole = api.get("/v1/runs/" + run).json();

        assertThat(listed.has("id")).isTrue();
        assertThat(listed.has("input") || listed.has("output") || listed.has("citations"))
                .isFalse();
        assertThat(whole.has("input") && whole.has("output") && whole.has("citations"))
                .isTrue();
    }

    @Test
    void anUploadLeavesNoFileBehind() {
        api.upload("/v1/collections/" + collection + "/documents", "setup.exe", new byte[] {'M', 'Z', 0, 1, 2, 3});

        awaitNoFile();
    }

    /** The file goes after the answer, not before it. */
    private static void awaitNoFile() {
        await().atMost(Duration.ofSeconds(10)).until(() -> {
            try (Stream<Path> files = Files.list(folder.resolve("uploads"))) {
                return files.findAny().isEmpty();
            }
        });
    }

    /** The client is gone before its file is stored: it closes behind the last byte. */
    @Test
    void aClientThatLeavesLeavesNoFileBehind() throws IOException {
        byte[] content = new byte[5 << 20];
        Arrays.fill(content, (byte) 'a');
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        byte[] head = "--f\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII);
        byte[] tail = "\r\n--f--\r\n".getBytes(StandardCharsets.US_ASCII);
        request.write(("POST /v1/collections/%s/documents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
                        + "Content-Type: multipart/form-data; boundary=f\r\nContent-Length: %d\r\n\r\n")
                .formatted(
                        collection, TestServer.adminFile(folder).apiKey(), head.length + content.length + tail.length)
                .getBytes(StandardCharsets.US_ASCII));
        request.write(head);
        request.write(content);
        request.write(tail);
        for (int i = 0; i < 5; i++) {
            try (Socket socket = new Socket(
                    java.net.InetAddress.getLoopbackAddress(),
                    server.process().url().getPort())) {
                socket.getOutputStream().write(request.toByteArray());
            }
        }

        awaitNoFile();
    }

    @Test
    void aPageGoesOnWhereTheOneBeforeEnded() {
        for (int i = 0; i < 3; i++) {
            api.post("/v1/collections", Map.of("name", "page " + i));
        }
        JsonNode first = api.get("/v1/collections?limit=2").json();
        JsonNode second = api.get(
                        "/v1/collections?limit=2&after=" + first.path("last_id").asText())
                .json();

        assertThat(first.path("has_more").asBoolean()).isTrue();
        assertThat(Stream.concat(
                                first.path("data").valueStream(),
                                second.path("data").valueStream())
                        .map(item -> item.path("id").asText()))
                .hasSize(4)
                .doesNotHaveDuplicates();
    }

    @Test
    void aRepeatedRequestWithAnIdempotencyKeyStartsOneRun() {
        Map<String, String> headers = Map.of("Content-Type", "application/json", "Idempotency-Key", "once-only");
        String body = "{\"input\":\"Say nothing.\",\"model\":\"temponest/extractive\"}";
        Answer first = api.send("POST", RUNS, BodyPublishers.ofString(body), headers);
        Answer again = api.send("POST", RUNS, BodyPublishers.ofString(body), headers);
        Answer other = api.send("POST", RUNS, BodyPublishers.ofString(body.replace("nothing", "all")), headers);

        assertThat(again.json().path("id")).isEqualTo(first.json().path("id"));
        assertThat(other.status()).isEqualTo(409);
    }

    @Test
    void aKeyThatIsRevokedStopsWorkingAtOnceAndItsSecretIsShownOnce() {
        JsonNode issued = api.post("/v1/api-keys", Map.of("name", "ci", "scopes", List.of("runs:read")))
                .json();
        try (ApiCaller key = api.as(issued.path("key").asText())) {
            assertThat(key.get("/v1/runs").status()).isEqualTo(200);
            assertThat(key.post(RUNS, Map.of("input", "x")).status()).isEqualTo(403);
            assertThat(api.get("/v1/api-keys").text())
                    .doesNotContain(issued.path("key").asText());
            assertThat(api.delete("/v1/api-keys/" + issued.path("id").asText()).status())
                    .isEqualTo(204);
            await().atMost(Duration.ofSeconds(2))
                    .until(() -> key.get("/v1/runs").status() == 401);
        }
    }

    @Test
    void theSameSearchAndCountAreAnsweredOverHttp() {
        JsonNode found = api.post("/v1/collections/" + collection + "/search", Map.of("query", "Who feeds the cat?"))
                .json();
        assertThat(found.at("/data/0/text").asText()).contains("Marta Olsen");
        JsonNode count = api.post("/v1/tokens/count", Map.of("model", "openai/gpt-4o", "text", "Hello, world!"))
                .json();
        assertThat(count.path("tokens").asInt()).isEqualTo(4);
        assertThat(count.path("exact").asBoolean()).isTrue();
        assertThat(api.get("/v1/models").text()).contains("temponest/extractive", "fake/parrot");
    }

    @Test
    void everyAnswerCarriesTheHeadersThatKeepABrowserSafe() {
        Answer answer = api.get("/v1/runs");

        assertThat(answer.headers())
                .containsEntry("x-content-type-options", List.of("nosniff"))
                .containsKey("x-request-id");
    }

    /** Every operation of the description exists: with no credentials it is refused for that, or it is public. */
    @Test
    void everyDescribedOperationExists() {
        JsonNode paths = api.get("/openapi.json").json().path("paths");
        ApiCaller nobody = api.as("");
        paths.propertyStream()
                .forEach(path -> path.getValue()
                        .propertyStream()
                        .filter(operation -> operation.getValue().has("responses"))
                        .forEach(operation -> {
                            Answer answer = nobody.send(
                                    operation.getKey().toUpperCase(java.util.Locale.ROOT),
                                    path.getKey().replaceAll("\\{\\w+}", "x"),
                                    BodyPublishers.noBody(),
                                    Map.of());
                            boolean open = operation.getValue().path("security").isArray();
                            assertThat(answer.status())
                                    .as("%s %s: %s", operation.getKey(), path.getKey(), answer.text())
                                    .satisfies(status -> {
                                        if (open) {
                                            assertThat(status).isIn(200, 400);
                                        } else {
                                            assertThat(status).isIn(401, 415);
                                        }
                                    });
                        }));
    }
}
