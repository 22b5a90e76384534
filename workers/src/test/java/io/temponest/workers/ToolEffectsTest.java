package io.temponest.workers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temponest.agent.Agent;
import io.temponest.agent.AgentSpec;
import io.temponest.agent.AgentStore;
import io.temponest.agent.NewAgent;
import io.temponest.agent.ToolGrant;
import io.temponest.approval.Approval;
import io.temponest.approval.ApprovalStore;
import io.temponest.approval.ApprovalStore.NewVote;
import io.temponest.approval.Decision;
import io.temponest.identity.Ids;
import io.temponest.identity.KeyLimits;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.Principal;
import io.temponest.identity.TypeId;
import io.temponest.json.Json;
import io.temponest.model.Message;
import io.temponest.model.ModelName;
import io.temponest.run.NewRun;
import io.temponest.run.Run;
import io.temponest.run.RunRequest;
import io.temponest.run.RunStatus;
import io.temponest.run.RunStore;
import io.temponest.store.DatabaseUrl;
import io.temponest.store.PageRequest;
import io.temponest.store.Postgres;
import io.temponest.testing.FakeProvider;
import io.temponest.testing.FakeProvider.Act;
import io.temponest.testing.TestDatabase;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker that is killed in the middle of calls, by their effects, and the one after it. */
class ToolEffectsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    private final TestDatabase database = TestDatabase.create();
    private final Ids ids = new Ids();
    private final Vertx vertx = Vertx.vertx();
    private final Postgres postgres = database.connect(vertx);
    private final RunStore runs = new RunStore(postgres, ids);
    private final Principal caller = new Principal(
            database.tenant(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Set.of(Permission.values()),
            KeyLimits.NONE);

    @Test
    void aCallIsMadeAgainOrAskedAboutOrLeftToAPersonWhenItsWorkerWasKilled() throws IOException {
        try (FakeProvider provider = FakeProvider.start()) {
            Process first = worker(provider, false);
            TypeId idempotent;
            TypeId queryable;
            TypeId doubtful;
            try {
                idempotent = begin(provider, "idempotent");
                queryable = begin(provider, "queryable");
                doubtful = begin(provider, "unsafe");
                await().atMost(PATIENCE).until(() -> ledger().size() == 3);
            } finally {
                first.destroyForcibly().onExit().join();
            }
            Process second = worker(provider, true);
            try {
                Run again = ended(idempotent);
                Run asked = ended(queryable);
                await().atMost(PATIENCE).until(() -> run(doubtful).status() == RunStatus.WAITING);

                assertThat(again.output()).contains("Done.");
                assertThat(again.recoveries()).isEqualTo(1);
                assertThat(asked.output()).contains("Done.");
                String key = ":3";
                assertThat(ledger())
                        .containsExactlyInAnyOrder(
                                "called idempotent " + again.id() + key,
                                "called idempotent " + again.id() + key,
                                "called queryable " + asked.id() + key,
                                "asked queryable " + asked.id() + key,
                                "called unsafe " + doubtful + key);
                assertThat(told(provider, "queryable")).isEqualTo("it is there");
                answer(doubtful, Decision.TRY_AGAIN);
                ended(doubtful);
                assertThat(ledger().stream().filter(("called unsafe " + doubtful + key)::equals))
                        .hasSize(2);
            } finally {
                second.destroyForcibly().onExit().join();
            }
        } finally {
            postgres.close().await();
            vertx.close().await();
        }
    }

    private TypeId begin(FakeProvider provider, String effect) {
        provider.model(effect).will(call(effect), new Act.FinishSilently());
        provider.model(effect).will(new Act.Say("Done."), new Act.Finish(1, 1));
        return start(effect);
    }

    private static Act call(String tool) {
        Map<String, Object> function = Map.of("name", tool, "arguments", "{\"what\":1}");
        return new Act.Raw("data: "
                + Json.text(Map.of(
                        "choices",
                        List.of(Map.of(
                                "delta",
                                Map.of("tool_calls", List.of(Map.of("index", 0, "id", "c", "function", function)))))))
                + "\n\n");
    }

    private static String told(FakeProvider provider, String model) {
        var messages = provider.model(model).all().getLast().body().path("messages");
        return messages.path(messages.size() - 1).path("content").asText();
    }

    private TypeId start(String effect) {
        AgentStore agents = new AgentStore(postgres, ids);
        AgentSpec spec = new AgentSpec(
                "Do it.",
                Optional.empty(),
                0,
                1,
                Optional.empty(),
                100,
                1_000,
                1_000,
                List.of(),
                new AgentSpec.Retrieval(1, 0.9),
                new AgentSpec.CitationRule(0, 0.9),
                Optional.empty(),
                Optional.of(List.of(new ToolGrant(effect, Optional.empty()))),
                Optional.empty(),
                Optional.empty());
        Agent agent = postgres.inTenant(
                        caller.tenant(), sql -> agents.create(sql, caller, new NewAgent(effect, effect, "", spec)))
                .await();
        RunRequest request = new RunRequest(
                List.of(new Message(Message.Role.USER, "Go.")), Optional.empty(), List.of(), Optional.empty());
        return runs.create(
                        caller,
                        new NewRun(
                                agent,
                                Optional.empty(),
                                request,
                                ModelName.parse("fake/" + effect),
                                Duration.ofMinutes(5)))
                .await()
                .id();
    }

    private void answer(TypeId run, Decision decision) {
        TypeId person = ids.next(Kind.USER);
        Approval question = new ApprovalStore(postgres)
                .list(
                        caller.tenant(),
                        new ApprovalStore.Filter(Optional.of("pending"), Optional.of(run), Optional.empty()),
                        new PageRequest(1, Optional.empty(), Optional.empty(), true))
                .await()
                .items()
                .getFirst();
        String word = postgres.inTenant(
                        caller.tenant(),
                        sql -> ApprovalStore.vote(
                                sql,
                                new NewVote(
                                        question.id(),
                                        Optional.of(person),
                                        Optional.empty(),
                                        decision,
                                        1,
                                        Optional.empty(),
                                        Optional.empty())))
                .await();
        assertThat(word).isEqualTo("decided");
    }

    private Run run(TypeId run) {
        return runs.get(caller.tenant(), run).await().orElseThrow();
    }

    private Run ended(TypeId run) {
        Run ended = await().atMost(PATIENCE)
                .until(() -> run(run), found -> found.status().terminal());
        assertThat(ended.status()).as(ended.toString()).isEqualTo(RunStatus.SUCCEEDED);
        return ended;
    }

    private List<String> ledger() throws IOException {
        Path file = folder.resolve("ledger");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    private Process worker(FakeProvider provider, boolean answers) throws IOException {
        DatabaseUrl url = database.appUrl();
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-XX:+UseCompactObjectHeaders",
                        "-XX:TieredStopAtLevel=1",
                        "-Dai.djl.offline=true",
                        "-DOPT_OUT_TRACKING=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LedgerWorker.class.getName(),
                        folder.toString(),
                        "postgresql://%s:%s@%s:%d/%s"
                                .formatted(url.user(), url.password().reveal(), url.host(), url.port(), url.database()),
                        provider.baseUrl().toString(),
                        Boolean.toString(answers))
                .redirectErrorStream(true)
                .start();
        BufferedReader said = process.inputReader();
        StringBuilder heard = new StringBuilder();
        for (String line = said.readLine(); !"ready".equals(line); line = said.readLine()) {
            if (line == null) {
                throw new AssertionError("the worker did not start:\n" + heard);
            }
            heard.append(line).append("\n");
        }
        Thread.ofPlatform().daemon().start(() -> said.lines().forEach(line -> {}));
        return process;
    }
}
