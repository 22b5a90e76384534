package io.temponest.cli;

import static io.temponest.cli.GateFixture.answer;
import static io.temponest.cli.GateFixture.approve;
import static io.temponest.cli.GateFixture.decide;
import static io.temponest.cli.GateFixture.edit;
import static io.temponest.cli.GateFixture.refused;
import static io.temponest.cli.GateFixture.reject;
import static io.temponest.cli.GateFixture.taken;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Answer;
import io.temponest.cli.GateFixture.Scripted;
import io.temponest.json.CanonicalJson;
import io.temponest.json.Json;
import io.temponest.testing.FakeProvider.Act;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people are asked before something is done, and what they can say. */
class ApprovalsTest {

    private static final String SHOWN = "Passages, which are material";

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

    @Test
    void aCallOfMediumRiskWaitsForOnePersonAndIsThenMadeWithWhatTheyHaveSeen() {
        Scripted agent = gates.searching("medium");
        agent.calls("knowledge_search", Map.of("query", "the keeper"));
        agent.says("It is known.");
        String run = GateFixture.start(gates.ann(), agent);

        JsonNode waiting = gates.waiting(run);
        JsonNode question = gates.question(run);

        assertThat(waiting.path("queue_reason").asText()).isEqualTo("approval 0/1");
        assertThat(waiting.at("/waiting_for/0/approval")).isEqualTo(question.path("id"));
        assertThat(question.path("arguments")).isEqualTo(Json.tree("{\"query\":\"the keeper\"}"));
        assertThat(question.path("arguments_sha256").asText())
                .isEqualTo(HexFormat.of().formatHex(CanonicalJson.sha256(question.path("arguments"))));
        taken(approve(gates.ann(), question));
        assertThat(gates.succeeded(run).path("output").asText()).isEqualTo("It is known.");
        agent.scripts().next();
        assertThat(agent.told()).startsWith(SHOWN);
        assertThat(gates.kinds(run)).containsExactly("retrieval", "llm", "gate", "tool", "llm");
        assertThat(gates.events(run)).contains("approval.requested", "run.waiting", "approval.approved");
        assertThat(TestServer.eventIds(gates.ann(), run))
                .isEqualTo(java.util.stream.LongStream.rangeClosed(
                                1, gates.events(run).size())
                        .boxed()
                        .toList());
    }

    @Test
    void aCallOfHighRiskNeedsTwoPeopleOfWhomNoneHasAskedForIt() {
        String run = gates.asking("high", "the lamp");
        JsonNode question = gates.question(run);

        refused(approve(gates.ann(), question), 403, "requester_cannot_approve");
        taken(approve(gates.berit(), question));
        refused(approve(gates.berit(), question), 422, "already_voted");
        assertThat(gates.run(run).path("queue_reason").asText()).isEqualTo("approval 1/2");
        Answer last = approve(gates.carl(), question);

        taken(last);
        assertThat(last.json().path("status").asText()).isEqualTo("approved");
        assertThat(last.json().path("votes")).hasSize(2);
        assertThat(gates.kinds(run)).contains("gate");
        gates.succeeded(run);
        refused(reject(gates.berit(), question), 422, "approval_over");
    }

    @Test
    void aKeyThatBelongsToNobodyCannotDecide() {
        String run = gates.asking("medium", "the boat");
        JsonNode question = gates.question(run);
        String tenant = gates.ann().get("/v1/auth/me").json().path("tenant_id").asText();
        ApiCaller machine = gates.ann()
                .as(TestServer.key(gates.people().server().database(), io.temponest.identity.TenantId.parse(tenant)));

        refused(approve(machine, question), 403, "person_required");
        refused(approve(gates.people().server().stranger(), question), 404, "approval_not_found");
        taken(approve(gates.berit(), question));
        gates.succeeded(run);
    }

