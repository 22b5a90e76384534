package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What no proper client sends: requests that two servers could read in two ways, and heads without end. */
class RawSocketTest {

    private static final String SMUGGLED = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";

    @TempDir
    private static Path folder;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(folder);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static URI url() {
        return server.process().url();
    }

    /** Each of these ends its connection, so that what follows in it is never read as a request. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 4\\nTransfer-Encoding: chunked\\n\\n0\\n\\n",
                "Transfer-Encoding: chunked\\nContent-Length: 4\\n\\n0\\n\\n",
                "Content-Length: 4\\nContent-Length: 5\\n\\nabcd",
                "Content-Length: 4, 5\\n\\nabcd",
                "Content-Length: +4\\n\\nabcd",
                "Content-Length: 0x4\\n\\nabcd",
                "Content-Length: -1\\n\\n",
                "Content-Length : 4\\n\\nabcd",
                "Transfer-Encoding : chunked\\n\\n0\\n\\n",
                "Transfer-Encoding: xchunked\\n\\n0\\n\\n",
                "Transfer-Encoding: chunked, identity\\n\\n0\\n\\n",
                "Transfer-Encoding: identity\\n\\n",
                "X-Null: a\u0000b\\n\\n"
            })
    void aRequestThatCouldBeReadInTwoWaysIsRefusedAndEndsItsConnection(String rest) throws IOException {
        RawAnswer answer = RawAnswer.only(
                url(),
                "POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                        + rest.replace("\\n", "\r\n")
                        + SMUGGLED);

        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).contains("\"request_malformed\"");
        assertThat(answer.header("connection")).isEqualTo("close");
        assertThat(answer.header("x-content-type-options")).isEqualTo("nosniff");
    }

    /** RFC 9112, 5.2: a fold is a space, and what is behind it no header of its own. */
    @Test
    void aFoldedLineIsNoHeaderOfItsOwn() throws IOException {
        RawAnswer answer = RawAnswer.only(
                url(),
                "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Folded: a\r\n X-Request-Id: folded\r\n\r\n");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("x-request-id")).startsWith("req_");
    }

    @Test
    void aLineThatEndsWithLineFeedAloneIsRefused() throws IOException {
        RawAnswer answer = RawAnswer.only(url(), "GET /health/live HTTP/1.1\nHost: x\n\n" + SMUGGLED);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("\"request_malformed\"");
    }

    @Test
    void aHeadOrALineWithoutEndIsRefused() throws IOException {
        RawAnswer head = RawAnswer.only(
                url(), "GET /health/live HTTP/1.1\r\nHost: x\r\nX-Long: " + "a".repeat(17 << 10) + "\r\n\r\n");
        RawAnswer line = RawAnswer.only(url(), "GET /" + "a".repeat(9 << 10) + " HTTP/1.1\r\nHost: x\r\n\r\n");

        assertThat(head.status()).isEqualTo(431);
        assertThat(head.body()).contains("\"headers_too_large\"");
        assertThat(line.status()).isEqualTo(414);
        assertThat(line.body()).contains("\"uri_too_long\"");
    }

    private static RawAnswer send(String method, String path, String headers, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return RawAnswer.only(
                url(),
                "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer %s\r\n%sContent-Length: %d\r\n\r\n"
                                .formatted(
                                        method,
                                        path,
                                        TestServer.adminFile(folder).apiKey(),
                                        headers,
                                        bytes.length)
                        + body);
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"})
    void aHeaderDoesNotChangeTheVerb(String header) throws IOException {
        String made = server.admin()
                .post("/v1/collections", java.util.Map.of("name", header))
                .json()
                .path("id")
                .asText();

        RawAnswer answer = send("GET", "/v1/collections/" + made, header + ": DELETE\r\n", "");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(server.admin().get("/v1/collections/" + made).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a%0d%0aSet-Cookie: x=1", "a b", "<script>", "a\u00e9"})
    void anIdThatIsNotFitToBeRepeatedIsReplaced(String id) throws IOException {
        RawAnswer answer = send("GET", "/v1/runs", "X-Request-Id: " + id + "\r\n", "");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("x-request-id")).startsWith("req_");
        assertThat(answer.head().toLowerCase(java.util.Locale.ROOT)).doesNotContain("set-cookie");
    }

    private static Stream<Arguments> bodiesThatNoParserShouldFollow() {
        String deep = "[".repeat(5_000) + "]".repeat(5_000);
        String huge = "1" + "0".repeat(5_000);
        String complex = "The body is nested too deeply or holds too large a value.";
        return Stream.of(
                Arguments.of("{\"input\":\"x\",\"context\":" + deep + "}", "json_too_complex", complex),
                Arguments.of("{\"input\":\"x\",\"deadline_s\":" + huge + "}", "json_too_complex", complex),
                Arguments.of(
                        "{\"input\":\"x\",\"input\":\"y\"}",
                        "json_malformed",
                        "The body is not valid JSON: it breaks off or goes wrong at line 1, column 21."));
    }

    @ParameterizedTest
    @MethodSource("bodiesThatNoParserShouldFollow")
    void deepNestingRepeatedKeysAndHugeNumbersAreRefused(String body, String code, String message) throws IOException {
        RawAnswer answer = send(
                "POST", "/v1/agents/developer/runs", "Content-Type: application/json\r\nX-Request-Id: it\r\n", body);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body())
                .isEqualTo(("{\"error\":{\"message\":\"%s\",\"type\":\"invalid_request_error\",\"param\":null,"
                                + "\"code\":\"%s\",\"request_id\":\"it\"}}")
                        .formatted(message, code));
    }
}
