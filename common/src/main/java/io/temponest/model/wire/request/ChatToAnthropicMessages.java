package io.temponest.model.wire.request;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The conversation. System and developer messages go to the top, wherever they stand, as Anthropic's own OpenAI
 * compatibility does; neighbours of one role become one turn, and tool results a user's turn. Dropped: names of speakers,
 * the detail wanted of an image, and unsigned reasoning, which the API does not take back.
 */
final class ChatToAnthropicMessages {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final ArrayNode system = JSON.arrayNode();
    private final ArrayNode turns = JSON.arrayNode();

    ChatToAnthropicMessages(Fields chat) {
        if (!chat.has("messages")) {
            throw chat.missing("messages");
        }
        chat.objects("messages").forEach(this::add);
    }

    void writeTo(ObjectNode request) {
        if (!system.isEmpty()) {
            request.set("system", system);
        }
        request.set("messages", turns);
    }

    private void add(Fields message) {
        String role = message.requiredText("role");
        switch (role) {
            case "system", "developer" -> {
                String text = ChatPart.texts(message, "\n");
                if (!text.isEmpty()) {
                    system.addObject().put("type", "text").put("text", text);
                }
            }
            case "user" -> ChatPart.of(message).forEach(part -> turn("user").add(block(part)));
            case "assistant" -> assistant(message);
            case "tool" -> result(message);
            default -> throw message.refuse("role", "the provider knows no role '" + role + "'");
        }
    }

    private void assistant(Fields message) {
        for (String field : new String[] {"audio", "function_call"}) {
            if (message.has(field)) {
                throw message.refuse(field, "the provider has no such thing");
            }
        }
        String text = ChatPart.texts(message, "\n");
        message.text("refusal").filter(refusal -> text.isEmpty()).ifPresent(this::assistantText);
        assistantText(text);
        for (ChatToolCall call : ChatToolCall.of(message)) {
            turn("assistant")
                    .addObject()
                    .put("type", "tool_use")
                    .put("id", call.id())
                    .put("name", call.name())
                    .set("input", call.arguments());
        }
    }

    private void assistantText(String text) {
        if (!text.isEmpty()) {
            turn("assistant").addObject().put("type", "text").put("text", text);
        }
    }

    private void result(Fields message) {
        ObjectNode result = JSON.objectNode()
                .put("type", "tool_result")
                .put("tool_use_id", message.requiredText("tool_call_id"))
                .put("content", ChatPart.texts(message, "\n"));
        turn("user").add(result);
    }

    private static ObjectNode block(ChatPart part) {
        return switch (part) {
            case ChatPart.Text text -> JSON.objectNode().put("type", "text").put("text", text.text());
            case ChatPart.Image image -> {
                ObjectNode block = JSON.objectNode().put("type", "image");
                block.set("source", source(image));
                yield block;
            }
        };
    }

    private static ObjectNode source(ChatPart.Image image) {
        if (image.url().startsWith("http://") || image.url().startsWith("https://")) {
            return JSON.objectNode().put("type", "url").put("url", image.url());
        }
        DataUrl data = DataUrl.of(image.url())
                .orElseThrow(() -> Fields.wrongType(image.path(), "a web address or a data: URL in base64"));
        return JSON.objectNode()
                .put("type", "base64")
                .put("media_type", data.mediaType())
                .put("data", data.base64());
    }

    /** The content of the turn that is being written, or of a new one when the role changes. */
    private ArrayNode turn(String role) {
        if (turns.isEmpty()
                || !turns.get(turns.size() - 1).path("role").asText().equals(role)) {
            turns.addObject().put("role", role).putArray("content");
        }
        return (ArrayNode) turns.get(turns.size() - 1).get("content");
    }
}