    @Test
    void oneRejectionEndsItAndTheModelIsTold() {
        Scripted agent = gates.searching("high");
        agent.calls("knowledge_search", Map.of("query", "the cat"));
        agent.says("Then not.");
        String run = GateFixture.start(gates.ann(), agent);
        gates.waiting(run);
        JsonNode question = gates.question(run);
        taken(approve(gates.berit(), question));

        Answer rejected =
                decide(gates.carl(), question, "reject", Map.of("revision", 1, "reason", "Cats are private."));

        taken(rejected);
        assertThat(rejected.json().path("status").asText()).isEqualTo("rejected");
        assertThat(rejected.json().at("/votes/1/comment").asText()).isEqualTo("Cats are private.");
        assertThat(gates.succeeded(run).path("output").asText()).isEqualTo("Then not.");
        agent.scripts().next();
        assertThat(agent.told()).contains("rejected").contains("Cats are private.");
        assertThat(gates.kinds(run)).doesNotContain("tool");
    }

    @Test
    void anEditMakesARevisionVoidsItsVotesAndIsWhatIsDone() {
        Scripted agent = gates.searching("high");
        agent.calls("knowledge_search", Map.of("query", "everything"));
        agent.says("Done.");
        String run = GateFixture.start(gates.ann(), agent);
        gates.waiting(run);
        JsonNode first = gates.question(run);
        taken(approve(gates.berit(), first));

        Answer edited = edit(gates.carl(), first, Map.of("query", "the keeper only"));

        taken(edited);
        assertThat(edited.json().path("revision").asInt()).isEqualTo(2);
        refused(approve(gates.carl(), first), 412, "revision_stale");
        refused(edit(gates.carl(), first, Map.of()), 412, "revision_stale");
        assertThat(gates.run(run).path("queue_reason").asText()).isEqualTo("approval 0/2");
        taken(approve(gates.carl(), edited.json()));
        assertThat(gates.approval(first).path("status").asText()).isEqualTo("pending");
        taken(approve(gates.berit(), edited.json()));
        gates.succeeded(run);
        assertThat(gates.approval(first).path("arguments")).isEqualTo(Json.tree("{\"query\":\"the keeper only\"}"));
    }

    /** A null says something, such as that a field is to be cleared; a tool that knows no such field refuses it. */
    @Test
    void whatIsCalledHasTheNullsOfWhatWasApproved() {
        Scripted agent = gates.searching("medium");
        agent.scripts()
                .will(
                        GateFixture.call(0, "knowledge_search", "{\"query\":\"the log\",\"before\":null}"),
                        new Act.FinishSilently());
        agent.says("Done.");
        String run = GateFixture.start(gates.ann(), agent);
        gates.waiting(run);

        taken(approve(gates.berit(), gates.question(run)));

        gates.succeeded(run);
        agent.scripts().next();
        assertThat(agent.told()).contains("invalid_arguments");
    }

    @Test
    void aVoteForOtherArgumentsThanThoseOfTheRevisionIsRefused() {
        String run = gates.asking("medium", "the gulls");
        JsonNode question = gates.question(run);
        Map<String, Object> other = Map.of("revision", 1, "arguments_sha256", "0".repeat(64), "reason", "Not these.");

        refused(decide(gates.berit(), question, "reject", other), 412, "revision_stale");
        refused(
                decide(gates.berit(), question, "approve", Map.of("revision", 1, "arguments_sha256", "0".repeat(64))),
                412,
                "revision_stale");
        taken(reject(gates.berit(), question));
        gates.succeeded(run);
    }

    @Test
    void aRejectionSaysWhyAndAnAnswerIsForEffectsInDoubtAlone() {
        String run = gates.asking("medium", "the seals");
        JsonNode question = gates.question(run);

        Answer silent = decide(gates.berit(), question, "reject", Map.of("revision", 1));
        Answer unknown = answer(gates.berit(), question, "approve");

        refused(silent, 400, "missing_field");
        assertThat(silent.error("param")).isEqualTo("reason");
        refused(unknown, 400, "invalid_value");
        assertThat(unknown.error("param")).isEqualTo("answer");
        refused(answer(gates.berit(), question, "happened"), 422, "wrong_answer");
        assertThat(gates.approval(question).path("votes")).isEmpty();
        taken(reject(gates.berit(), question));
        gates.succeeded(run);
    }

