package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.cli.ApiCaller.Answer;
import io.temponest.cli.ApiDescription.Operation;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What keeps browsers from being used against our users: headers on every answer, and pages of named origins only. */
class BrowserSafetyTest {

    private static final String ORIGIN = "https://app.example.org";

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static HttpClient http;

    @BeforeAll
    static void start() {
        server = TestServer.start(folder, Map.of("TEMPONEST_CORS_ORIGINS", ORIGIN + ", http://localhost:3000"));
        http = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() {
        http.close();
        server.close();
    }

    @Test
    void everyOperationAnswersWithTheHeadersInSuccessAndInFailure() {
        List<Operation> operations =
                ApiDescription.of(server.admin()).operations().toList();
        int successes = 0;
        try (ApiCaller nobody = server.admin().as("nonsense")) {
            for (Operation operation : operations) {
                String path = operation.path().replaceAll("\\{\\w+}", "x");
                Answer allowed = server.admin().send(operation.method(), path, BodyPublishers.noBody(), Map.of());
                successes += allowed.status() == 200 ? 1 : 0;
                protectedFromBrowsers(operation + " allowed", allowed);
                protectedFromBrowsers(
                        operation + " refused",
                        nobody.send(operation.method(), path, BodyPublishers.noBody(), Map.of()));
            }
        }
        assertThat(operations).hasSizeGreaterThan(30);
        assertThat(successes).isGreaterThan(12);
    }

    @ParameterizedTest
    @CsvSource({"GET, /v1/nothing, 404", "PUT, /v1/runs, 405", "OPTIONS, /v1/runs, 405", "GET, /v1/runs?limit=0, 400"})
    void whatDoesNotExistAnswersWithTheHeadersToo(String method, String path, int status) {
        Answer answer = server.admin().send(method, path, BodyPublishers.noBody(), Map.of());

        assertThat(answer.status()).isEqualTo(status);
        protectedFromBrowsers(method + " " + path, answer);
    }

    @Test
    void thePortForOperatorsHasThemToo() throws IOException, InterruptedException {
        int port = Integer.parseInt(server.process().log().replaceAll("(?s).*metrics and health on (\\d+).*", "$1"));
        for (String path : List.of("/metrics", "/health/live", "/nothing")) {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(answer.headers().map())
                    .containsEntry("x-content-type-options", List.of("nosniff"))
                    .containsEntry("x-frame-options", List.of("DENY"))
                    .containsEntry("content-security-policy", List.of("default-src 'none'; frame-ancestors 'none'"));
        }
    }

    private static void protectedFromBrowsers(String what, Answer answer) {
        assertThat(answer.headers())
                .as(what)
                .containsEntry("x-content-type-options", List.of("nosniff"))
                .containsEntry("x-frame-options", List.of("DENY"))
                .containsEntry("referrer-policy", List.of("no-referrer"))
                .containsEntry("cross-origin-opener-policy", List.of("same-origin"))
                .containsEntry("cross-origin-resource-policy", List.of("same-origin"))
                .containsEntry("vary", List.of("Origin"))
                .containsKeys("permissions-policy", "x-request-id")
                .doesNotContainKeys(
                        "strict-transport-security", "access-control-allow-origin", "server", "x-powered-by");
        assertThat(answer.headers().get("content-security-policy"))
                .as(what)
                .singleElement()
                .asString()
                .startsWith("default-src 'none'")
                .contains("frame-ancestors 'none'")
                .doesNotContain("unsafe");
    }

    private static RawAnswer raw(String method, String path, Map<String, String> headers) throws IOException {
        StringBuilder head =
                new StringBuilder("%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n".formatted(method, path));
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        return RawAnswer.only(server.process().url(), head.append("\r\n").toString());
    }

    private static RawAnswer preflight(String origin, String path) throws IOException {
        return raw("OPTIONS", path, Map.of("Origin", origin, "Access-Control-Request-Method", "POST"));
    }

    @ParameterizedTest
    @ValueSource(strings = {ORIGIN, "http://localhost:3000"})
    void aNamedOriginGetsItsPreflightWithTheMethodsThatExist(String origin) throws IOException {
        RawAnswer answer = preflight(origin, "/v1/runs/x/cancel");

        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.header("access-control-allow-origin")).isEqualTo(origin);
        assertThat(answer.header("access-control-allow-methods")).isEqualTo("POST");
        assertThat(answer.header("access-control-max-age")).isEqualTo("600");
        assertThat(answer.header("access-control-allow-headers")).contains("authorization", "idempotency-key");
        assertThat(answer.head()).doesNotContain("access-control-allow-credentials");
        assertThat(answer.head().toLowerCase(Locale.ROOT))
                .contains("vary: origin", "vary: access-control-request-method");
        assertThat(answer.header("x-content-type-options")).isEqualTo("nosniff");
        assertThat(preflight(origin, "/v1/collections").header("access-control-allow-methods"))
                .isEqualTo("GET, POST");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "*",
                "https://app.example.org.evil.example",
                "https://evil.example",
                "http://app.example.org",
                "https://app.example.org:8443",
                "https://APP.example.org",
                "https://app.example.org/"
            })
    void anyOtherOriginIsAllowedNothing(String origin) throws IOException {
        RawAnswer preflight = preflight(origin, "/v1/runs");
        RawAnswer simple = raw("GET", "/health/live", Map.of("Origin", origin));

        assertThat(preflight.status()).isEqualTo(403);
        assertThat(preflight.body()).contains("\"origin_not_allowed\"");
        assertThat(preflight.head()).doesNotContain("access-control-");
        assertThat(preflight.header("vary")).isEqualTo("Origin");
        assertThat(simple.status()).isEqualTo(200);
        assertThat(simple.head()).doesNotContain("access-control-");
        assertThat(simple.header("vary")).isEqualTo("Origin");
    }

    @Test
    void aPreflightForAPathThatDoesNotExistIsNotFound() throws IOException {
        assertThat(preflight(ORIGIN, "/v1/nothing").status()).isEqualTo(404);
    }

    @Test
    void aPageOfANamedOriginMayReadAnswersAndFailuresAndTheirHeaders() throws IOException {
        for (String path : List.of("/health/live", "/v1/runs", "/v1/nothing")) {
            RawAnswer answer = raw("GET", path, Map.of("Origin", ORIGIN));

            assertThat(answer.header("access-control-allow-origin")).as(path).isEqualTo(ORIGIN);
            assertThat(answer.header("access-control-expose-headers"))
                    .as(path)
                    .contains("x-request-id", "retry-after", "etag", "x-ratelimit-remaining-requests");
        }
    }
}
