package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that send as little as they can for as long as they can: they are let go, and nobody else waits for them. */
class SlowClientTest {

    private static final int MANY = 150;

    @TempDir
    private static Path folder;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(folder, Map.of("TEMPONEST_HEAD_TIMEOUT", "1", "TEMPONEST_BODY_TIMEOUT", "1"));
        server.awaitIndexedDocumentation();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String head(String line, String headers) {
        return "%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s\r\n"
                .formatted(line, TestServer.adminFile(folder).apiKey(), headers);
    }

    /** What comes back to each of some clients that send the rest of their request byte by byte, all at once. */
    private static List<String> answers(List<String> beginnings, String rest) throws Exception {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> answers = new ArrayList<>();
            for (String beginning : beginnings) {
                answers.add(clients.submit(() -> {
                    try (SlowClient client = SlowClient.begin(server.process().url(), beginning)) {
                        return client.trickle(rest);
                    }
                }));
            }
            List<String> texts = new ArrayList<>();
            for (Future<String> answer : answers) {
                texts.add(answer.get());
            }
            return texts;
        }
    }

    @Test
    void aHeadThatTricklesInEndsItsConnectionWithoutAnAnswer() throws Exception {
        List<String> beginnings =
                List.of("", "G", "GET /health/live HTTP/1.1\r\n", "GET /health/live HTTP/1.1\r\nX-Slow: ");

        assertThat(answers(beginnings, "x")).containsExactly("", "", "", "");
    }

    /** A connection that has had its answer begins anew. */
    @Test
    void theHeadOfTheNextRequestOfAConnectionMayNotTrickleInEither() throws Exception {
        List<String> answers =
                answers(List.of("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"), "GET /health/live HTTP/1.1\r\nX");

        assertThat(RawAnswer.of(answers.getFirst()).status()).isEqualTo(200);
    }

    @Test
    void aBodyThatTricklesInIsRefusedAndEndsItsConnection() throws Exception {
        String collection = server.admin()
                .post("/v1/collections", Map.of("name", "slow"))
                .json()
                .path("id")
                .asText();
        List<String> beginnings = List.of(
                head("POST /v1/auth/login", "Content-Type: application/json\r\nContent-Length: 1000000\r\n") + "{",
                head("POST /v1/projects", "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n")
                        + "f4240\r\n{",
                head("GET /v1/projects", "Content-Length: 1000000\r\n"),
                head(
                                "POST /v1/collections/" + collection + "/documents",
                                "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000000\r\n")
                        + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n");
        Map<String, Long> before = server.rows();

        for (String text : answers(beginnings, " ")) {
            RawAnswer answer = RawAnswer.of(text);

            assertThat(answer.status()).as(text).isEqualTo(408);
            assertThat(answer.error("type")).isEqualTo("request_timeout_error");
            assertThat(answer.error("code")).isEqualTo("body_too_slow");
            assertThat(answer.error("param")).isEmpty();
            assertThat(answer.error("message")).isEqualTo("The body did not arrive in time.");
        }
        assertThat(server.rows()).isEqualTo(before);
        server.awaitNoUploads();
    }

    /** What is refused by its head is answered at once; nobody listens to its body for long. */
    @Test
    void theBodyOfARefusedRequestIsNotReadForLong() throws Exception {
        List<String> answers = answers(
                List.of(
                        "POST /v1/projects HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n",
                        "POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"),
                " ");

        assertThat(answers).extracting(text -> RawAnswer.of(text).status()).containsExactly(401, 404);
    }

    @Test
    void othersAreServedWhileManyAreSlow() throws IOException {
        List<SlowClient> heads = many("GET /health/live HTTP/1.1\r\nX-Slow: ");
        List<SlowClient> bodies =
                many(head("POST /v1/projects", "Content-Type: application/json\r\nContent-Length: 1000000\r\n"));

        for (int i = 0; i < 20; i++) {
            String project = "{\"slug\":\"fast%d\",\"name\":\"Fast\"}".formatted(i);
            RawAnswer answer = RawAnswer.only(
                    server.process().url(),
                    head(
                                    "POST /v1/projects",
                                    "Connection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
                                            .formatted(project.length()))
                            + project);
            assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        }

        assertThat(heads).allSatisfy(slow -> assertThat(slow.trickle("x")).isEmpty());
        assertThat(bodies)
                .allSatisfy(slow -> assertThat(RawAnswer.of(slow.trickle(" ")).error("code"))
                        .isEqualTo("body_too_slow"));
    }

    private static List<SlowClient> many(String beginning) {
        List<SlowClient> clients = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            clients.add(begin(beginning));
        }
        return clients;
    }

    private static SlowClient begin(String beginning) {
        try {
            return SlowClient.begin(server.process().url(), beginning);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
