package io.temponest.workers.run;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.workers.tool.Effect;
import java.util.Optional;

/**
 * What is noted of a step before it is done. Field names are part of the journal's format.
 *
 * @param gate {@code start}, {@code tool} or {@code in_doubt}, of a gate that people open
 * @param call of a model, that it is about
 * @param tool that is called
 * @param arguments that it is called with
 * @param effect that it had when it was called
 * @param of the step whose effect is in doubt
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record StepIntent(
        Optional<String> gate,
        Optional<CallPlace> call,
        Optional<String> tool,
        Optional<JsonNode> arguments,
        Optional<Effect> effect,
        Optional<Integer> of) {

    static final String START = "start";
    static final String TOOL = "tool";
    static final String IN_DOUBT = "in_doubt";

    static final StepIntent NOTHING = new StepIntent(
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /**
     * Which call of which answer.
     *
     * @param answer the step of the model's call
     * @param index from 0
     */
    record CallPlace(int answer, int index) {}

    static StepIntent start() {
        return new StepIntent(
                Optional.of(START),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    static StepIntent approval(CallPlace call, String tool) {
        return new StepIntent(
                Optional.of(TOOL),
                Optional.of(call),
                Optional.of(tool),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    static StepIntent inDoubt(CallPlace call, String tool, int of) {
        return new StepIntent(
                Optional.of(IN_DOUBT),
                Optional.of(call),
                Optional.of(tool),
                Optional.empty(),
                Optional.empty(),
                Optional.of(of));
    }

    static StepIntent use(CallPlace call, String tool, JsonNode arguments, Effect effect) {
        return new StepIntent(
                Optional.empty(),
                Optional.of(call),
                Optional.of(tool),
                Optional.of(arguments),
                Optional.of(effect),
                Optional.empty());
    }
}
