package io.temponest.workers.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.approval.ApprovalRule;
import io.temponest.approval.OnTimeout;
import io.temponest.approval.Risk;
import io.temponest.json.CanonicalJson;
import io.temponest.model.Message;
import io.temponest.model.ModelName;
import io.temponest.run.RunRequest;
import io.temponest.store.EnginePostgres;
import io.temponest.workers.run.ClaimedRun.Lease;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Where runs wait. Each write is one statement, fenced by the lease, and may be repeated. */
final class GateStore {

    private static final String OPEN = "select held, parked, last_event from gates_open($1, $2, $3, $4::text::jsonb)";

    private static final String PARK = "select run_park($1, $2, $3) as parked";

    private final EnginePostgres engine;

    GateStore(EnginePostgres engine) {
        this.engine = engine;
    }

    /** A gate as it is made, with its step's number and with ids; the same for every attempt to make it. */
    record Opening(
            int seq,
            String kind,
            String name,
            StepIntent intent,
            Optional<Long> dueS,
            Optional<Approval> approval,
            Optional<Child> child) {}

    /** A question for people. */
    record Approval(
            UUID id,
            String kind,
            Optional<String> tool,
            Risk risk,
            int required,
            JsonNode arguments,
            String argumentsSha256,
            OnTimeout onTimeout,
            Optional<Integer> remindS) {

        static Approval of(UUID id, Gate.Question question, ApprovalRule rule) {
            return new Approval(
                    id,
                    question.kind(),
                    question.tool(),
                    question.risk(),
                    question.required(),
                    question.arguments(),
                    HexFormat.of().formatHex(CanonicalJson.sha256(question.arguments())),
                    rule.onTimeout(question.risk()),
                    rule.remindS());
        }
    }

    /** A run to make. */
    record Child(UUID id, UUID agentId, UUID agentVersionId, String agent, RunRequest request, ModelName model) {

        /** @param parent who may search no more through it than by itself */
        static Child of(UUID id, Gate.Task task, ModelName model, RunRequest parent) {
            return new Child(
                    id,
                    task.agent().id().uuid(),
                    task.agent().versionId().uuid(),
                    task.agent().slug(),
                    new RunRequest(
                            List.of(new Message(Message.Role.USER, task.text())),
                            Optional.empty(),
                            parent.collections(),
                            Optional.empty()),
                    model);
        }
    }

    /**
     * What became of it.
     *
     * @param parked whether the run waits, and has left this worker
     * @param event number of its last event
     */
    record Opened(boolean parked, long event) {}

    /** Opens gates. Fails with {@link LeaseLostException} when the lease is over. */
    Future<Opened> open(Lease lease, List<Opening> gates) {
        return engine.query(OPEN, tuple(lease).addString(JournalStore.json(gates)))
                .map(rows -> {
                    Row row = rows.iterator().next();
                    if (!row.getBoolean("held")) {
                        throw new LeaseLostException(lease);
                    }
                    return new Opened(row.getBoolean("parked"), row.getLong("last_event"));
                });
    }

    /** Lets a run wait that somebody has paused. */
    Future<Void> park(Lease lease) {
        return engine.query(PARK, tuple(lease))
                .compose(rows -> rows.iterator().next().getBoolean("parked")
                        ? Future.<Void>succeededFuture()
                        : Future.failedFuture(new LeaseLostException(lease)));
    }

    private static Tuple tuple(Lease lease) {
        return Tuple.tuple()
                .addUUID(lease.run().uuid())
                .addInteger(lease.epoch())
                .addUUID(lease.owner().uuid());
    }
}
