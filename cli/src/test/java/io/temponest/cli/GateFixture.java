package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Answer;
import io.temponest.identity.Kind;
import io.temponest.identity.TypeId;
import io.temponest.json.Json;
import io.temponest.testing.FakeProvider;
import io.temponest.testing.FakeProvider.Act;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/** A server with three people who may run agents and decide, and models that ask for tools as tests say. */
record GateFixture(People people, ApiCaller ann, ApiCaller berit, ApiCaller carl) implements AutoCloseable {

    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    static GateFixture start(Path folder) {
        People people = People.start(folder);
        return new GateFixture(people, manager(people), manager(people), manager(people));
    }

    private static ApiCaller manager(People people) {
        String address = People.address();
        people.member(people.server().admin(), address, "manager");
        return people.signedIn(address);
    }

    FakeProvider provider() {
        return people.server().provider();
    }

    /** An agent whose model nobody else has. */
    record Scripted(String slug, String model, FakeProvider.Scripts scripts) {

        /** The next answer asks for a tool. */
        void calls(String tool, Map<String, Object> arguments) {
            scripts.will(call(0, tool, Json.text(arguments)), new Act.FinishSilently());
        }

        void says(String text) {
            scripts.will(new Act.Say(text), new Act.Finish(10, 5));
        }

        /** What the model was told last in its next request. */
        String told() {
            JsonNode messages = scripts.next().body().path("messages");
            return messages.path(messages.size() - 1).path("content").asText();
        }
    }

    static Act call(int index, String tool, String arguments) {
        Map<String, Object> function = Map.of("name", tool, "arguments", arguments);
        Map<String, Object> call =
                Map.of("index", index, "id", "call_" + index, "type", "function", "function", function);
        return new Act.Raw("data: "
                + Json.text(Map.of("choices", List.of(Map.of("delta", Map.of("tool_calls", List.of(call)))))) + "\n\n");
    }

    /** @param more fields of the agent */
    Scripted agent(Map<String, Object> more) {
        String slug = "agent-" + COUNT.incrementAndGet();
        Map<String, Object> fields = new HashMap<>(more);
        fields.putAll(Map.of("slug", slug, "name", slug, "instructions", "Do it.", "model", "fake/" + slug));
        Answer made = ann.post("/v1/agents", fields);
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        return new Scripted(slug, "fake/" + slug, provider().model(slug));
    }

    Scripted searching(String risk) {
        return agent(Map.of("tools", List.of(Map.of("name", "knowledge_search", "risk", risk))));
    }

    static String start(ApiCaller by, Scripted agent) {
        Answer started = by.post("/v1/agents/" + agent.slug() + "/runs", Map.of("input", "Who keeps the light?"));
        assertThat(started.status()).as(started.text()).isEqualTo(202);
        return started.json().path("id").asText();
    }

    /** A run of Ann's that waits for leave to search. */
    String asking(String risk, String query) {
        Scripted agent = searching(risk);
        agent.calls("knowledge_search", Map.of("query", query));
        agent.says("Done.");
        String run = start(ann, agent);
        waiting(run);
        return run;
    }

    JsonNode run(String run) {
        return ann.get("/v1/runs/" + run).json();
    }

    JsonNode in(String run, String status) {
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> run(run), seen -> seen.path("status").asText().equals(status));
    }

    JsonNode waiting(String run) {
        return in(run, "waiting");
    }

    JsonNode succeeded(String run) {
        JsonNode ended = ann.ended(run);
        assertThat(ended.path("status").asText()).as(ended.toString()).isEqualTo("succeeded");
        return ended;
    }

    /** The approvals of a run that are open. */
    List<JsonNode> pending(String run) {
        List<JsonNode> all = new ArrayList<>();
        ann.get("/v1/approvals?status=pending&order=asc&run=" + run)
                .json()
                .path("data")
                .forEach(all::add);
        return all;
    }

    JsonNode question(String run) {
        assertThat(pending(run)).hasSize(1);
        return pending(run).getFirst();
    }

    JsonNode approval(JsonNode known) {
        return ann.get("/v1/approvals/" + known.path("id").asText()).json();
    }

    static Answer approve(ApiCaller by, JsonNode approval) {
        return decide(by, approval, "approve", seen(approval));
    }

    static Answer reject(ApiCaller by, JsonNode approval) {
        Map<String, Object> fields = new HashMap<>(seen(approval));
        fields.put("reason", "No.");
        return decide(by, approval, "reject", fields);
    }

    static Answer answer(ApiCaller by, JsonNode approval, String what) {
        return decide(
                by,
                approval,
                "answer",
                Map.of("revision", approval.path("revision").asInt(), "answer", what));
    }

    static Answer edit(ApiCaller by, JsonNode approval, Map<String, Object> arguments) {
        return decide(
                by,
                approval,
                "edit",
                Map.of("revision", approval.path("revision").asInt(), "arguments", arguments));
    }

    static Answer decide(ApiCaller by, JsonNode approval, String how, Map<String, Object> fields) {
        return by.post(path(approval, how), fields);
    }

    static String path(JsonNode approval, String how) {
        return "/v1/approvals/" + approval.path("id").asText() + "/" + how;
    }

    private static Map<String, Object> seen(JsonNode approval) {
        return Map.of(
                "revision",
                approval.path("revision").asInt(),
                "arguments_sha256",
                approval.path("arguments_sha256").asText());
    }

    static void taken(Answer vote) {
        assertThat(vote.status()).as(vote.text()).isEqualTo(200);
    }

    static void refused(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.error("code")).isEqualTo(code);
    }

    /** Lets the time of everything that a run waits for be over, by the database's clock. */
    void expire(String run) {
        people.server().database().execute("""
                with late as (update run_gates set due_at = now() where run_id = ? and status = 'open' returning run_id, seq)
                update approvals p set expires_at = now() from late l where p.run_id = l.run_id and p.seq = l.seq""", uuid(run));
    }

    static UUID uuid(String run) {
        return TypeId.parse(Kind.RUN, run).orElseThrow().uuid();
    }

    List<String> kinds(String run) {
        return TestServer.kinds(ann, run);
    }

    /** The types of a run's durable events, once it is over. */
    List<String> events(String run) {
        List<String> types = new ArrayList<>();
        try (ApiCaller.Events events = ann.events(run, java.util.Optional.empty())) {
            for (var event = events.next(); event.isPresent(); event = events.next()) {
                if (!event.get().id().isEmpty()) {
                    types.add(event.get().type());
                }
            }
        }
        return types;
    }

    @Override
    public void close() {
        people.close();
    }
}
