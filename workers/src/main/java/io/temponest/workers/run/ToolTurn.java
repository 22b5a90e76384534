package io.temponest.workers.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.approval.Risk;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.knowledge.Passage;
import io.temponest.knowledge.PassageText;
import io.temponest.model.ToolCall;
import io.temponest.model.Turn;
import io.temponest.workers.run.AgentLoop.Action;
import io.temponest.workers.run.Journal.Step;
import io.temponest.workers.run.StepIntent.CallPlace;
import io.temponest.workers.run.StepResult.Answered;
import io.temponest.workers.run.StepResult.Broken;
import io.temponest.workers.run.StepResult.Closed;
import io.temponest.workers.run.StepResult.Used;
import io.temponest.workers.tool.BuiltInTools;
import io.temponest.workers.tool.Effect;
import io.temponest.workers.tool.Tool;
import io.temponest.workers.tool.ToolResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The tool calls of one answer, and what is left to do of them: first everything that people are to decide, then the calls, one
 * after the other, and last what takes time, all at once.
 */
final class ToolTurn {

    private static final int MOST_CALLS = 32;
    private static final int DEEPEST = 5;
    private static final long LONGEST_WAIT_S = 30L * 86_400;
    private static final int LONGEST_TASK = 100_000;

    private final ClaimedRun run;
    private final Toolset tools;
    private final Journal journal;
    private final int answer;
    private final Answered said;

    /** How far a call is. */
    private sealed interface Standing {

        /** It is over. */
        record Over(String text, List<Passage> passages) implements Standing {}

        /** It waits for people. */
        record Asks(Gate gate) implements Standing {}

        /** It goes on with this. */
        record Acts(Action action) implements Standing {}

        /** It waits for something else than people. */
        record Waits(Gate gate) implements Standing {}
    }

    /** @param answer the step in which the model asked for them */
    ToolTurn(ClaimedRun run, Toolset tools, Journal journal, int answer, Answered said) {
        this.run = run;
        this.tools = tools;
        this.journal = journal;
        this.answer = answer;
        this.said = said;
    }

    /** Empty when all calls are over. */
    Optional<Action> next() {
        List<Gate> asked = new ArrayList<>();
        List<Action> actions = new ArrayList<>();
        List<Gate> waited = new ArrayList<>();
        for (Standing standing : standings()) {
            switch (standing) {
                case Standing.Over over -> {}
                case Standing.Asks(Gate gate) -> asked.add(gate);
                case Standing.Acts(Action action) -> actions.add(action);
                case Standing.Waits(Gate gate) -> waited.add(gate);
            }
        }
        if (!asked.isEmpty()) {
            return Optional.of(new Action.Open(asked));
        }
        if (!actions.isEmpty()) {
            return Optional.of(actions.getFirst());
        }
        return waited.isEmpty() ? Optional.empty() : Optional.of(new Action.Open(waited));
    }

    /**
     * What the model is told, once all calls are over.
     *
     * @param citable gets the passages that were found
     */
    Turn done(List<Passage> citable) {
        List<String> results = new ArrayList<>();
        for (Standing standing : standings()) {
            Standing.Over over = (Standing.Over) standing;
            results.add(over.text() + PassageText.of(over.passages(), citable.size() + 1));
            citable.addAll(over.passages());
        }
        return new Turn(said.text(), said.wanted(), results);
    }

    private List<Standing> standings() {
        List<Standing> all = new ArrayList<>();
        for (int i = 0; i < said.wanted().size(); i++) {
            all.add(standing(new CallPlace(answer, i), said.wanted().get(i)));
        }
        return all;
    }

    private Standing standing(CallPlace place, ToolCall call) {
        List<Step> steps = journal.about(place);
        Optional<Step> work = steps.stream()
                .filter(step -> !step.kind().equals("gate") && !step.kind().equals("decision"))
                .findFirst();
        if (work.isPresent()) {
            return work.get().result().map(ToolTurn::over).orElseGet(() -> lost(place, call.name(), work.get(), steps));
        }
        Optional<Step> gate =
                steps.stream().filter(step -> step.gate(StepIntent.TOOL)).findFirst();
        if (gate.isEmpty()) {
            return begin(place, call);
        }
        return gate.get().result().isPresent() && gate.get().result().get() instanceof Closed closed
                ? voted(place, call, closed)
                : new Standing.Acts(new Action.End(Ending.failed(ApiError.of(
                        ErrorType.API_ERROR, "journal_unreadable", "A gate that is open cannot be passed."))));
    }

