package io.temponest.model.wire.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The instructions and input items of a Responses request as chat messages. Function calls join the assistant's message
 * before them, as the chat form has parallel calls. Reasoning items are dropped: chat messages have no place for them.
 */
final class ResponsesItems {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Fields body;
    private final ArrayNode messages = JSON.arrayNode();

    ResponsesItems(Fields body) {
        this.body = body;
    }

    ArrayNode messages() {
        body.text("instructions")
                .ifPresent(text -> messages.addObject().put("role", "system").put("content", text));
        JsonNode input = body.any("input").orElseThrow(() -> body.missing("input"));
        if (input.isTextual()) {
            messages.addObject().put("role", "user").set("content", input);
        } else {
            body.objects("input").forEach(this::item);
        }
        return messages;
    }

    private void item(Fields item) {
        String type = item.text("type").orElse("message");
        switch (type) {
            case "message" -> message(item);
            case "function_call" -> call(item);
            case "function_call_output" -> {
                ObjectNode result = messages.addObject().put("role", "tool");
                result.put("tool_call_id", item.requiredText("call_id")).set("content", output(item));
            }
            case "reasoning" -> {}
            case "item_reference" -> throw item.refuse("type", "nothing is stored here; send the item itself");
            default -> throw item.refuse("type", "'" + type + "' has no counterpart in a chat");
        }
    }

    private void message(Fields item) {
        String role = item.requiredText("role");
        ObjectNode message = JSON.objectNode().put("role", role);
        JsonNode content = item.any("content").orElseThrow(() -> item.missing("content"));
        message.set("content", content.isTextual() ? content : parts(item, "content"));
        messages.add(message);
    }

    private static ArrayNode parts(Fields item, String field) {
        ArrayNode parts = JSON.arrayNode();
        item.objects(field).forEach(part -> parts.add(part(part)));
        return parts;
    }

    private static ObjectNode part(Fields part) {
        String type = part.requiredText("type");
        return switch (type) {
            case "input_text", "output_text" ->
                JSON.objectNode().put("type", "text").put("text", part.requiredText("text"));
            case "refusal" -> JSON.objectNode().put("type", "refusal").put("refusal", part.requiredText("refusal"));
            case "input_image" -> {
                if (part.has("file_id")) {
                    throw part.refuse("file_id", "the provider does not have that file; send an address or its data");
                }
                ObjectNode out = JSON.objectNode().put("type", "image_url");
                ObjectNode image = out.putObject("image_url").put("url", part.requiredText("image_url"));
                part.text("detail").ifPresent(detail -> image.put("detail", detail));
                yield out;
            }
            default -> throw part.refuse("type", "texts and images can be carried over, not '" + type + "'");
        };
    }

    /** A tool's message holds texts only. */
    private static JsonNode output(Fields item) {
        JsonNode output = item.any("output").orElseThrow(() -> item.missing("output"));
        if (output.isTextual()) {
            return output;
        }
        for (Fields part : item.objects("output")) {
            if (!part.requiredText("type").equals("input_text")) {
                throw part.refuse("type", "a tool's result is text");
            }
        }
        return parts(item, "output");
    }

    private void call(Fields item) {
        ObjectNode last = messages.isEmpty() ? JSON.objectNode() : (ObjectNode) messages.get(messages.size() - 1);
        ObjectNode message = last.path("role").asText().equals("assistant")
                ? last
                : messages.addObject().put("role", "assistant").putNull("content");
        ObjectNode call = message.withArrayProperty("tool_calls").addObject();
        call.put("id", item.requiredText("call_id")).put("type", "function");
        call.putObject("function")
                .put("name", item.requiredText("name"))
                .put("arguments", item.requiredText("arguments"));
    }
}
