package io.temponest.workers.run;

import io.temponest.agent.Agent;
import io.temponest.approval.ApprovalRule;
import io.temponest.identity.Kind;
import io.temponest.model.ModelName;
import io.temponest.workers.run.GateStore.Approval;
import io.temponest.workers.run.GateStore.Child;
import io.temponest.workers.run.GateStore.Opened;
import io.temponest.workers.run.GateStore.Opening;
import java.util.ArrayList;
import java.util.List;

/** Lets a run wait: its gates, what they ask or make, and the end of this worker's part are one write. */
final class GateStep {

    private final Engine engine;
    private final LiveRun live;
    private final ClaimedRun run;

    GateStep(Engine engine, LiveRun live) {
        this.engine = engine;
        this.live = live;
        this.run = live.run();
    }

    /**
     * Opens gates.
     *
     * @param first number of the first one's step
     * @return whether the run has left this worker
     */
    boolean open(List<Gate> gates, int first) {
        List<Opening> openings = new ArrayList<>();
        for (Gate gate : gates) {
            openings.add(opening(gate, first + openings.size()));
        }
        Opened opened = engine.persist(live, () -> engine.gates().open(run.lease(), openings));
        live.announce(opened.event());
        return opened.parked();
    }

    private Opening opening(Gate gate, int seq) {
        ApprovalRule rule = run.agent().approvalRule();
        return new Opening(
                seq,
                gate.kind(),
                gate.name(),
                gate.intent(),
                gate.question().map(question -> (long) rule.timeoutS()).or(gate::patienceS),
                gate.question()
                        .map(question ->
                                Approval.of(engine.ids().next(Kind.APPROVAL).uuid(), question, rule)),
                gate.child()
                        .map(task -> Child.of(
                                engine.ids().next(Kind.RUN).uuid(), task, model(task.agent()), run.request())));
    }

    /** The agent's own, else the one of this run. */
    private ModelName model(Agent agent) {
        return agent.spec().model().flatMap(ModelName::find).orElse(run.model());
    }

    /** Lets the run wait for whoever paused it. */
    void park() {
        engine.persist(live, () -> engine.gates().park(run.lease()));
    }
}
