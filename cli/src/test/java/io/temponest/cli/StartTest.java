package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temponest.testing.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person sees of a start and of a stop. */
@Tag("alone")
class StartTest {

    @TempDir
    private Path folder;

    @Test
    void theFirstStartShowsCredentialsOnceAndNoStartWarnsOrBlocksAnEventLoop() throws IOException {
        try (TempoNestProcess first = TempoNestProcess.start(folder, Map.of(), "up");
                ApiCaller api = TestServer.admin(first, folder)) {
            AdminFile admin = TestServer.adminFile(folder);
            assertThat(first.log()).contains(admin.email(), admin.password(), admin.apiKey());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(AdminFile.in(folder))))
                    .isEqualTo("rw-------");
            TestServer.collection(api, "lighthouse");
            assertThat(first.stop()).isZero();
            calm(first);
        }
        try (TempoNestProcess second = TempoNestProcess.start(folder, Map.of(), "up");
                ApiCaller api = TestServer.admin(second, folder)) {
            assertThat(api.get("/health/ready").status()).isEqualTo(200);
            assertThat(second.ops("/metrics"))
                    .containsPattern("temponest_runs_executing 0")
                    .containsPattern("vertx_eventbus_handlers [1-9][0-9]");
            assertThat(second.log()).doesNotContain(TestServer.adminFile(folder).apiKey());
            assertThat(second.stop()).isZero();
            calm(second);
        } finally {
            TempoNestProcess.endDatabase(folder);
        }
    }

    /** The model's native code must not run any more when the process ends. */
    @Test
    void aStopInTheMiddleOfIndexingIsAnOrderlyOne() {
        TestDatabase database = TestDatabase.create();
        try (TempoNestProcess process = TempoNestProcess.start(folder, TestServer.databaseSettings(database), "up");
                ApiCaller api = TestServer.admin(process, folder)) {
            String collection = api.post("/v1/collections", Map.of("name", "long"))
                    .json()
                    .path("id")
                    .asText();
            String text = "The keeper of the Skerry lighthouse feeds the cat and writes it down.\n\n".repeat(20_000);
            String document = api.upload(
                            "/v1/collections/" + collection + "/documents",
                            "long.md",
                            text.getBytes(StandardCharsets.UTF_8))
                    .json()
                    .at("/data/0/id")
                    .asText();
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> api.get("/v1/collections/" + collection + "/documents/" + document)
                            .json()
                            .path("status")
                            .asText()
                            .equals("indexing"));
            assertThat(process.stop()).as(process.log()).isZero();
            calm(process);
        }
        assertThat(database.execute("update documents set owner = owner where status = 'queued' and owner is null"))
                .isPositive();
    }

    /** The model is still being loaded then. */
    @Test
    void aStopInTheMomentOfReadinessIsAnOrderlyOne() {
        Map<String, String> settings = TestServer.databaseSettings(TestDatabase.create());
        for (int round = 0; round < 4; round++) {
            try (TempoNestProcess process = TempoNestProcess.start(folder, settings, "up")) {
                process.awaitReady();
                assertThat(process.stop()).as(process.log()).isZero();
                assertThat(process.lines().getLast()).startsWith("Stopped after");
            }
        }
    }

    private static void calm(TempoNestProcess process) {
        assertThat(process.lines())
                .filteredOn(line -> !line.contains(" document."))
                .hasSizeLessThan(18);
        assertThat(process.lines())
                .noneMatch(line -> line.contains("WARN")
                        || line.contains("ERROR")
                        || line.contains("Exception")
                        || line.contains("blocked"));
    }

    @Test
    void aPortThatIsTakenIsNamed() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Map<String, String> settings = new HashMap<>(TestServer.databaseSettings(TestDatabase.create()));
            settings.put("TEMPONEST_HTTP_PORT", Integer.toString(taken.getLocalPort()));

            assertThat(fails(settings, "up", 1)).contains(Integer.toString(taken.getLocalPort()), "--http-port");
        }
    }

    @Test
    void allMistakesInTheSettingsAreToldAtOnce() {
        assertThat(fails(Map.of("TEMPONEST_LOG_LEVEL", "loud", "TEMPONEST_MAX_RUNNING", "many"), "up", 2))
                .contains("TEMPONEST_LOG_LEVEL", "TEMPONEST_MAX_RUNNING");
    }

    @Test
    void aGatewayWithoutADatabaseSaysWhichSettingItNeeds() {
        assertThat(fails(Map.of(), "gateway", 2)).contains("TEMPONEST_DATABASE_URL", "TEMPONEST_CLUSTER");
    }

    @Test
    void aGatewayDoesNotStartOnADatabaseThatCannotBeReached() {
        Map<String, String> settings = Map.of(
                "TEMPONEST_DATABASE_URL", "postgresql://app:secret@127.0.0.1:1/none",
                "TEMPONEST_CLUSTER", "static",
                "TEMPONEST_CLUSTER_MEMBERS", "127.0.0.1:1");

        assertThat(fails(settings, "gateway", 1)).contains("127.0.0.1").doesNotContain("secret");
    }

    private String fails(Map<String, String> settings, String command, int code) {
        try (TempoNestProcess process = TempoNestProcess.start(folder, settings, command)) {
            assertThat(process.exitCode()).as(process.log()).isEqualTo(code);
            assertThat(process.lines()).as(process.log()).hasSizeLessThan(8);
            return String.join("\n", List.copyOf(process.lines()));
        }
    }
}
