package io.temponest.model.wire.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * A chat request as one of Ollama's {@code /api/chat}, after its API documentation. Dropped beside
 * {@link ChatFields#DROPPED}: names of speakers, the detail wanted of an image, {@code strict} of tools.
 */
public final class ChatToOllama {

    private static final Set<String> CARRIED = Set.of(
            "model",
            "messages",
            "max_completion_tokens",
            "max_tokens",
            "temperature",
            "top_p",
            "top_k",
            "seed",
            "stop",
            "stream",
            "tools",
            "tool_choice",
            "parallel_tool_calls",
            "response_format",
            "reasoning_effort",
            "frequency_penalty",
            "presence_penalty");

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Fields chat;
    private final ObjectNode request = JSON.objectNode();
    private final Map<String, String> toolNames = new HashMap<>();

    private ChatToOllama(Fields chat) {
        this.chat = chat;
    }

    /** @throws io.temponest.error.ApiException for what cannot be carried over, with the field named */
    public static ObjectNode translate(ObjectNode chat) {
        return new ChatToOllama(Fields.body(chat)).translate();
    }

    private ObjectNode translate() {
        ChatFields.refuse(chat, CARRIED);
        request.put("model", chat.requiredText("model"));
        if (!chat.has("messages")) {
            throw chat.missing("messages");
        }
        ArrayNode messages = request.putArray("messages");
        chat.objects("messages").forEach(message -> messages.add(message(message)));
        // It streams unless it is told not to, unlike the hub form.
        request.put("stream", chat.flag("stream").orElse(false));
        tools();
        format();
        think();
        options();
        return request;
    }

    private ObjectNode message(Fields message) {
        String role = message.requiredText("role");
        return switch (role) {
            case "system", "developer" -> text("system", message);
            case "user" -> user(message);
            case "assistant" -> assistant(message);
            case "tool" -> result(message);
            default -> throw message.refuse("role", "the provider knows no role '" + role + "'");
        };
    }

    private static ObjectNode text(String role, Fields message) {
        return JSON.objectNode().put("role", role).put("content", ChatPart.texts(message, "\n"));
    }

    private static ObjectNode user(Fields message) {
        StringBuilder text = new StringBuilder();
        ArrayNode images = JSON.arrayNode();
        for (ChatPart part : ChatPart.of(message)) {
            switch (part) {
                case ChatPart.Text piece ->
                    text.append(text.isEmpty() ? "" : "\n").append(piece.text());
                case ChatPart.Image image ->
                    images.add(DataUrl.of(image.url())
                            .orElseThrow(() -> Fields.refusal(
                                    image.path(), "the provider fetches no addresses; send a data: URL in base64"))
                            .base64());
            }
        }
        ObjectNode out = JSON.objectNode().put("role", "user").put("content", text.toString());
        if (!images.isEmpty()) {
            out.set("images", images);
        }
        return out;
    }

    private ObjectNode assistant(Fields message) {
        for (String field : new String[] {"audio", "function_call"}) {
            if (message.has(field)) {
                throw message.refuse(field, "the provider has no such thing");
            }
        }
        ObjectNode out = text("assistant", message);
        message.text("refusal")
                .filter(refusal -> out.get("content").asText().isEmpty())
                .ifPresent(refusal -> out.put("content", refusal));
        message.text("reasoning_content").ifPresent(thinking -> out.put("thinking", thinking));
        for (ChatToolCall call : ChatToolCall.of(message)) {
            toolNames.put(call.id(), call.name());
            ObjectNode function = out.withArrayProperty("tool_calls")
                    .addObject()
                    .put("id", call.id())
                    .putObject("function");
            function.put("name", call.name()).set("arguments", call.arguments());
        }
        return out;
    }

    private ObjectNode result(Fields message) {
        String id = message.requiredText("tool_call_id");
        String name = toolNames.get(id);
        if (name == null) {
            throw Fields.wrongType(message.at("tool_call_id"), "the id of a tool call of an earlier message");
        }
        return text("tool", message).put("tool_name", name).put("tool_call_id", id);
    }

    private void tools() {
        JsonNode choice = chat.any("tool_choice").orElse(JSON.textNode("auto"));
        if (!choice.asText().equals("auto") && !choice.asText().equals("none")) {
            throw chat.refuse("tool_choice", "the provider cannot be made to call a tool");
        }
        ArrayNode tools = JSON.arrayNode();
        for (Fields tool : chat.objects("tools")) {
            if (!tool.requiredText("type").equals("function")) {
                throw tool.refuse("type", "the provider's tools are functions");
            }
            Fields function = tool.requiredObject("function");
            ObjectNode out = tools.addObject().put("type", "function").putObject("function");
            out.put("name", function.requiredText("name"));
            function.text("description").ifPresent(text -> out.put("description", text));
            function.object("parameters").ifPresent(schema -> out.set("parameters", schema.node()));
        }
        if (tools.isEmpty() || choice.asText().equals("none")) {
            return;
        }
        if (!chat.flag("parallel_tool_calls").orElse(true)) {
            throw chat.refuse("parallel_tool_calls", "the provider decides how many tools it calls");
        }
        request.set("tools", tools);
    }

    private void format() {
        chat.object("response_format").ifPresent(format -> {
            switch (format.requiredText("type")) {
                case "text" -> {}
                case "json_object" -> request.put("format", "json");
                case "json_schema" ->
                    request.set(
                            "format",
                            format.requiredObject("json_schema")
                                    .requiredObject("schema")
                                    .node());
                default -> throw format.refuse("type", "the provider knows no such format");
            }
        });
    }

    private void think() {
        chat.text("reasoning_effort").ifPresent(effort -> {
            switch (effort) {
                case "none" -> request.put("think", false);
                case "minimal", "low" -> request.put("think", "low");
                case "medium" -> request.put("think", "medium");
                case "high", "xhigh", "max" -> request.put("think", "high");
                default -> throw chat.refuse("reasoning_effort", "the provider knows no such effort");
            }
        });
    }

    private void options() {
        ObjectNode options = JSON.objectNode();
        chat.number("max_completion_tokens")
                .or(() -> chat.number("max_tokens"))
                .ifPresent(most -> options.set("num_predict", most));
        for (String same :
                new String[] {"temperature", "top_p", "top_k", "seed", "frequency_penalty", "presence_penalty"}) {
            chat.number(same).ifPresent(value -> options.set(same, value));
        }
        chat.any("stop")
                .ifPresent(stop ->
                        options.set("stop", stop.isTextual() ? JSON.arrayNode().add(stop) : stop));
        if (!options.isEmpty()) {
            request.set("options", options);
        }
    }
}
