package io.temponest.model.wire.request;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.json.Json;
import java.util.List;

/** A tool call of an earlier answer, as the chat form has it: with its arguments in a string. */
record ChatToolCall(String id, String name, ObjectNode arguments) {

    static List<ChatToolCall> of(Fields message) {
        return message.objects("tool_calls").stream().map(ChatToolCall::read).toList();
    }

    private static ChatToolCall read(Fields call) {
        if (!call.text("type").orElse("function").equals("function")) {
            throw call.refuse("type", "the provider's tools are functions");
        }
        Fields function = call.requiredObject("function");
        return new ChatToolCall(call.requiredText("id"), function.requiredText("name"), arguments(function));
    }

    private static ObjectNode arguments(Fields function) {
        String text = function.text("arguments").orElse("");
        if (text.isBlank()) {
            return JsonNodeFactory.instance.objectNode();
        }
        try {
            JsonNode arguments = Json.LENIENT.readTree(text);
            if (arguments instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            // told below, as any other text that is no object
        }
        throw Fields.wrongType(function.at("arguments"), "a JSON object in a string");
    }
}
