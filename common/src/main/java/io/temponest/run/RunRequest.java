package io.temponest.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.identity.TypeId;
import io.temponest.model.Message;
import java.util.List;
import java.util.Optional;

/**
 * What a run was asked to do; stored with it and never changed.
 *
 * @param input the conversation; the last message is the user's task
 * @param context what the caller adds for the model, any JSON object
 * @param collections named by the caller; empty: the agent's
 * @param risk {@code low}, {@code medium} or {@code high}, where the caller says so
 */
public record RunRequest(
        List<Message> input, Optional<JsonNode> context, List<TypeId> collections, Optional<String> risk) {

    public RunRequest {
        input = List.copyOf(input);
        collections = List.copyOf(collections);
    }

    /** The task: the last message. */
    public String task() {
        return input.getLast().content();
    }
}
