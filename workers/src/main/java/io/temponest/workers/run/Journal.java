package io.temponest.workers.run;

import io.temponest.workers.run.StepIntent.CallPlace;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a run has done and begun, by the numbers of its steps. Not for several threads. */
final class Journal {

    private static final SortedMap<Integer, Step> NONE = Collections.emptySortedMap();

    private final SortedMap<Integer, Step> steps = new TreeMap<>();
    private final Map<CallPlace, SortedMap<Integer, Step>> calls = new HashMap<>();

    /**
     * A step.
     *
     * @param result absent while it is being done, or when whoever did it was lost
     */
    record Step(int seq, String kind, StepIntent intent, Optional<StepResult> result) {

        boolean gate(String what) {
            return intent.gate().filter(what::equals).isPresent();
        }
    }

    boolean isEmpty() {
        return steps.isEmpty();
    }

    /** The number of the next step. */
    int next() {
        return steps.isEmpty() ? 1 : steps.lastKey() + 1;
    }

    void begun(int seq, String kind, StepIntent intent) {
        Step begun = new Step(seq, kind, intent, Optional.empty());
        if (steps.putIfAbsent(seq, begun) == null) {
            index(begun);
        }
    }

    void ended(int seq, String kind, StepResult result) {
        StepIntent intent =
                Optional.ofNullable(steps.get(seq)).map(Step::intent).orElse(StepIntent.NOTHING);
        Step ended = new Step(seq, kind, intent, Optional.of(result));
        steps.put(seq, ended);
        index(ended);
    }

    private void index(Step step) {
        Optional<CallPlace> call = step.intent().call();
        if (call.isPresent()) {
            calls.computeIfAbsent(call.get(), first -> new TreeMap<>()).put(step.seq(), step);
        }
    }

    /** All steps in order. */
    List<Step> steps() {
        return List.copyOf(steps.values());
    }

    /** The steps about a call of a tool, in order. The loop asks for each call of a run before each action. */
    List<Step> about(CallPlace call) {
        return List.copyOf(calls.getOrDefault(call, NONE).values());
    }

    List<Step> ofKind(String kind) {
        return steps.values().stream().filter(step -> step.kind().equals(kind)).toList();
    }

    /** Whether the engine has decided this about a step. */
    boolean decided(String verdict, int of) {
        return steps.values().stream()
                .anyMatch(step -> step.result()
                        .filter(result -> result.equals(new StepResult.Decided(verdict, of)))
                        .isPresent());
    }
}