    @Test
    void theyAreCountedAsTheyAreListed() {
        String run = gates.asking("medium", "the terns");
        assertThat(count("status=pending&run=" + run)).isEqualTo(1);
        assertThat(count("risk=high&run=" + run)).isZero();

        taken(approve(gates.berit(), gates.question(run)));

        gates.succeeded(run);
        assertThat(count("status=pending&run=" + run)).isZero();
        assertThat(count("status=approved&risk=medium&run=" + run)).isEqualTo(1);
        Answer all = gates.ann().get("/v1/approvals?limit=100");
        assertThat(all.json().path("has_more").asBoolean()).isFalse();
        assertThat(count("")).isEqualTo(all.json().path("data").size());
    }

    private static int count(String query) {
        Answer counted = gates.ann().get("/v1/approvals/count?" + query);
        taken(counted);
        assertThat(counted.json().path("object").asText()).isEqualTo("count");
        return counted.json().path("count").asInt();
    }

    @Test
    void whatNobodyDecidesInTimeIsNotDone() {
        Scripted agent = gates.searching("medium");
        agent.calls("knowledge_search", Map.of("query", "the tide"));
        agent.says("Nobody came.");
        String run = GateFixture.start(gates.ann(), agent);
        gates.waiting(run);
        JsonNode question = gates.question(run);

        gates.expire(run);

        assertThat(gates.succeeded(run).path("output").asText()).isEqualTo("Nobody came.");
        assertThat(gates.approval(question).path("status").asText()).isEqualTo("expired");
        refused(approve(gates.berit(), question), 422, "approval_over");
        assertThat(gates.kinds(run)).doesNotContain("tool");
    }

    @Test
    void silenceIsAnAgreementWhereTheAgentSaysSoButNotToWhatIsOfHighRisk() {
        Map<String, Object> rule = Map.of("timeout_s", 60, "on_timeout", "approve");
        for (String risk : List.of("medium", "high")) {
            Scripted agent = gates.agent(
                    Map.of("tools", List.of(Map.of("name", "knowledge_search", "risk", risk)), "approvals", rule));
            agent.calls("knowledge_search", Map.of("query", "the bell"));
            agent.says("Done.");
            String run = GateFixture.start(gates.ann(), agent);
            gates.waiting(run);

            gates.expire(run);

            gates.succeeded(run);
            assertThat(gates.kinds(run).contains("tool")).as(risk).isEqualTo(risk.equals("medium"));
        }
    }

    @Test
    void anEscalationGivesTheSameTimeAgainOnce() {
        Scripted agent = gates.agent(Map.of(
                "tools",
                List.of(Map.of("name", "knowledge_search", "risk", "medium")),
                "approvals",
                Map.of("timeout_s", 3_600, "on_timeout", "escalate", "remind_s", 600)));
        agent.calls("knowledge_search", Map.of("query", "the fog"));
        agent.says("Done.");
        String run = GateFixture.start(gates.ann(), agent);
        gates.waiting(run);
        JsonNode question = gates.question(run);

        gates.people()
                .server()
                .database()
                .execute("update approvals set remind_at = now() where run_id = ?", GateFixture.uuid(run));
        gates.expire(run);
        await().atMost(Duration.ofSeconds(10))
                .until(() -> gates.approval(question).has("escalated_at"));
        assertThat(gates.approval(question).path("status").asText()).isEqualTo("pending");
        await().atMost(Duration.ofSeconds(10))
                .until(() -> gates.approval(question).path("reminders").asInt() == 1);
        gates.expire(run);

        gates.succeeded(run);
        assertThat(gates.approval(question).path("status").asText()).isEqualTo("expired");
        assertThat(gates.events(run)).contains("approval.reminder", "approval.escalated", "approval.expired");
    }

