package io.temponest.cli;

import static io.temponest.cli.GateFixture.approve;
import static io.temponest.cli.GateFixture.refused;
import static io.temponest.cli.GateFixture.reject;
import static io.temponest.cli.GateFixture.taken;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Answer;
import io.temponest.cli.GateFixture.Scripted;
import io.temponest.testing.FakeProvider.Act;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holding runs back, letting them go on, doing them again, and what runs wait for besides people. */
class RunControlsTest {

    @TempDir
    private static Path folder;

    private static GateFixture gates;

    @BeforeAll
    static void start() {
        gates = GateFixture.start(folder);
    }

    @AfterAll
    static void stop() {
        gates.close();
    }

    private static Answer post(String run, String what) {
        return gates.ann().send("POST", "/v1/runs/" + run + "/" + what, BodyPublishers.noBody(), Map.of());
    }

    private static void accepted(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    }

    @Test
    void aRunThatIsPausedEndsItsStepAndGoesOnWithItsResult() {
        Scripted agent = gates.agent(Map.of());
        CompletableFuture<Void> until = new CompletableFuture<>();
        agent.scripts().will(new Act.Say("Half"), new Act.Hold(until), new Act.Say(" and half."), new Act.Finish(1, 1));
        String run = GateFixture.start(gates.ann(), agent);
        agent.scripts().next();

        Answer paused = post(run, "pause");
        accepted(paused);
        assertThat(paused.json().path("status").asText()).isEqualTo("running");
        accepted(post(run, "pause"));
        until.complete(null);
        JsonNode held = gates.waiting(run);

        assertThat(held.path("queue_reason").asText()).isEqualTo("paused");
        assertThat(held.has("paused_at")).isTrue();
        assertThat(gates.kinds(run)).containsExactly("retrieval", "llm");
        accepted(post(run, "resume"));
        assertThat(gates.succeeded(run).path("output").asText()).isEqualTo("Half and half.");
        assertThat(agent.scripts().unseen()).isZero();
        assertThat(gates.events(run)).contains("run.paused", "run.resumed");
        refused(post(run, "pause"), 422, "run_over");
        refused(post(run, "resume"), 422, "run_over");
    }

    @Test
    void aPausedRunDoesNotGoOnWhenItsApprovalComes() {
        String run = gates.asking("medium", "the mast");
        refused(post(run, "resume"), 422, "run_not_paused");
        accepted(post(run, "pause"));
        assertThat(gates.run(run).path("queue_reason").asText()).isEqualTo("paused, approval 0/1");

        taken(approve(gates.berit(), gates.question(run)));

        assertThat(gates.run(run).path("queue_reason").asText()).isEqualTo("paused");
        assertThat(gates.kinds(run)).doesNotContain("tool");
        accepted(post(run, "resume"));
        gates.succeeded(run);
        assertThat(gates.people()
                        .server()
                        .admin()
                        .get("/v1/audit?resource=" + run)
                        .json()
                        .path("data")
                        .valueStream()
                        .map(entry -> entry.path("action").asText()))
                .contains("run.pause", "run.resume");
    }

    @Test
    void aPausedRunCanBeCancelled() {
        String run = gates.asking("medium", "the sail");
        accepted(post(run, "pause"));
        JsonNode question = gates.question(run);

        accepted(post(run, "cancel"));

        assertThat(gates.run(run).path("status").asText()).isEqualTo("cancelled");
        assertThat(gates.approval(question).path("status").asText()).isEqualTo("cancelled");
        refused(approve(gates.berit(), question), 422, "approval_over");
    }

    @Test
    void timeDoesNotRunWhileARunWaits() {
        String run = gates.asking("medium", "the clock");
        gates.people()
                .server()
                .database()
                .execute(
                        "update runs set deadline_at = now() - interval '10 minutes', waiting_since = now() - interval '15 minutes' where id = ?",
                        GateFixture.uuid(run));

        taken(approve(gates.berit(), gates.question(run)));

        gates.succeeded(run);
    }

    @Test
    void aRunThatFailedIsTriedAgainAsANewOne() {
        Scripted agent = gates.agent(Map.of());
        agent.scripts().will(new Act.Refuse(400, "no"));
        agent.says("Better.");
        agent.says("Never asked.");
        String failed = GateFixture.start(gates.ann(), agent);
        assertThat(gates.ann().ended(failed).path("status").asText()).isEqualTo("failed");
        Map<String, String> key = Map.of("Idempotency-Key", "retry-once");

        Answer retried = gates.berit().send("POST", "/v1/runs/" + failed + "/retry", BodyPublishers.noBody(), key);
        Answer repeated = gates.berit().send("POST", "/v1/runs/" + failed + "/retry", BodyPublishers.noBody(), key);

        accepted(retried);
        assertThat(retried.json().path("retry_of").asText()).isEqualTo(failed);
        assertThat(retried.json().path("attempt").asInt()).isEqualTo(2);
        assertThat(repeated.json().path("id")).isEqualTo(retried.json().path("id"));
        String run = retried.json().path("id").asText();
        assertThat(gates.succeeded(run).path("output").asText()).isEqualTo("Better.");
        assertThat(gates.run(failed).path("status").asText()).isEqualTo("failed");
        refused(post(run, "retry"), 422, "run_not_failed");
    }

