package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temponest.cli.LedgerRows.Row;
import io.temponest.json.Json;
import io.temponest.testing.FakeProvider;
import io.temponest.testing.FakeProvider.Act;
import io.temponest.testing.FakeProvider.Asked;
import io.temponest.testing.TestDatabase;
import io.temponest.testing.TestIdentity;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that go away in the middle of a stream. */
@Tag("alone")
class HangUpTest {

    private static final int BOUND_MS = 200;

    @TempDir
    private static Path folder;

    private static TestIdentity identity;
    private static TestDatabase database;
    private static FakeProvider provider;
    private static TempoNestProcess process;
    private static String token;

    @BeforeAll
    static void start() throws Exception {
        identity = TestIdentity.make(folder, "gateway");
        Path certificate = Files.writeString(folder.resolve("cert.pem"), identity.certificatePem());
        Path key = Files.writeString(folder.resolve("key.pem"), identity.keyPem());
        database = TestDatabase.create();
        provider = FakeProvider.start();
        Map<String, String> settings = new HashMap<>(provider.settings());
        settings.putAll(TestServer.databaseSettings(database));
        settings.put("TEMPONEST_TLS_CERT", certificate.toString());
        settings.put("TEMPONEST_TLS_KEY", key.toString());
        Path data = folder.resolve("data");
        process = TempoNestProcess.start(data, settings, "up").awaitReady();
        token = TestServer.adminFile(data).apiKey();
    }

    @AfterAll
    static void stop() {
        process.close();
        provider.close();
    }

    private static RawStream stream(HttpClient.Version version) throws Exception {
        HttpClient http = HttpClient.newBuilder()
                .version(version)
                .sslContext(identity.trusted())
                .build();
        return RawStream.post(
                http,
                process.url().resolve("/v1/chat/completions"),
                token,
                Json.text(Map.of(
                        "model",
                        "fake/parrot",
                        "stream",
                        true,
                        "messages",
                        List.of(Map.of("role", "user", "content", "How does the lamp turn?")))));
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void theProvidersStreamEndsAtOnceAndWhatWasUsedIsInTheLedger(HttpClient.Version version) throws Exception {
        for (int round = 0; round < 3; round++) {
            provider.will(new Act.Say("It turns once every twelve"), new Act.Hold(new CompletableFuture<>()));
            RawStream events = stream(version);
            assertThat(events.version()).isEqualTo(version);
            events.next();
            Asked asked = provider.next();

            long since = System.nanoTime();
            events.close();

            long millis = TimeUnit.NANOSECONDS.toMillis(asked.whenGone() - since);
            System.out.printf("%s: hang-up reached the provider after %d ms%n", version, millis);
            assertThat(millis).isLessThanOrEqualTo(BOUND_MS);
            Row row = awaitRow(asked);
            assertThat(row.status()).isEqualTo("cancelled");
            assertThat(row.estimated()).isTrue();
            assertThat(row.inputTokens()).isBetween(4L, 20L);
            assertThat(row.outputTokens()).isBetween(4L, 10L);
        }
    }

    /** The answer has not begun yet when nobody waits for it any more. */
    @Test
    void aCallThatHasNotBegunEndsAsWell() throws Exception {
        CompletableFuture<Void> never = new CompletableFuture<>();
        provider.will(new Act.Hold(never));
        HttpClient http = HttpClient.newBuilder().sslContext(identity.trusted()).build();
        var pending = CompletableFuture.runAsync(() -> RawStream.post(
                http,
                process.url().resolve("/v1/chat/completions"),
                token,
                Json.text(
                        Map.of("model", "fake/parrot", "messages", List.of(Map.of("role", "user", "content", "Hi"))))));
        Asked asked = provider.next();

        long since = System.nanoTime();
        http.shutdownNow();

        assertThat(TimeUnit.NANOSECONDS.toMillis(asked.whenGone() - since)).isLessThanOrEqualTo(BOUND_MS);
        assertThat(awaitRow(asked).status()).isEqualTo("cancelled");
        assertThat(pending).failsWithin(Duration.ofSeconds(10));
    }

    private static Row awaitRow(Asked asked) {
        LedgerRows ledger = new LedgerRows(database);
        await().atMost(Duration.ofSeconds(10)).until(() -> ledger.find(asked).isPresent());
        return ledger.find(asked).orElseThrow();
    }
}
