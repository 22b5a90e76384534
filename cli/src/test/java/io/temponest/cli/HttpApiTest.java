package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The API over HTTP: what it answers, and how. */
class HttpApiTest {

    private static final String RUNS = "/v1/agents/developer/runs";

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static ApiCaller api;
    private static String collection;
    private static String run;

    @BeforeAll
    static void start() {
        server = TestServer.start(folder);
        api = server.admin();
        collection = TestServer.collection(api, "lighthouse");
        run = server.answeredRun(collection);
    }

    @AfterAll
    static void stop() {
        server.close();
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

        server.awaitNoUploads();
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

        server.awaitNoUploads();
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
        assertThat(other.status()).isEqualTo(422);
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
                                    Map.of("Content-Type", "application/json"));
                            boolean open = operation.getValue().path("security").isArray();
                            assertThat(answer.status())
                                    .as("%s %s: %s", operation.getKey(), path.getKey(), answer.text())
                                    .satisfies(status -> {
                                        if (open && path.getKey().contains("{")) {
                                            // The operation is there; what the path names is not.
                                            assertThat(status).isEqualTo(404);
                                            assertThat(answer.error("code")).isEqualTo("provider_not_found");
                                        } else if (open) {
                                            assertThat(status).isIn(200, 400);
                                        } else {
                                            assertThat(status).isIn(401, 415);
                                        }
                                    });
                        }));
    }
}