    @Test
    void aForkHasTheStepsBeforeAndAsksTheModelAnew() {
        Scripted agent = gates.searching("medium");
        agent.calls("knowledge_search", Map.of("query", "the anchor"));
        agent.says("First.");
        String run = GateFixture.start(gates.ann(), agent);
        gates.waiting(run);
        taken(approve(gates.berit(), gates.question(run)));
        gates.succeeded(run);
        agent.scripts().all();
        agent.says("Second.");

        Answer forked = gates.berit().post("/v1/runs/" + run + "/fork", Map.of("step", 5));

        accepted(forked);
        String fork = forked.json().path("id").asText();
        assertThat(forked.json().path("forked_from").asText()).isEqualTo(run);
        assertThat(gates.succeeded(fork).path("output").asText()).isEqualTo("Second.");
        assertThat(agent.told()).startsWith("Passages");
        assertThat(agent.scripts().unseen()).isZero();
        assertThat(gates.kinds(fork)).isEqualTo(gates.kinds(run));
        refused(gates.berit().post("/v1/runs/" + run + "/fork", Map.of("step", 4)), 400, "step_not_found");
        refused(
                gates.people().server().stranger().post("/v1/runs/" + run + "/fork", Map.of("step", 5)),
                404,
                "run_not_found");
    }

    /** From the answer that asked for the call: what was approved before is not what is asked for now. */
    @Test
    void whatPeopleApprovedHoldsForNoOtherRun() {
        Scripted agent = gates.agent(
                Map.of("risk", "medium", "tools", List.of(Map.of("name", "knowledge_search", "risk", "medium"))));
        agent.calls("knowledge_search", Map.of("query", "the chart"));
        agent.says("First.");
        String run = GateFixture.start(gates.ann(), agent);
        gates.waiting(run);
        taken(approve(gates.berit(), gates.question(run)));
        JsonNode first = org.awaitility.Awaitility.await()
                .until(() -> gates.pending(run), open -> open.size() == 1)
                .getFirst();
        assertThat(first.path("kind").asText()).isEqualTo("tool");
        taken(approve(gates.berit(), first));
        gates.succeeded(run);
        agent.calls("knowledge_search", Map.of("query", "the vault"));
        agent.says("Second.");

        String fork = gates.berit()
                .post("/v1/runs/" + run + "/fork", Map.of("step", 3))
                .json()
                .path("id")
                .asText();

        gates.waiting(fork);
        JsonNode start = gates.question(fork);
        assertThat(start.path("kind").asText()).isEqualTo("start");
        taken(approve(gates.carl(), start));
        JsonNode again = org.awaitility.Awaitility.await()
                .until(() -> gates.pending(fork), open -> open.size() == 1)
                .getFirst();
        assertThat(again.at("/arguments/query").asText()).isEqualTo("the vault");
        taken(reject(gates.carl(), again));
        gates.succeeded(fork);
    }

    @Test
    void whoeverAskedFirstDoesNotApproveWhatSomebodyElseTriesAgain() {
        Scripted agent = gates.agent(Map.of("risk", "high"));
        String run = GateFixture.start(gates.ann(), agent);
        gates.waiting(run);
        taken(reject(gates.berit(), gates.question(run)));
        gates.ann().ended(run);

        String again = gates.berit()
                .send("POST", "/v1/runs/" + run + "/retry", BodyPublishers.noBody(), Map.of())
                .json()
                .path("id")
                .asText();
        gates.waiting(again);
        JsonNode question = gates.question(again);

        refused(approve(gates.ann(), question), 403, "requester_cannot_approve");
        refused(approve(gates.berit(), question), 403, "requester_cannot_approve");
        taken(approve(gates.carl(), question));
        accepted(post(again, "cancel"));
    }

    @Test
    void anAgentWaitsForTheAgentThatItGivesATaskTo() {
        Scripted child = gates.agent(Map.of());
        CompletableFuture<Void> until = new CompletableFuture<>();
        child.scripts().will(new Act.Hold(until), new Act.Say("Forty-two."), new Act.Finish(1, 1));
        Scripted parent = gates.agent(Map.of("tools", List.of(Map.of("name", "agent__" + child.slug()))));
        parent.calls("agent__" + child.slug(), Map.of("task", "Count."));
        parent.says("It counted.");

        String run = GateFixture.start(gates.ann(), parent);
        JsonNode waiting = gates.waiting(run);
        String born = waiting.at("/waiting_for/0/run").asText();

        assertThat(waiting.path("queue_reason").asText()).isEqualTo("child " + born);
        JsonNode seen = gates.run(born);
        assertThat(seen.path("parent_run").asText()).isEqualTo(run);
        assertThat(seen.path("agent").asText()).isEqualTo(child.slug());
        until.complete(null);
        assertThat(gates.succeeded(run).path("output").asText()).isEqualTo("It counted.");
        parent.scripts().next();
        assertThat(parent.told()).isEqualTo("Forty-two.");
        assertThat(gates.kinds(run)).containsExactly("retrieval", "llm", "child", "llm");
    }