    private Standing begin(CallPlace place, ToolCall call) {
        Optional<Tool> tool = tools.find(call.name());
        if (tool.isEmpty()) {
            return refuse(place, call, "tool_not_found", "There is no tool '%s'.".formatted(call.name()));
        }
        if (place.index() >= MOST_CALLS) {
            return refuse(
                    place, call, "too_many_calls", "At most %d calls are made of one answer.".formatted(MOST_CALLS));
        }
        Optional<ObjectNode> arguments = Arguments.read(call.arguments());
        if (arguments.isEmpty()) {
            return refuse(place, call, "invalid_arguments", "The arguments are not a JSON object.");
        }
        Risk risk = tools.risk(call.name());
        if (risk == Risk.LOW) {
            return use(place, call, tool.get(), arguments.get());
        }
        Gate.Question question =
                new Gate.Question(StepIntent.TOOL, Optional.of(call.name()), risk, risk.approvers(), arguments.get());
        return new Standing.Asks(Gate.asking("approval", StepIntent.approval(place, call.name()), question));
    }

    /** It is the arguments that people have agreed to that count. */
    private Standing voted(CallPlace place, ToolCall call, Closed closed) {
        if (!closed.outcome().equals("approved")) {
            return new Standing.Over(
                    "Not done: the call was %s by people%s."
                            .formatted(
                                    closed.outcome(),
                                    closed.comment()
                                            .map(comment -> ", who said: " + comment)
                                            .orElse("")),
                    List.of());
        }
        Optional<Tool> tool = tools.find(call.name());
        return tool.isPresent()
                        && closed.arguments().isPresent()
                        && closed.arguments().get() instanceof ObjectNode arguments
                ? use(place, call, tool.get(), arguments)
                : refuse(place, call, "tool_not_found", "There is no tool '%s' any more.".formatted(call.name()));
    }

    private Standing use(CallPlace place, ToolCall call, Tool tool, ObjectNode arguments) {
        return switch (tool) {
            case Tool.Called called ->
                new Standing.Acts(new Action.Use(
                        journal.next(), place, called, arguments, AgentLoop.Beginning.FIRST, Optional.empty()));
            case Tool.Timer timer -> timer(place, call, arguments);
            case Tool.Child child -> child(place, call, child, arguments);
        };
    }

    private Standing timer(CallPlace place, ToolCall call, ObjectNode arguments) {
        JsonNode seconds = arguments.path(BuiltInTools.SECONDS);
        if (!seconds.isIntegralNumber() || seconds.asLong() < 1 || seconds.asLong() > LONGEST_WAIT_S) {
            return refuse(
                    place,
                    call,
                    "invalid_arguments",
                    "'seconds' must be a whole number from 1 to %d.".formatted(LONGEST_WAIT_S));
        }
        return new Standing.Waits(new Gate(
                "timer",
                call.name(),
                StepIntent.use(place, call.name(), arguments, Effect.PURE),
                Optional.of(seconds.asLong()),
                Optional.empty(),
                Optional.empty()));
    }

    private Standing child(CallPlace place, ToolCall call, Tool.Child child, ObjectNode arguments) {
        String task = arguments.path(BuiltInTools.TASK).asText("");
        if (task.isBlank() || task.length() > LONGEST_TASK) {
            return refuse(
                    place,
                    call,
                    "invalid_arguments",
                    "'task' must be a text of 1 to %d characters.".formatted(LONGEST_TASK));
        }
        if (run.depth() >= DEEPEST) {
            return refuse(place, call, "too_deep", "Agents may give tasks to agents %d times over.".formatted(DEEPEST));
        }
        return new Standing.Waits(new Gate(
                "child",
                call.name(),
                StepIntent.use(place, call.name(), arguments, Effect.PURE),
                Optional.empty(),
                Optional.empty(),
                Optional.of(new Gate.Task(child.agent(), task))));
    }

    private Standing refuse(CallPlace place, ToolCall call, String code, String message) {
        ApiError error = ApiError.of(ErrorType.INVALID_REQUEST_ERROR, code, message);
        return new Standing.Acts(new Action.Refuse(journal.next(), place, call.name(), error));
    }

