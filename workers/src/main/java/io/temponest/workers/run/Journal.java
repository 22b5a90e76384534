package io.temponest.workers.run;

import io.temponest.workers.run.StepIntent.CallPlace;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a run has done and begun, by the numbers of its steps. Not for several threads. */
final class Journal {

    private final SortedMap<Integer, Step> steps = new TreeMap<>();

    /**
     * A step.
     *
     * @param result absent while it is being done, or when whoever did it was lost
     */
    record Step(int seq, String kind, StepIntent intent, Optional<StepResult> result) {

        boolean about(CallPlace call) {
            return intent.call().filter(call::equals).isPresent();
        }

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
        steps.putIfAbsent(seq, new Step(seq, kind, intent, Optional.empty()));
    }

    void ended(int seq, String kind, StepResult result) {
        StepIntent intent =
                Optional.ofNullable(steps.get(seq)).map(Step::intent).orElse(StepIntent.NOTHING);
        steps.put(seq, new Step(seq, kind, intent, Optional.of(result)));
    }

    /** All steps in order. */
    List<Step> steps() {
        return List.copyOf(steps.values());
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
