package io.temponest.cli;

import static io.temponest.cli.GateFixture.answer;
import static io.temponest.cli.GateFixture.approve;
import static io.temponest.cli.GateFixture.decide;
import static io.temponest.cli.GateFixture.refused;
import static io.temponest.cli.GateFixture.reject;
import static io.temponest.cli.GateFixture.taken;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.GateFixture.Scripted;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.TypeId;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls whose worker was lost before their result was written, of tools whose effect nobody can find out about. */
class EffectsInDoubtTest {

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

    /** As a worker leaves a run behind that is killed in the middle of a call of an unsafe tool. */
    private static String lost(Scripted agent) {
        agent.calls("knowledge_search", Map.of("query", "the keeper"));
        agent.says("Pattern.");
        String pattern = GateFixture.start(gates.ann(), agent);
        gates.succeeded(pattern);
        agent.scripts().all();
        TypeId run = new Ids().next(Kind.RUN);
        // One statement: a reaper must not see the session before it owns the run.
        gates.people()
                .server()
                .database()
                .execute(
                        """
                with lost as (
                    insert into worker_sessions (id, node, expires_at) values (?, 'lost', now() - interval '1 second')
                    returning id
                ), taken as (
                    insert into runs (id, tenant_id, agent_id, agent_version_id, created_by, request, model, deadline_at, status,
                                      owner, epoch, event_seq)
                    select ?, r.tenant_id, r.agent_id, r.agent_version_id, r.created_by, r.request, r.model,
                           now() + interval '10 minutes', 'running', lost.id, 1, 3
                    from runs r, lost where r.id = ? returning id
                )
                insert into run_steps (run_id, seq, phase, tenant_id, epoch, kind, name, payload)
                select t.id, s.seq, s.phase, s.tenant_id, 1, s.kind, s.name,
                       case s.kind when 'tool' then jsonb_set(s.payload, '{effect}', '"unsafe"') else s.payload end
                from run_steps s, taken t where s.run_id = ? and (s.seq < 3 or (s.seq = 3 and s.phase = 'intent'))""",
                        new Ids().next(Kind.SESSION).uuid(),
                        run.uuid(),
                        GateFixture.uuid(pattern),
                        GateFixture.uuid(pattern));
        return run.toString();
    }

    private static JsonNode doubt(String run) {
        assertThat(gates.waiting(run).path("queue_reason").asText()).isEqualTo("in_doubt");
        JsonNode question = gates.question(run);
        assertThat(question.path("kind").asText()).isEqualTo("in_doubt");
        assertThat(question.at("/arguments/query").asText()).isEqualTo("the keeper");
        return question;
    }

    @Test
    void aPersonSaysThatItHappenedAndItIsNotDoneAgain() {
        Scripted agent = gates.searching("low");
        String run = lost(agent);
        JsonNode question = doubt(run);
        agent.says("Good.");
        refused(approve(gates.berit(), question), 422, "wrong_answer");
        refused(reject(gates.berit(), question), 422, "wrong_answer");

        taken(decide(
                gates.berit(),
                question,
                "answer",
                Map.of("revision", 1, "answer", "happened", "comment", "I have seen it.")));

        assertThat(gates.succeeded(run).path("output").asText()).isEqualTo("Good.");
        assertThat(agent.told()).startsWith("A person says that it was done.");
        assertThat(gates.approval(question).path("answer").asText()).isEqualTo("happened");
        assertThat(gates.approval(question).at("/votes/0/comment").asText()).isEqualTo("I have seen it.");
    }

    @Test
    void aPersonSaysThatItDidNotHappenAndTheModelDecidesWhatFollows() {
        Scripted agent = gates.searching("low");
        String run = lost(agent);
        JsonNode question = doubt(run);
        agent.says("Then not.");

        taken(answer(gates.berit(), question, "did_not_happen"));

        gates.succeeded(run);
        assertThat(agent.told()).contains("did_not_happen");
    }

    @Test
    void aPersonSaysThatItIsToBeTriedAgainAndItIsDone() {
        Scripted agent = gates.searching("low");
        String run = lost(agent);
        JsonNode question = doubt(run);
        agent.says("Found.");

        taken(answer(gates.berit(), question, "try_again"));

        gates.succeeded(run);
        assertThat(agent.told()).startsWith("Passages");
        assertThat(gates.kinds(run)).containsExactly("retrieval", "llm", "tool", "gate", "decision", "llm");
    }

    @Test
    void whatNobodyCanSayIsToldToTheModel() {
        Scripted agent = gates.searching("low");
        String run = lost(agent);
        doubt(run);
        agent.says("A pity.");

        gates.expire(run);

        gates.succeeded(run);
        assertThat(agent.told()).contains("Nobody knows whether it was done.");
    }
}
