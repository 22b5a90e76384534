package io.temponest.gateway.models;

import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.Call;
import io.temponest.model.wire.Form;
import io.temponest.model.wire.RequestScan;
import io.vertx.core.Future;
import java.util.Optional;

/** Answers of agents to whoever takes them for models. */
@FunctionalInterface
public interface AgentAnswers {

    /** What the name of an agent begins with where a model's is wanted. */
    String PREFIX = "agent/";

    /**
     * What is wanted of an agent.
     *
     * @param agent slug or id
     * @param form of the request, and of the answer
     */
    record Wanted(String agent, Form form, RequestScan scan) {}

    Future<Answer> answer(Call call, Wanted wanted);

    /** The agent that a model's name means. */
    static Optional<String> agent(String model) {
        return model.startsWith(PREFIX) ? Optional.of(model.substring(PREFIX.length())) : Optional.empty();
    }
}
