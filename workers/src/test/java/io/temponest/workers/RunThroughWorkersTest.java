package io.temponest.workers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temponest.agent.Agent;
import io.temponest.agent.AgentStore;
import io.temponest.agent.BuiltInAgents;
import io.temponest.audit.Actor;
import io.temponest.bus.Deadline;
import io.temponest.config.Environment;
import io.temponest.identity.Ids;
import io.temponest.identity.KeyLimits;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.Principal;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.json.Json;
import io.temponest.knowledge.CollectionStore;
import io.temponest.knowledge.Document;
import io.temponest.knowledge.DocumentStatus;
import io.temponest.knowledge.DocumentStore;
import io.temponest.knowledge.Location;
import io.temponest.knowledge.NewDocument;
import io.temponest.knowledge.Passage;
import io.temponest.model.Message;
import io.temponest.model.ModelName;
import io.temponest.model.ModelsConfig;
import io.temponest.model.relay.ModelSupply;
import io.temponest.node.Node;
import io.temponest.node.NodeConfig;
import io.temponest.run.NewRun;
import io.temponest.run.Run;
import io.temponest.run.RunAddresses;
import io.temponest.run.RunAddresses.Cancel;
import io.temponest.run.RunAddresses.RunReady;
import io.temponest.run.RunEvent;
import io.temponest.run.RunRequest;
import io.temponest.run.RunStatus;
import io.temponest.run.RunStep;
import io.temponest.run.RunStore;
import io.temponest.store.Postgres;
import io.temponest.testing.TestDatabase;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs as the gateway makes them, executed by real workers on a real database. */
class RunThroughWorkersTest {

    private static final Actor NOBODY =
            new Actor(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    private static final String HANDBOOK = """
            # Lighthouse handbook

            ## Lamp
            The lamp of the Skerry lighthouse was built in 1911 by the Chance Brothers company.
            It turns once every twelve seconds and can be seen from eighteen nautical miles.

            ## Keeper
            The keeper of the Skerry lighthouse is Marta Olsen, who also feeds the cat.

            ## Supplies
            Supplies arrive by boat on the first Monday of each month, weather permitting.
            """;

    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final Ids IDS = new Ids();
    private static Node node;
    private static Postgres postgres;
    private static ModelSupply supply;
    private static Workers workers;
    private static Principal caller;
    private static RunStore runs;
    private static TypeId collection;

    @BeforeAll
    static void startWorkersAndIndexTheHandbook(@TempDir Path folder) {
        node = wait(Node.start(NodeConfig.read(new Environment(Map.of()))));
        postgres = DATABASE.connect(node.vertx());
        supply = wait(ModelSupply.open(node, ModelsConfig.read(new Environment(Map.of())), postgres, folder));
        workers = wait(Workers.start(
                node, WorkersConfig.read(new Environment(Map.of())), DATABASE.appUrl(), postgres, supply));
        TenantId tenant = DATABASE.tenant();
        caller = new Principal(
                tenant,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Set.of(Permission.values()),
                KeyLimits.NONE);
        AgentStore agents = new AgentStore(postgres, IDS);
        wait(postgres.inTenant(tenant, sql -> BuiltInAgents.install(agents, sql)));
        runs = new RunStore(postgres, IDS);
        CollectionStore collections = new CollectionStore(postgres, IDS);
        DocumentStore documents = new DocumentStore(postgres, IDS);
        collection = wait(collections.create(tenant, "lighthouse", "")).id();
        Document document = wait(documents.add(
                        tenant,
                        collection,
                        List.of(new NewDocument(
                                "handbook.md", "text/markdown", HANDBOOK.getBytes(StandardCharsets.UTF_8)))))
                .orElseThrow()
                .getFirst();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> wait(documents.get(tenant, collection, document.id()))
                                .orElseThrow()
                                .status()
                        == DocumentStatus.INDEXED);
    }

    @AfterAll
    static void stop() {
        wait(workers.stop());
        wait(supply.close());
        wait(postgres.close());
        wait(node.vertx().close());
    }

