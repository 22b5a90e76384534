package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temponest.json.Json;
import io.temponest.testing.FakeProvider;
import io.temponest.testing.FakeProvider.Act;
import io.temponest.testing.FakeProvider.Asked;
import io.temponest.testing.TestDatabase;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A gateway that is killed again and again while it relays streams. {@code bench/kills} kills it twenty times and keeps what that
 * prints.
 */
@Tag("alone")
class SpendSurvivalTest {

    private static final int KILLS = Integer.getInteger("spend.kills", 4);
    private static final int STREAMS = 200;
    private static final long SEED = Long.getLong("spend.seed", System.nanoTime());

    @TempDir
    private Path folder;

    @Test
    void everyCallThatTheProviderSawIsInTheLedgerOnce() throws Exception {
        Random random = new Random(SEED);
        TestDatabase database = TestDatabase.create();
        try (FakeProvider provider = FakeProvider.start()) {
            Map<String, String> settings = new HashMap<>(provider.settings());
            settings.putAll(TestServer.databaseSettings(database));
            provider.otherwise(new Act.Say("It turns"), new Act.Hold(new CompletableFuture<>()));
            List<Asked> seen = new ArrayList<>();
            for (int kill = 0; kill < KILLS; kill++) {
                // These have just ended when the gateway dies; the others are in the middle of their stream.
                for (int i = 0; i < STREAMS / 2; i++) {
                    provider.willSay("It turns once.");
                }
                try (TempoNestProcess gateway = TempoNestProcess.start(folder, settings, "up")) {
                    String token = TestServer.admin(gateway, folder).token();
                    CompletableFuture<Void> streams = streams(gateway.url(), token);
                    for (int asked = random.nextInt(STREAMS); asked >= 0; asked--) {
                        seen.add(provider.next());
                    }
                    gateway.kill();
                    streams.get(30, TimeUnit.SECONDS);
                }
                seen.addAll(provider.all());
                provider.forget();
            }
            LedgerRows ledger = new LedgerRows(database);
            Set<UUID> expected = seen.stream().map(LedgerRows::attempt).collect(Collectors.toSet());
            assertThat(expected).hasSameSizeAs(seen);
            try (TempoNestProcess last = TempoNestProcess.start(folder, settings, "up")) {
                last.awaitReady();
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> ledger.all().keySet().containsAll(expected));
            }
            report(ledger, seen.size(), expected);
        }
    }

    private static void report(LedgerRows ledger, int seen, Set<UUID> expected) {
        Map<String, Long> byStatus = ledger.all().values().stream()
                .collect(Collectors.groupingBy(LedgerRows.Row::status, java.util.TreeMap::new, Collectors.counting()));
        Set<UUID> unseen = new HashSet<>(ledger.all().keySet());
        unseen.removeAll(expected);
        System.out.printf(
                "%d kills (seed %d): the provider saw %d calls, the ledger has %d of them; %d more were never sent; %s%n",
                KILLS, SEED, seen, expected.size(), unseen.size(), byStatus);
    }

    /** Completes when all of them are over, however that came. */
    private static CompletableFuture<Void> streams(URI url, String token) {
        HttpRequest request = HttpRequest.newBuilder(url.resolve("/v1/chat/completions"))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(Json.text(Map.of(
                        "model",
                        "fake/parrot",
                        "stream",
                        true,
                        "messages",
                        List.of(Map.of("role", "user", "content", "How does the lamp turn?"))))))
                .build();
        HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        List<CompletableFuture<?>> streams = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            streams.add(http.sendAsync(request, BodyHandlers.ofByteArray()).exceptionally(broken -> null));
        }
        return CompletableFuture.allOf(streams.toArray(CompletableFuture[]::new));
    }
}
