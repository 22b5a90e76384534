package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Events;
import io.temponest.embedded.UnpackedPostgres;
import io.temponest.identity.Ids;
import io.temponest.testing.FakeProvider;
import io.temponest.testing.FakeProvider.Act;
import io.temponest.testing.TestDatabase;
import io.temponest.testing.TestPorts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that are killed in the middle of a run. */
@Tag("alone")
class SurvivalTest {

    private static final String TASK = "Who is the keeper of the Skerry lighthouse?";
    private static final String ANSWER =
            "The keeper of the Skerry lighthouse is Marta Olsen, who also feeds the cat. [1] [2]";

    @TempDir
    private Path folder;

    private FakeProvider provider;

    @BeforeEach
    void startTheProvider() {
        provider = FakeProvider.start();
    }

    @AfterEach
    void stopTheProvider() {
        provider.close();
    }

    @Test
    void aRunWhoseProcessWasKilledEndsAfterTheNextStart() throws IOException {
        UnpackedPostgres.in(folder.resolve("postgres"));
        try {
            String run;
            try (TempoNestProcess first = TempoNestProcess.start(folder, provider.settings(), "up");
                    ApiCaller api = TestServer.admin(first, folder)) {
                run = begin(api);
                first.kill();
            }
            provider.willSay(ANSWER);
            try (TempoNestProcess second = TempoNestProcess.start(folder, provider.settings(), "up");
                    ApiCaller api = TestServer.admin(second, folder)) {
                finished(api, run, 1);
                assertThat(second.log()).doesNotContain("API key");
            }
        } finally {
            TempoNestProcess.endDatabase(folder);
        }
    }

    /**
     * The run's journal is altered behind the worker's back while the model answers: a worker that searched again would show
     * the passage as it was.
     */
    @Test
    void aSecondWorkerEndsTheRunOfAKilledOneWithinSixSecondsAndSearchesNothingAgain() {
        inACluster((running, database) -> {
            assertThat(database.execute(
                            "update run_steps set payload = replace(payload::text, 'Marta', 'Berit')::jsonb where run_id = ?"
                                    + " and kind = 'retrieval' and phase = 'done'",
                            uuid(running.run())))
                    .isEqualTo(1);
            provider.willSay(ANSWER);

            long since = System.nanoTime();
            running.worker().kill();
            await().atMost(Duration.ofSeconds(6))
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> running.api()
                            .get("/v1/runs/" + running.run())
                            .json()
                            .has("finished_at"));
            System.out.printf(
                    "the second worker ended the run %d ms after the kill%n", (System.nanoTime() - since) / 1_000_000);

            finished(running.api(), running.run(), 1);
            assertThat(provider.next().body().toString())
                    .contains("Berit Olsen")
                    .doesNotContain("Marta Olsen");
        });
    }

    /** A worker that is told to stop hands its run over, and the run is not charged with a recovery. */
    @Test
    void aSecondWorkerEndsTheRunOfOneThatWasStopped() {
        inACluster((running, database) -> {
            provider.willSay(ANSWER);

            assertThat(running.worker().stop()).as(running.worker().log()).isZero();

            finished(running.api(), running.run(), 0);
        });
    }

    /** A run in the middle of its model call, and the worker that executes it. */
    private record Running(ApiCaller api, TempoNestProcess worker, String run) {}

    /** A gateway and two workers, each a process of its own; the run began when there was only the first. */
    private void inACluster(BiConsumer<Running, TestDatabase> test) {
        TestDatabase database = TestDatabase.create();
        Map<String, String> cluster = cluster(database);
        try (TempoNestProcess maker = TempoNestProcess.start(folder, TestServer.databaseSettings(database), "up")) {
            maker.awaitReady();
        }
        try (TempoNestProcess gateway = TempoNestProcess.start(folder, member(cluster, 0), "gateway");
                TempoNestProcess worker = TempoNestProcess.start(folder, member(cluster, 1), "worker");
                ApiCaller api = TestServer.admin(gateway, folder)) {
            worker.awaitReady();
            String run = begin(api);
            try (TempoNestProcess second = TempoNestProcess.start(folder, member(cluster, 2), "worker")) {
                second.awaitReady();
                test.accept(new Running(api, worker, run), database);
            }
        }
    }

    /** Starts a run and leaves it in the middle of its model call. */
    private String begin(ApiCaller api) {
        String collection = TestServer.collection(api, "lighthouse " + new Ids().nextTenant());
        provider.will(new Act.Say("The kee"), new Act.Hold(new CompletableFuture<>()));
        String run = TestServer.start(api, TASK, List.of(collection));
        try (Events events = api.events(run, Optional.empty())) {
            assertThat(events.next("delta").path("text").asText()).isEqualTo("The kee");
        }
        assertThat(provider.next().body().toString()).contains("Marta Olsen");
        return run;
    }

    /** The run ended well, and its journal has each step once and its events no gap. */
    private static void finished(ApiCaller api, String run, int recoveries) {
        JsonNode ended = api.ended(run);
        assertThat(ended.path("status").asText()).as(ended.toString()).isEqualTo("succeeded");
        assertThat(ended.path("output").asText()).isEqualTo(ANSWER);
        assertThat(ended.path("recoveries").asInt()).isEqualTo(recoveries);
        assertThat(ended.at("/citations/0/filename").asText()).isEqualTo("handbook.md");
        assertThat(TestServer.kinds(api, run)).containsExactly("retrieval", "llm");
        List<Long> ids = TestServer.eventIds(api, run);
        assertThat(ids)
                .isEqualTo(java.util.stream.LongStream.rangeClosed(1, ids.size())
                        .boxed()
                        .toList());
    }

    private static java.util.UUID uuid(String run) {
        return io.temponest.identity.TypeId.parse(io.temponest.identity.Kind.RUN, run)
                .orElseThrow()
                .uuid();
    }

    private Map<String, String> cluster(TestDatabase database) {
        List<Integer> ports = TestPorts.next(3);
        Map<String, String> settings = new HashMap<>(provider.settings());
        settings.putAll(TestServer.databaseSettings(database));
        settings.put("TEMPONEST_CLUSTER", "static");
        settings.put(
                "TEMPONEST_CLUSTER_MEMBERS",
                String.join(",", ports.stream().map(port -> "127.0.0.1:" + port).toList()));
        return settings;
    }

    private static Map<String, String> member(Map<String, String> cluster, int number) {
        Map<String, String> settings = new HashMap<>(cluster);
        String address = cluster.getOrDefault("TEMPONEST_CLUSTER_MEMBERS", "").split(",", -1)[number];
        settings.put("TEMPONEST_CLUSTER_PORT", address.substring(address.indexOf(':') + 1));
        return settings;
    }
}