    @Test
    void anAnswerQuotesTheDocumentAndCitesItsPassage() {
        Run run = ended(create("overseer", "Who is the keeper of the Skerry lighthouse?", List.of(collection)));

        assertThat(run.status()).as(run.toString()).isEqualTo(RunStatus.SUCCEEDED);
        assertThat(run.output().orElseThrow()).contains("The keeper of the Skerry lighthouse is Marta Olsen");
        assertThat(run.citations())
                .isNotEmpty()
                .allMatch(c -> c.filename().equals("handbook.md")
                        && HANDBOOK.contains(c.quote().lines().toList().getLast()));
        assertThat(run.usage().outputTokens()).isPositive();
    }

    @Test
    void aQuestionThatNothingAnswersIsAnsweredWithNothingFound() {
        Run run = ended(create("overseer", "What is the boiling point of tungsten?", List.of(collection)));

        assertThat(run.output()).contains("I found nothing in the documents that answers this.");
        assertThat(run.citations()).isEmpty();
    }

    @Test
    void theJournalHasEachStepOnceAndTheEventsHaveNoGap() {
        Run run = ended(create("developer", "When do supplies arrive?", List.of(collection)));

        List<RunStep> steps = wait(runs.steps(caller.tenant(), run.id())).orElseThrow();
        assertThat(steps).extracting(RunStep::kind).containsExactly("retrieval", "llm");
        assertThat(steps).extracting(RunStep::status).containsOnly("succeeded");
        List<RunEvent> events = wait(runs.events(caller.tenant(), run.id(), 0, 100));
        assertThat(events).extracting(RunEvent::seq).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(events.getLast().last()).isTrue();
    }

    @Test
    void aModelThatNoProviderHasFailsTheRunWithATypedError() {
        Run run = ended(create("developer", "Say hello.", List.of(), ModelName.parse("nowhere/model")));

        assertThat(run.status()).isEqualTo(RunStatus.FAILED);
        assertThat(run.error().orElseThrow().code()).isEqualTo("model_not_found");
    }

