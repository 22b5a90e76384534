package io.temponest.model.relay;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.json.Json;
import io.temponest.model.Message;
import io.temponest.model.Message.Role;
import io.temponest.model.ModelAddresses.Ask;
import io.temponest.model.ModelName;
import io.temponest.model.relay.Fault.Kind;
import io.temponest.spend.Account;
import java.util.ArrayList;
import java.util.List;

/** A chat request as the models in the workers understand it: texts, and nothing else. */
final class Conversation {

    /** A message on the bus is not for documents; those belong in collections. */
    private static final int LONGEST = 48 << 10;

    private static final int MOST_TOKENS = 4_096;

    private Conversation() {}

    /** @throws Fault.Failure for what they cannot do */
    static Ask of(Account payer, ModelName model, byte[] body) {
        if (body.length > LONGEST) {
            throw refused("messages", "must not be longer than 48 KiB for this model; put documents into a collection");
        }
        JsonNode request = Json.read(body, JsonNode.class);
        List<Message> messages = new ArrayList<>();
        for (JsonNode message : request.path("messages")) {
            messages.add(new Message(role(message.path("role").asText()), content(message.path("content"))));
        }
        if (messages.isEmpty() || messages.getLast().role() != Role.USER) {
            throw refused("messages", "must end with a message of the user");
        }
        int limit = request.path("max_completion_tokens")
                .asInt(request.path("max_tokens").asInt(MOST_TOKENS));
        return new Ask(payer, model, messages, limit);
    }

    private static Role role(String text) {
        return switch (text) {
            case "user" -> Role.USER;
            case "assistant" -> Role.ASSISTANT;
            case "system", "developer" -> Role.SYSTEM;
            default -> throw refused("messages", "may only have the roles system, user and assistant for this model");
        };
    }

    private static String content(JsonNode content) {
        if (content.isTextual()) {
            return content.textValue();
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode part : content) {
            if (!part.path("text").isTextual()) {
                throw refused("messages", "may only hold texts for this model");
            }
            text.append(part.path("text").textValue());
        }
        return text.toString();
    }

    private static Fault.Failure refused(String param, String what) {
        return Fault.of(
                        Kind.REJECTED,
                        new ApiError(
                                ErrorType.INVALID_REQUEST_ERROR,
                                "'%s' %s.".formatted(param, what),
                                java.util.Optional.of(param),
                                "model_cannot"))
                .failure();
    }
}
