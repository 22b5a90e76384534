package io.temponest.workers.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.approval.Risk;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.json.CanonicalJson;
import io.temponest.json.Json;
import io.temponest.knowledge.Passage;
import io.temponest.model.Turn;
import io.temponest.workers.run.Journal.Step;
import io.temponest.workers.run.StepIntent.CallPlace;
import io.temponest.workers.run.StepResult.Answered;
import io.temponest.workers.run.StepResult.Broken;
import io.temponest.workers.run.StepResult.Closed;
import io.temponest.workers.run.StepResult.Retrieved;
import io.temponest.workers.tool.Tool;
import io.temponest.workers.tool.ToolResult;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What an agent does next, decided from the run, its tools and its journal alone: the same journal always gives the same next
 * action, on any node and by any later version that can read it.
 */
final class AgentLoop {

    /** As much of a task as a person reads who is asked about it. */
    private static final int SHOWN = 4_000;

    private static final ApiError UNREADABLE =
            ApiError.of(ErrorType.API_ERROR, "journal_unreadable", "The journal holds an unexpected step.");

    private AgentLoop() {}

    /** The next thing to do. */
    sealed interface Action {

        /** Find passages for the task. */
        record Retrieve(int seq) implements Action {}

        /** Ask the model, showing it these passages and what was done since. */
        record AskModel(int seq, List<Passage> passages, List<Turn> turns) implements Action {}

        /** Wait for all of these; their steps have the next numbers. */
        record Open(List<Gate> gates) implements Action {}

        /**
         * Call a tool.
         *
         * @param answered the gate by which a person said that it is to be tried again
         */
        record Use(
                int seq,
                CallPlace call,
                Tool.Called tool,
                ObjectNode arguments,
                Beginning beginning,
                Optional<Integer> answered)
                implements Action {}

        /** Note that a tool cannot be called. */
        record Refuse(int seq, CallPlace call, String tool, ApiError error) implements Action {}

        /** Note how a call ended that was lost. */
        record Settle(int seq, String tool, ToolResult result) implements Action {}

        /** There is nothing left to do. */
        record End(Ending ending) implements Action {}
    }

    /** What is known of a call that is to be made. */
    enum Beginning {
        /** It was never made. */
        FIRST,
        /** It may have been made, and may be made again. */
        AGAIN,
        /** It may have been made: the tool knows. */
        ASK
    }

    static Action next(ClaimedRun run, Toolset tools, Journal journal) {
        Optional<Action> barred = start(run, journal);
        if (barred.isPresent()) {
            return barred.get();
        }
        List<Step> retrievals = journal.ofKind("retrieval");
        if (retrievals.isEmpty()) {
            return new Action.Retrieve(journal.next());
        }
        return retrievals
                        .getFirst()
                        .result()
                        .filter(Retrieved.class::isInstance)
                        .isPresent()
                ? converse(run, tools, journal, (Retrieved)
                        retrievals.getFirst().result().get())
                : broken(retrievals.getFirst());
    }

    private static Action converse(ClaimedRun run, Toolset tools, Journal journal, Retrieved found) {
        List<Passage> citable = new ArrayList<>(found.passages());
        List<Turn> turns = new ArrayList<>();
        for (Step step : journal.ofKind("llm")) {
            if (step.result().isEmpty()) {
                return new Action.AskModel(step.seq(), found.passages(), turns);
            }
            if (!(step.result().get() instanceof Answered answer)) {
                return broken(step);
            }
            if (answer.wanted().isEmpty()) {
                return new Action.End(GroundingCheck.judge(answer.text(), citable, run.grounding()));
            }
            ToolTurn turn = new ToolTurn(run, tools, journal, step.seq(), answer);
            Optional<Action> left = turn.next();
            if (left.isPresent()) {
                return left.get();
            }
            turns.add(turn.done(citable));
        }
        return turns.size() < run.agent().turnLimit()
                ? new Action.AskModel(journal.next(), found.passages(), turns)
                : failed(
                        ErrorType.UNPROCESSABLE_ERROR,
                        "turn_limit",
                        "The agent has asked its model %d times without coming to an end.".formatted(turns.size()));
    }

    /** A run that may do harm waits for people before it does anything. */
    private static Optional<Action> start(ClaimedRun run, Journal journal) {
        Risk risk = run.risk();
        if (risk == Risk.LOW) {
            return Optional.empty();
        }
        Optional<Step> gate = journal.steps().stream()
                .filter(step -> step.gate(StepIntent.START))
                .findFirst();
        if (gate.isEmpty()) {
            Gate.Question question =
                    new Gate.Question(StepIntent.START, Optional.empty(), risk, risk.approvers(), shown(run));
            return Optional.of(new Action.Open(List.of(Gate.asking("approval", StepIntent.start(), question))));
        }
        if (!(gate.get().result().isPresent() && gate.get().result().get() instanceof Closed closed)) {
            return Optional.of(broken(gate.get()));
        }
        return closed.outcome().equals("approved")
                ? Optional.empty()
                : Optional.of(failed(
                        ErrorType.UNPROCESSABLE_ERROR,
                        "approval_" + closed.outcome(),
                        "The run was not approved: it was %s%s."
                                .formatted(
                                        closed.outcome(),
                                        closed.comment()
                                                .map(comment -> " (" + comment + ")")
                                                .orElse(""))));
    }

    /** What people agree to: the task as they can read it, and the hash of everything that the run was asked. */
    private static ObjectNode shown(ClaimedRun run) {
        String task = run.request().task();
        byte[] sha256 = CanonicalJson.sha256(Json.STRICT.valueToTree(run.request()));
        return Json.STRICT
                .createObjectNode()
                .put("task", task.length() <= SHOWN ? task : task.substring(0, task.offsetByCodePoints(0, SHOWN / 2)))
                .put("request_sha256", HexFormat.of().formatHex(sha256));
    }

    private static Action broken(Step step) {
        return new Action.End(Ending.failed(
                step.result().isPresent() && step.result().get() instanceof Broken failed
                        ? failed.error()
                        : UNREADABLE));
    }

    private static Action failed(ErrorType type, String code, String message) {
        return new Action.End(Ending.failed(ApiError.of(type, code, message)));
    }
}
