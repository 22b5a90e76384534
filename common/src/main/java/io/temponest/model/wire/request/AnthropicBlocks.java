package io.temponest.model.wire.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.json.Json;
import java.util.List;

/**
 * The system prompt and turns of an Anthropic request as chat messages: tool results become messages of their own, before
 * the rest of their turn. Dropped: thinking (signed for Anthropic alone), citations of earlier answers, and
 * {@code is_error} of a tool result, whose content says so itself.
 */
final class AnthropicBlocks {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Fields body;
    private final ArrayNode messages = JSON.arrayNode();

    AnthropicBlocks(Fields body) {
        this.body = body;
    }

    ArrayNode messages() {
        body.any("system")
                .ifPresent(system -> messages.addObject()
                        .put("role", "system")
                        .set("content", system.isTextual() ? system : system()));
        if (!body.has("messages")) {
            throw body.missing("messages");
        }
        List<Fields> turns = body.objects("messages");
        turns.forEach(this::turn);
        if (!turns.isEmpty() && turns.getLast().requiredText("role").equals("assistant")) {
            throw Fields.refusal(
                    turns.getLast().path(), "the provider begins an answer anew; end with a user's message");
        }
        return messages;
    }

    private ArrayNode system() {
        ArrayNode parts = JSON.arrayNode();
        body.objects("system").forEach(block -> parts.add(textPart(block)));
        return parts;
    }

    private static ObjectNode textPart(Fields block) {
        if (!block.requiredText("type").equals("text")) {
            throw block.refuse("type", "only text can stand here");
        }
        return JSON.objectNode().put("type", "text").put("text", block.requiredText("text"));
    }

    private void turn(Fields turn) {
        String role = turn.requiredText("role");
        JsonNode content = turn.any("content").orElseThrow(() -> turn.missing("content"));
        switch (role) {
            case "user", "assistant", "system" -> {}
            default -> throw turn.refuse("role", "there is no role '" + role + "'");
        }
        if (content.isTextual()) {
            messages.addObject().put("role", role).set("content", content);
        } else if (role.equals("assistant")) {
            assistant(turn);
        } else {
            user(role, turn);
        }
    }

    private void user(String role, Fields turn) {
        ArrayNode parts = JSON.arrayNode();
        for (Fields block : turn.objects("content")) {
            String type = block.requiredText("type");
            switch (type) {
                case "text" -> parts.add(textPart(block));
                case "image" -> parts.add(image(block));
                case "tool_result" -> {
                    ObjectNode result = messages.addObject().put("role", "tool");
                    result.put("tool_call_id", block.requiredText("tool_use_id"))
                            .set("content", result(block));
                }
                default -> throw block.refuse("type", "'" + type + "' has no counterpart in a chat");
            }
        }
        if (!parts.isEmpty()) {
            messages.addObject().put("role", role).set("content", parts);
        }
    }

    private static JsonNode result(Fields block) {
        JsonNode content = block.any("content").orElse(JSON.textNode(""));
        if (content.isTextual()) {
            return content;
        }
        ArrayNode parts = JSON.arrayNode();
        for (Fields part : block.objects("content")) {
            if (!part.requiredText("type").equals("text")) {
                throw part.refuse("type", "a tool's result is text");
            }
            parts.add(textPart(part));
        }
        return parts;
    }

    private static ObjectNode image(Fields block) {
        Fields source = block.requiredObject("source");
        String type = source.requiredText("type");
        String url = switch (type) {
            case "url" -> source.requiredText("url");
            case "base64" -> new DataUrl(source.requiredText("media_type"), source.requiredText("data")).toString();
            default -> throw source.refuse("type", "the provider does not have that file; send its data");
        };
        ObjectNode part = JSON.objectNode().put("type", "image_url");
        part.putObject("image_url").put("url", url);
        return part;
    }

    private void assistant(Fields turn) {
        ObjectNode message = JSON.objectNode().put("role", "assistant");
        ArrayNode texts = JSON.arrayNode();
        ArrayNode calls = JSON.arrayNode();
        for (Fields block : turn.objects("content")) {
            String type = block.requiredText("type");
            switch (type) {
                case "text" -> texts.add(textPart(block));
                case "tool_use" -> {
                    ObjectNode call = calls.addObject();
                    call.put("id", block.requiredText("id")).put("type", "function");
                    call.putObject("function")
                            .put("name", block.requiredText("name"))
                            .put(
                                    "arguments",
                                    Json.text(block.requiredObject("input").node()));
                }
                case "thinking", "redacted_thinking" -> {}
                default -> throw block.refuse("type", "'" + type + "' has no counterpart in a chat");
            }
        }
        message.set("content", texts.isEmpty() ? JSON.nullNode() : texts);
        if (!calls.isEmpty()) {
            message.set("tool_calls", calls);
        }
        messages.add(message);
    }
}