    @Test
    void aChildSearchesNoMoreThanItsParentMay() {
        String collection = TestServer.collection(gates.ann(), "for-children");
        Scripted child = gates.agent(Map.of());
        child.says("Nothing else.");
        Scripted parent = gates.agent(Map.of("tools", List.of(Map.of("name", "agent__" + child.slug()))));
        parent.calls("agent__" + child.slug(), Map.of("task", "Search."));
        parent.says("Done.");

        String run = gates.ann()
                .post(
                        "/v1/agents/" + parent.slug() + "/runs",
                        Map.of("input", "Who keeps the light?", "collections", List.of(collection)))
                .json()
                .path("id")
                .asText();
        gates.ann().ended(run);

        assertThat(gates.people()
                        .server()
                        .database()
                        .execute(
                                "update runs set steps = steps where parent_run = ? and request -> 'collections' = ?::text::jsonb",
                                GateFixture.uuid(run),
                                "[\"" + collection + "\"]"))
                .isEqualTo(1);
    }

    @Test
    void whoMayNotStartRunsMayNotRepeatThem() {
        Scripted agent = gates.agent(Map.of());
        agent.scripts().will(new Act.Refuse(400, "no such luck"));
        String run = GateFixture.start(gates.ann(), agent);
        gates.ann().ended(run);
        String key = gates.ann()
                .post("/v1/api-keys", Map.of("name", "manager", "scopes", List.of("runs:read", "runs:manage")))
                .json()
                .path("key")
                .asText();

        refused(
                gates.ann().as(key).send("POST", "/v1/runs/" + run + "/retry", BodyPublishers.noBody(), Map.of()),
                403,
                "permission_missing");
    }

    @Test
    void aChildIsCancelledWithItsParent() {
        Scripted child = gates.agent(Map.of());
        child.scripts().will(new Act.Hold(new CompletableFuture<>()));
        Scripted parent = gates.agent(Map.of("tools", List.of(Map.of("name", "agent__" + child.slug()))));
        parent.calls("agent__" + child.slug(), Map.of("task", "Count for ever."));
        String run = GateFixture.start(gates.ann(), parent);
        String born = gates.waiting(run).at("/waiting_for/0/run").asText();
        child.scripts().next();

        accepted(post(run, "cancel"));

        assertThat(gates.run(run).path("status").asText()).isEqualTo("cancelled");
        assertThat(gates.ann().ended(born).path("status").asText()).isEqualTo("cancelled");
    }

    @Test
    void whatBecameOfAChildThatFailedIsToldToItsParent() {
        Scripted child = gates.agent(Map.of());
        child.scripts().will(new Act.Refuse(400, "no such luck"));
        Scripted parent = gates.agent(Map.of("tools", List.of(Map.of("name", "agent__" + child.slug()))));
        parent.calls("agent__" + child.slug(), Map.of("task", "Try."));
        parent.says("It failed.");

        String run = GateFixture.start(gates.ann(), parent);

        gates.succeeded(run);
        parent.scripts().next();
        assertThat(parent.told()).startsWith("The agent's run has failed: ");
    }

    @Test
    void aTimerFiresByTheDatabasesClock() {
        Scripted agent = gates.agent(Map.of("tools", List.of(Map.of("name", "wait"))));
        agent.calls("wait", Map.of("seconds", 86_400));
        agent.calls("wait", Map.of("seconds", 0));
        agent.says("Rested.");
        String run = GateFixture.start(gates.ann(), agent);
        assertThat(gates.waiting(run).path("queue_reason").asText()).startsWith("timer until ");

        gates.expire(run);

        assertThat(gates.succeeded(run).path("output").asText()).isEqualTo("Rested.");
        agent.scripts().next();
        assertThat(agent.told()).isEqualTo("The time is over.");
        assertThat(agent.told()).contains("invalid_arguments");
        assertThat(gates.kinds(run)).containsExactly("retrieval", "llm", "timer", "llm", "tool", "llm");
    }

    @Test
    void anAgentThatComesToNoEndIsStopped() {
        Scripted agent = gates.agent(Map.of("max_turns", 2, "tools", List.of(Map.of("name", "knowledge_search"))));
        agent.calls("knowledge_search", Map.of("query", "one"));
        agent.calls("knowledge_search", Map.of("query", "two"));

        JsonNode ended = gates.ann().ended(GateFixture.start(gates.ann(), agent));

        assertThat(TestServer.code(ended)).isEqualTo("turn_limit");
    }
}
