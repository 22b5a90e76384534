package io.temponest.workers.run;

import io.temponest.agent.AgentSpec;
import io.temponest.json.Json;
import io.temponest.model.Message;
import io.temponest.model.ModelRequest;
import io.temponest.model.ModelRequest.Sampling;
import io.temponest.model.ToolOffer;
import io.temponest.workers.run.AgentLoop.Action.AskModel;
import java.util.ArrayList;
import java.util.List;

/** Makes a model's request from a run. */
final class Prompt {

    private Prompt() {}

    static ModelRequest of(ClaimedRun run, AskModel asked, List<ToolOffer> tools) {
        AgentSpec agent = run.agent();
        List<Message> messages = new ArrayList<>();
        messages.add(new Message(Message.Role.SYSTEM, agent.instructions()));
        run.request()
                .context()
                .ifPresent(context -> messages.add(
                        new Message(Message.Role.SYSTEM, "Context of the task, as JSON:\n" + Json.text(context))));
        messages.addAll(run.request().input());
        return new ModelRequest(
                run.model(),
                messages,
                asked.passages(),
                asked.turns(),
                tools,
                new Sampling(agent.temperature(), agent.topP(), agent.seed(), agent.maxOutputTokens()),
                run.payer(asked.seq()));
    }

    /** The texts whose tokens count against the agent's task budget: everything that the caller sent. */
    static List<String> callersTexts(ClaimedRun run) {
        List<String> texts = new ArrayList<>();
        run.request().input().forEach(message -> texts.add(message.content()));
        run.request().context().ifPresent(context -> texts.add(Json.text(context)));
        return texts;
    }
}