    @Test
    void aRunOfAnotherTenantCanNeitherBeReadNorCancelled() {
        Run run = create("developer", "When do supplies arrive?", List.of(collection));
        TenantId other = DATABASE.tenant();

        assertThat(wait(runs.get(other, run.id()))).isEmpty();
        assertThat(node.bus()
                        .ask(
                                RunAddresses.CANCEL,
                                new Cancel(other, run.id(), NOBODY),
                                Deadline.after(Duration.ofSeconds(5))))
                .satisfies(refused -> await().until(refused::isComplete))
                .satisfies(refused -> assertThat(refused.cause()).hasMessageContaining("No run"));
        assertThat(ended(run).status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    /** The run's journal holds passages that no search would find, so that a repeated search could not stay hidden. */
    @Test
    void aRunWhoseWorkerWasLostGoesOnFromItsJournalWithinSixSeconds() {
        Run pattern = ended(create("developer", "Who feeds the ferret of Ribe?", List.of(collection)));
        TypeId lost = IDS.next(Kind.SESSION);
        TypeId run = IDS.next(Kind.RUN);
        String passage = "The ferret of Ribe is fed by Aksel Holm.";
        String journaled = Json.text(Map.of(
                "started_at", Instant.now(),
                "passages",
                        List.of(new Passage(
                                IDS.next(Kind.CHUNK),
                                IDS.next(Kind.DOCUMENT),
                                "ribe.md",
                                passage,
                                0.9,
                                new Location(Optional.empty(), 1, 1, Optional.empty())))));
        // One statement: a reaper must not see the session before it owns the run, as a claim's lock ensures.
        DATABASE.execute("""
                with lost as (
                    insert into worker_sessions (id, node, expires_at) values (?, 'lost', now() - interval '1 second')
                    returning id
                ), taken as (
                    insert into runs (id, tenant_id, agent_id, agent_version_id, request, model, deadline_at, status,
                                      owner, epoch, event_seq)
                    select ?, r.tenant_id, r.agent_id, r.agent_version_id, r.request, r.model, r.deadline_at, 'running',
                           lost.id, 1, 3
                    from runs r, lost where r.id = ? returning id, tenant_id
                )
                insert into run_steps (run_id, seq, phase, tenant_id, epoch, kind, name, payload)
                select id, 1, 'done', tenant_id, 1, 'retrieval', 'knowledge.search', ?::jsonb from taken""", lost.uuid(), run.uuid(), pattern.id().uuid(), journaled);

        Run recovered = await().atMost(Duration.ofSeconds(6))
                .until(
                        () -> wait(runs.get(caller.tenant(), run)).orElseThrow(),
                        found -> found.status().terminal());

        assertThat(recovered.output()).contains(passage + " [1]");
        assertThat(recovered.recoveries()).isEqualTo(1);
        assertThat(wait(runs.steps(caller.tenant(), run)).orElseThrow())
                .extracting(RunStep::kind)
                .containsExactly("retrieval", "llm");
    }

    @Test
    void aRunThatItsOwnerKnowsNothingOfIsExecutedAllTheSame() {
        Run pattern = ended(create("developer", "When do supplies arrive?", List.of(collection)));
        TypeId run = IDS.next(Kind.RUN);
        DATABASE.execute("""
                insert into runs (id, tenant_id, agent_id, agent_version_id, request, model, deadline_at, status, owner, epoch)
                select ?, r.tenant_id, r.agent_id, r.agent_version_id, r.request, r.model, r.deadline_at, 'running', s.id, 1
                from runs r, worker_sessions s where r.id = ? and s.state = 'live'""", run.uuid(), pattern.id().uuid());

        Run given = await().atMost(Duration.ofSeconds(30))
                .until(
                        () -> wait(runs.get(caller.tenant(), run)).orElseThrow(),
                        found -> found.status().terminal());

        assertThat(given.output()).isEqualTo(pattern.output());
        assertThat(given.recoveries()).isZero();
    }

    /** As after a pause of the whole process: others have declared its session dead. */
    @Test
    void aWorkerWhoseSessionWasDeclaredDeadGoesOnWithANewOne() {
        assertThat(DATABASE.execute("update worker_sessions set state = 'dead' where state = 'live'"))
                .isEqualTo(1);

        Run run = ended(create("developer", "When do supplies arrive?", List.of(collection)));

        assertThat(run.status()).as(run.toString()).isEqualTo(RunStatus.SUCCEEDED);
        assertThat(DATABASE.execute("update worker_sessions set node = node where state = 'live'"))
                .isEqualTo(1);
    }

    /** As after a claim whose answer was lost: the row names the session, which knows nothing of it. */
    @Test
    void aDocumentThatItsOwnerKnowsNothingOfIsIndexedAllTheSame() {
        TypeId document = IDS.next(Kind.DOCUMENT);
        DATABASE.execute("""
                with owned as (
                    insert into documents (id, tenant_id, collection_id, filename, media_type, size_bytes, sha256, status, owner,
                                           attempts)
                    select ?, c.tenant_id, c.id, 'orphan.txt', 'text/plain', 4, sha256('Text'), 'indexing', s.id, 1
                    from collections c, worker_sessions s where c.id = ? and s.state = 'live'
                    returning id, tenant_id
                )
                insert into document_contents (document_id, tenant_id, content) select id, tenant_id, 'Text' from owned""", document.uuid(), collection.uuid());

        DocumentStore documents = new DocumentStore(postgres, IDS);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> wait(documents.get(caller.tenant(), collection, document))
                                .orElseThrow()
                                .status()
                        == DocumentStatus.INDEXED);
    }

    private static Run create(String agent, String task, List<TypeId> collections) {
        return create(agent, task, collections, ModelName.parse("temponest/extractive"));
    }

    private static Run create(String agent, String task, List<TypeId> collections, ModelName model) {
        Agent found =
                wait(new AgentStore(postgres, IDS).find(caller.tenant(), agent)).orElseThrow();
        RunRequest request = new RunRequest(
                List.of(new Message(Message.Role.USER, task)), Optional.empty(), collections, Optional.empty());
        Run run = wait(runs.create(caller, new NewRun(found, Optional.empty(), request, model, Duration.ofMinutes(5))));
        node.bus().nudgeAll(RunAddresses.READY, new RunReady(run.id()));
        return run;
    }

    private static Run ended(Run run) {
        return await().atMost(Duration.ofSeconds(30))
                .until(
                        () -> wait(runs.get(caller.tenant(), run.id())).orElseThrow(),
                        found -> found.status().terminal());
    }

    private static <T> T wait(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
