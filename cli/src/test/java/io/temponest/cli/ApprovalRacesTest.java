package io.temponest.cli;

import static io.temponest.cli.GateFixture.approve;
import static io.temponest.cli.GateFixture.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Answer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Votes, and the end of their time, in the same moment: held open by the database's own locks. */
class ApprovalRacesTest {

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

    /** The reaper's own statement, held open at its end. */
    @Test
    void aVoteThatComesWhileTheTimeRunsOutIsTooLate() throws SQLException {
        String run = gates.asking("medium", "the storm");
        JsonNode question = gates.question(run);
        try (HeldOpen reaper = heldOpen()) {
            reaper.execute("update run_gates set due_at = now() - interval '1 second' where run_id = ?", run);
            reaper.execute("update approvals set expires_at = now() - interval '1 second' where run_id = ?", run);
            assertThat(reaper.ask("select gates_due()")).isEqualTo(1);
            CompletableFuture<Answer> late = CompletableFuture.supplyAsync(() -> approve(gates.berit(), question));
            reaper.awaitWaiting(1);
            reaper.commit();

            refused(late.join(), 422, "approval_over");
        }
        gates.succeeded(run);
        assertThat(gates.approval(question).path("status").asText()).isEqualTo("expired");
        assertThat(gates.kinds(run)).doesNotContain("tool");
    }

    /** The vote's own statement, held open at its end, while the time runs out. */
    @Test
    void aVoteThatCameInTimeCountsAlthoughTheTimeRunsOutBeforeItIsWritten() throws SQLException {
        String run = gates.asking("medium", "the calm");
        JsonNode question = gates.question(run);
        gates.people().server().database().execute("""
                        with soon as (
                            update run_gates set due_at = now() + interval '2 seconds' where run_id = ? returning due_at, run_id
                        )
                        update approvals p set expires_at = s.due_at from soon s where p.run_id = s.run_id""", GateFixture.uuid(run));
        try (HeldOpen voter = heldOpen()) {
            voter.execute("""
                    select set_config('app.current_tenant', tenant_id::text, true),
                           approval_vote(id, gen_random_uuid(), null, 'approve', 1, null, null)
                    from approvals where run_id = ?""", run);
            voter.awaitTrue(
                    "select (due_at < now())::int from run_gates where run_id = '%s'".formatted(GateFixture.uuid(run)));
            voter.commit();
        }
        gates.succeeded(run);
        assertThat(gates.approval(question).path("status").asText()).isEqualTo("approved");
        assertThat(gates.kinds(run)).contains("tool");
    }

    @Test
    void twoLastVotesAtOnceDecideOnce() throws SQLException {
        String run = gates.asking("medium", "the swell");
        JsonNode question = gates.question(run);
        List<Integer> statuses;
        try (HeldOpen holder = heldOpen()) {
            holder.execute("select from runs where id = ? for update", run);
            CompletableFuture<Answer> one = CompletableFuture.supplyAsync(() -> approve(gates.berit(), question));
            CompletableFuture<Answer> other = CompletableFuture.supplyAsync(() -> approve(gates.carl(), question));
            holder.awaitWaiting(2);
            holder.commit();
            statuses = List.of(one.join().status(), other.join().status());
        }
        assertThat(statuses).containsExactlyInAnyOrder(200, 422);
        gates.succeeded(run);
        assertThat(gates.events(run).stream().filter("approval.approved"::equals))
                .hasSize(1);
        assertThat(gates.kinds(run).stream().filter("tool"::equals)).hasSize(1);
    }

    private static HeldOpen heldOpen() throws SQLException {
        return HeldOpen.begin(gates.people().server().database());
    }
}