    @Test
    void theStartOfARunIsAskedForByTheHigherRiskOfAgentAndCaller() {
        Scripted agent = gates.agent(Map.of("risk", "medium"));
        agent.says("Begun.");
        String allowed = GateFixture.start(gates.ann(), agent);
        gates.waiting(allowed);
        assertThat(gates.kinds(allowed)).containsExactly("gate");
        taken(approve(gates.ann(), gates.question(allowed)));
        assertThat(gates.succeeded(allowed).path("output").asText()).isEqualTo("Begun.");

        String refused = gates.ann()
                .post("/v1/agents/" + agent.slug() + "/runs", Map.of("input", "Delete it.", "risk", "high"))
                .json()
                .path("id")
                .asText();
        gates.waiting(refused);
        JsonNode question = gates.question(refused);
        assertThat(question.path("required").asInt()).isEqualTo(2);
        assertThat(question.at("/arguments/task").asText()).isEqualTo("Delete it.");
        refused(edit(gates.carl(), question, Map.of()), 422, "not_editable");
        taken(reject(gates.berit(), question));
        JsonNode failed = gates.ann().ended(refused);
        assertThat(failed.path("status").asText()).isEqualTo("failed");
        assertThat(TestServer.code(failed)).isEqualTo("approval_rejected");
    }

    @Test
    void severalCallsOfOneAnswerAreAskedForAtOnceAndNoneIsMadeBeforeAllAreDecided() {
        Scripted agent = gates.agent(Map.of("tools", List.of(Map.of("name", "knowledge_search", "risk", "medium"))));
        agent.scripts()
                .will(
                        GateFixture.call(0, "knowledge_search", "{\"query\":\"one\"}"),
                        GateFixture.call(1, "knowledge_search", "{\"query\":\"two\"}"),
                        GateFixture.call(2, "nothing_like_it", "{}"),
                        new Act.FinishSilently());
        agent.says("Both.");
        String run = GateFixture.start(gates.ann(), agent);
        assertThat(gates.waiting(run).path("waiting_for")).hasSize(2);
        List<JsonNode> questions = gates.pending(run);

        taken(reject(gates.berit(), questions.get(1)));
        assertThat(gates.run(run).path("status").asText()).isEqualTo("waiting");
        assertThat(gates.kinds(run)).doesNotContain("tool");
        taken(approve(gates.berit(), questions.get(0)));

        gates.succeeded(run);
        agent.scripts().next();
        JsonNode messages = agent.scripts().next().body().path("messages");
        int last = messages.size() - 1;
        assertThat(messages.path(last - 2).path("content").asText()).startsWith(SHOWN);
        assertThat(messages.path(last - 1).path("content").asText()).contains("rejected");
        assertThat(messages.path(last).path("content").asText()).contains("tool_not_found");
        assertThat(messages.path(last).path("tool_call_id").asText()).isEqualTo("call_2");
    }

    @Test
    void whatIsRepeatedWithItsKeyIsAnsweredAsBefore() {
        String run = gates.asking("high", "the rope");
        JsonNode question = gates.question(run);

        repeated(question, "approve", "{\"revision\":1,\"comment\":\"Fine.\"}");
        assertThat(gates.approval(question).path("votes")).hasSize(1);
        assertThat(gates.approval(question).at("/votes/0/comment").asText()).isEqualTo("Fine.");
        assertThat(audited(question, "approval.vote")).hasSize(1);
        repeated(question, "edit", "{\"revision\":1,\"arguments\":{\"query\":\"the knot\"}}");
        assertThat(gates.approval(question).path("revision").asInt()).isEqualTo(2);
        assertThat(audited(question, "approval.edit")).hasSize(1);
        repeated(question, "reject", "{\"revision\":2,\"reason\":\"No.\"}");
        assertThat(audited(question, "approval.vote")).hasSize(2);
        gates.succeeded(run);
    }

    private static void repeated(JsonNode question, String how, String body) {
        Map<String, String> key = Map.of("Content-Type", "application/json", "Idempotency-Key", how + "-once");
        String path = GateFixture.path(question, how);
        Answer first = gates.berit().send("POST", path, BodyPublishers.ofString(body), key);
        Answer again = gates.berit().send("POST", path, BodyPublishers.ofString(body), key);
        taken(first);
        taken(again);
        assertThat(again.header("idempotency-replayed")).isEqualTo("true");
        assertThat(again.json()).isEqualTo(first.json());
    }

    private static JsonNode audited(JsonNode question, String action) {
        return gates.people()
                .server()
                .admin()
                .get("/v1/audit?action=" + action + "&resource="
                        + question.path("id").asText())
                .json()
                .path("data");
    }
}
