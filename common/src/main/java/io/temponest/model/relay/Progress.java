package io.temponest.model.relay;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.json.Json;
import io.temponest.model.wire.Form;
import java.util.List;
import java.util.Optional;

/**
 * How far a provider's stream has come: whether there is something of the answer yet, whether it has said why it ends, and
 * whether it is over. Looks into an event no further than it must. Not for several threads.
 */
final class Progress {

    private static final List<String> CHAT_CONTENT =
            List.of("content", "tool_calls", "refusal", "reasoning", "reasoning_content", "function_call", "audio");
    private static final List<String> OLLAMA_CONTENT = List.of("content", "thinking", "tool_calls");

    private final Form form;
    private boolean content;
    private boolean finished;

    Progress(Form form) {
        this.form = form;
    }

    /** What an event says. */
    sealed interface Step {

        record More() implements Step {}

        /** The answer is complete, whatever comes after. */
        record Done() implements Step {}

        /** What the provider tells of a failure: an object, or its words alone. */
        record Failed(JsonNode error) implements Step {}
    }

    private static final Step MORE = new Step.More();
    private static final Step DONE = new Step.Done();

    /** @param type of the event, {@code message} where the stream names none */
    Step see(String type, String data) {
        return switch (form) {
            case OPENAI_CHAT, OPENAI_RESPONSES -> chat(data);
            case ANTHROPIC_MESSAGES -> anthropic(type, data);
            case OLLAMA_CHAT -> ollama(data);
        };
    }

    /** Whether something of the answer itself has come. */
    boolean content() {
        return content;
    }

    /** Whether the provider has said why the answer ends; a stream that closes after it is complete. */
    boolean finished() {
        return finished;
    }

    private Step chat(String data) {
        if (data.equals("[DONE]")) {
            return DONE;
        }
        if (data.contains("\"error\"")) {
            Optional<Step> failed = failure(Json.tree(data).path("error"));
            if (failed.isPresent()) {
                return failed.get();
            }
        }
        if (!content) {
            for (JsonNode choice : Json.tree(data).path("choices")) {
                content |= holds(choice.path("delta"), CHAT_CONTENT);
            }
        }
        finished |= data.contains("\"finish_reason\":\"") || data.contains("\"finish_reason\": \"");
        return MORE;
    }

    private Step anthropic(String type, String data) {
        String kind = type.equals("message") ? Json.tree(data).path("type").asText() : type;
        return switch (kind) {
            case "message_stop" -> {
                finished = true;
                yield DONE;
            }
            case "error" -> new Step.Failed(Json.tree(data).path("error"));
            case "content_block_delta" -> {
                content = true;
                yield MORE;
            }
            default -> MORE;
        };
    }

    private Step ollama(String data) {
        JsonNode line = Json.tree(data);
        Optional<Step> failed = failure(line.path("error"));
        if (failed.isPresent()) {
            return failed.get();
        }
        content |= holds(line.path("message"), OLLAMA_CONTENT);
        finished |= line.path("done").asBoolean();
        return finished ? DONE : MORE;
    }

    private static Optional<Step> failure(JsonNode error) {
        return error.isTextual() || error.isObject() ? Optional.of(new Step.Failed(error)) : Optional.empty();
    }

    private static boolean holds(JsonNode part, List<String> fields) {
        return fields.stream()
                .map(part::path)
                .anyMatch(value -> value.isContainerNode()
                        ? !value.isEmpty()
                        : value.isTextual() && !value.textValue().isEmpty());
    }
}
