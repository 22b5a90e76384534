package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.cli.ApiCaller.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an uploaded file is called is a text, which names nothing on the server's disk. */
class FileNameTest {

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static String documents;

    @BeforeAll
    static void start() {
        Path data = folder.resolve("a/b/c/data");
        server = TestServer.start(data);
        server.awaitIndexedDocumentation();
        documents = "/v1/collections/"
                + server.admin()
                        .post("/v1/collections", Map.of("name", "names"))
                        .json()
                        .path("id")
                        .asText()
                + "/documents";
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.sorted().toList();
        }
    }

    /** As it stands between the quotes of the form, and as it is kept. */
    static Stream<Arguments> names() {
        return Stream.of(
                Arguments.of("../../x.txt", "x.txt"),
                Arguments.of("../../../../../../../../tmp/x.txt", "x.txt"),
                Arguments.of(folder.resolve("absolute.txt").toString(), "absolute.txt"),
                Arguments.of("/etc/cron.d/x.txt", "x.txt"),
                Arguments.of("..\\..\\x.txt", "x.txt"),
                Arguments.of("C:\\Windows\\x.txt", "x.txt"),
                Arguments.of("..%2f..%2fx.txt", "..%2f..%2fx.txt"),
                Arguments.of("a%00.txt", "a%00.txt"),
                Arguments.of("~root.txt", "~root.txt"),
                Arguments.of("..", ".."),
                Arguments.of("....//x.txt", "x.txt"),
                Arguments.of("file:///etc/x.txt", "x.txt"),
                Arguments.of("$(touch left-behind).txt", "$(touch left-behind).txt"),
                // The reader of forms puts spaces for the signs that a form's own lines are made of.
                Arguments.of("' ; DROP TABLE documents; --.txt", "'   DROP TABLE documents  --.txt"),
                Arguments.of("<img src=x onerror=alert(1)>.txt", "<img src x onerror alert(1)>.txt"),
                Arguments.of("a\tb.txt", "a b.txt"),
                // A line end ends a form's line, and the name with it.
                Arguments.of("a\r\nSet-Cookie: x=1\r\n.txt", "a"));
    }

    @ParameterizedTest
    @MethodSource("names")
    void aNameIsKeptAsItsLastPartAndNoFileIsCalledSo(String sent, String kept) throws IOException {
        List<Path> before = files();

        Answer uploaded = server.admin().upload(documents, sent, new byte[] {'x'});

        assertThat(uploaded.status()).as(uploaded.text()).isEqualTo(202);
        assertThat(uploaded.json().at("/data/0/filename").asText()).isEqualTo(kept);
        Answer read = server.admin()
                .get(documents + "/" + uploaded.json().at("/data/0/id").asText());
        assertThat(read.json().path("filename").asText()).isEqualTo(kept);
        for (Answer answer : List.of(uploaded, read)) {
            assertThat(answer.headers()).doesNotContainKeys("content-disposition", "set-cookie");
        }
        server.awaitNoUploads();
        assertThat(files()).isEqualTo(before);
        assertThat(Path.of(HostileTexts.LEFT_BEHIND)).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\0.txt", "a\u0001.txt", "a\u0085b.txt", " ", "folder/"})
    void aNameWithControlsOrWithoutALastPartIsRefused(String name) throws IOException {
        Map<String, Long> rows = server.rows();
        List<Path> before = files();

        Answer refused = server.admin().upload(documents, name, new byte[] {'x'});

        assertThat(refused.status()).as(refused.text()).isEqualTo(400);
        assertThat(refused.error("type")).isEqualTo("invalid_request_error");
        assertThat(refused.error("code")).isEqualTo("file_name_invalid");
        assertThat(refused.error("param")).isEqualTo("file");
        assertThat(refused.error("message"))
                .isEqualTo("A file name must have 1 to 255 characters and no control characters.");
        assertThat(server.rows()).isEqualTo(rows);
        server.awaitNoUploads();
        assertThat(files()).isEqualTo(before);
    }
}