    private static Standing over(StepResult result) {
        return switch (result) {
            case Used used -> new Standing.Over(used.text(), used.passages());
            case Broken broken ->
                new Standing.Over(
                        "Failed (%s): %s"
                                .formatted(broken.error().code(), broken.error().message()),
                        List.of());
            case Closed closed
            when closed.outcome().equals("fired") -> new Standing.Over("The time is over.", List.of());
            case Closed closed
            when closed.outcome().equals("succeeded") ->
                new Standing.Over(closed.output().orElse(""), List.of());
            case Closed closed ->
                new Standing.Over(
                        "The agent's run has %s%s"
                                .formatted(
                                        closed.outcome(),
                                        closed.error()
                                                .map(error -> ": " + error.message())
                                                .orElse(".")),
                        List.of());
            case StepResult.Retrieved other -> throw new IllegalStateException("a tool's call is no retrieval");
            case Answered other -> throw new IllegalStateException("a tool's call is no answer");
            case StepResult.Decided other -> throw new IllegalStateException("a tool's call is no decision");
        };
    }

    /** A call that was begun, and of which nobody knows how it ended. */
    private Standing lost(CallPlace place, String name, Step work, List<Step> steps) {
        Effect effect = work.intent().effect().orElse(Effect.UNSAFE);
        if (effect == Effect.UNSAFE || journal.decided(StepResult.Decided.IN_DOUBT, work.seq())) {
            return doubted(place, name, work, steps);
        }
        return again(
                place,
                name,
                work,
                effect == Effect.QUERYABLE ? AgentLoop.Beginning.ASK : AgentLoop.Beginning.AGAIN,
                Optional.empty());
    }

    private Standing again(
            CallPlace place, String name, Step work, AgentLoop.Beginning beginning, Optional<Integer> answered) {
        ToolResult gone = failed("tool_not_found", "There is no tool '%s' any more.".formatted(name));
        Optional<Tool.Called> tool =
                tools.find(name).filter(Tool.Called.class::isInstance).map(Tool.Called.class::cast);
        return tool.flatMap(called -> work.intent()
                        .arguments()
                        .filter(ObjectNode.class::isInstance)
                        .map(arguments -> (Action)
                                new Action.Use(work.seq(), place, called, (ObjectNode) arguments, beginning, answered)))
                .<Standing>map(Standing.Acts::new)
                .orElseGet(() -> settle(work, name, gone));
    }

    /** Only a person can tell. Each answer counts once: a call that is lost again is asked about again. */
    private Standing doubted(CallPlace place, String name, Step work, List<Step> steps) {
        Optional<Step> last = steps.stream()
                .filter(step -> step.gate(StepIntent.IN_DOUBT)
                        && step.intent().of().filter(of -> of == work.seq()).isPresent())
                .reduce((earlier, later) -> later)
                .filter(gate -> !journal.decided(StepResult.Decided.TRY_AGAIN, gate.seq()));
        if (last.isEmpty()
                || !(last.get().result().isPresent() && last.get().result().get() instanceof Closed closed)) {
            return new Standing.Asks(
                    Gate.asking("in_doubt", StepIntent.inDoubt(place, name, work.seq()), question(name, work)));
        }
        String comment = closed.comment().map(said -> " They said: " + said).orElse("");
        return switch (closed.outcome()) {
            case "happened" -> settle(work, name, new ToolResult.Done("A person says that it was done." + comment));
            case "try_again" ->
                again(
                        place,
                        name,
                        work,
                        AgentLoop.Beginning.AGAIN,
                        Optional.of(last.get().seq()));
            case "did_not_happen" ->
                settle(
                        work,
                        name,
                        failed(
                                "did_not_happen",
                                "A person says that it was not done, and it is not tried again." + comment));
            default -> settle(work, name, failed("in_doubt", "Nobody knows whether it was done."));
        };
    }

    private Gate.Question question(String name, Step work) {
        return new Gate.Question(
                StepIntent.IN_DOUBT,
                Optional.of(name),
                tools.risk(name),
                1,
                work.intent().arguments().orElseThrow());
    }

    private static Standing settle(Step work, String name, ToolResult result) {
        return new Standing.Acts(new Action.Settle(work.seq(), name, result));
    }

    private static ToolResult failed(String code, String message) {
        return new ToolResult.Failed(ApiError.of(ErrorType.UNPROCESSABLE_ERROR, code, message), false);
    }
}
