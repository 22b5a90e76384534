package io.temponest.model.wire.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.model.wire.answer.AnthropicAnswers;
import java.util.Set;

/**
 * A chat request as one of Anthropic's messages API, after its API reference (2023-06-01).
 *
 * <p>{@code reasoning_effort} becomes {@code output_config.effort} with adaptive thinking; thinking is left out where a
 * tool is forced, which the API does not allow together. {@code response_format} becomes {@code output_config.format};
 * {@code json_object}, for which there is none, a forced tool whose input the answer's translation gives as text.
 */
public final class ChatToAnthropic {

    /** The API demands a limit; this is what a request gets that names none, and what every current model can do. */
    public static final int DEFAULT_MAX_TOKENS = 8_192;

    private static final Set<String> CARRIED = Set.of(
            "model",
            "messages",
            "max_completion_tokens",
            "max_tokens",
            "temperature",
            "top_p",
            "top_k",
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

    private ChatToAnthropic(Fields chat) {
        this.chat = chat;
    }

    /** @throws io.temponest.error.ApiException for what cannot be carried over, with the field named */
    public static ObjectNode translate(ObjectNode chat) {
        return new ChatToAnthropic(Fields.body(chat)).translate();
    }

    private ObjectNode translate() {
        ChatFields.refuse(chat, CARRIED);
        request.set("model", JSON.textNode(chat.requiredText("model")));
        request.set(
                "max_tokens",
                chat.number("max_completion_tokens")
                        .or(() -> chat.number("max_tokens"))
                        .orElse(JSON.numberNode(DEFAULT_MAX_TOKENS)));
        new ChatToAnthropicMessages(chat).writeTo(request);
        sampling();
        tools();
        toolChoice();
        format();
        effort();
        chat.text("safety_identifier")
                .or(() -> chat.text("user"))
                .ifPresent(user -> request.putObject("metadata").put("user_id", user));
        chat.flag("stream").ifPresent(stream -> request.put("stream", stream));
        return request;
    }

    private void sampling() {
        chat.number("temperature").ifPresent(temperature -> {
            if (temperature.doubleValue() > 1) {
                throw chat.refuse("temperature", "the provider takes 0 to 1");
            }
            request.set("temperature", temperature);
        });
        chat.number("top_p").ifPresent(topP -> request.set("top_p", topP));
        chat.number("top_k").ifPresent(topK -> request.set("top_k", topK));
        chat.any("stop").ifPresent(stop -> request.set("stop_sequences", list(stop)));
        for (String penalty : new String[] {"frequency_penalty", "presence_penalty"}) {
            if (chat.number(penalty).filter(value -> value.doubleValue() != 0).isPresent()) {
                throw chat.refuse(penalty, "the provider has no penalties");
            }
        }
    }

    private static JsonNode list(JsonNode stop) {
        return stop.isTextual() ? JSON.arrayNode().add(stop) : stop;
    }

    private void tools() {
        ArrayNode tools = JSON.arrayNode();
        for (Fields tool : chat.objects("tools")) {
            if (!tool.requiredText("type").equals("function")) {
                throw tool.refuse("type", "the provider's tools are functions");
            }
            Fields function = tool.requiredObject("function");
            ObjectNode out = tools.addObject().put("name", function.requiredText("name"));
            function.text("description").ifPresent(text -> out.put("description", text));
            out.set("input_schema", function.any("parameters").orElseGet(ChatToAnthropic::anything));
            function.flag("strict").filter(strict -> strict).ifPresent(strict -> out.put("strict", true));
        }
        if (!tools.isEmpty()) {
            request.set("tools", tools);
        }
    }

    private static ObjectNode anything() {
        ObjectNode schema = JSON.objectNode().put("type", "object");
        schema.putObject("properties");
        return schema;
    }

    private void toolChoice() {
        ObjectNode choice = JSON.objectNode();
        chat.any("tool_choice").ifPresent(wanted -> {
            if (wanted.isTextual()) {
                choice.put(
                        "type",
                        switch (wanted.textValue()) {
                            case "auto" -> "auto";
                            case "none" -> "none";
                            case "required" -> "any";
                            default -> throw Fields.wrongType("tool_choice", "auto, none, required or a function");
                        });
            } else {
                choice.put("type", "tool").put("name", namedTool(chat.requiredObject("tool_choice")));
            }
        });
        boolean single = !chat.flag("parallel_tool_calls").orElse(true);
        if (single && request.has("tools") && !choice.path("type").asText().equals("none")) {
            if (!choice.has("type")) {
                choice.put("type", "auto");
            }
            choice.put("disable_parallel_tool_use", true);
        }
        if (!choice.isEmpty()) {
            request.set("tool_choice", choice);
        }
    }

    private static String namedTool(Fields choice) {
        if (!choice.requiredText("type").equals("function")) {
            throw choice.refuse("type", "the provider can be told one function, or none");
        }
        return choice.requiredObject("function").requiredText("name");
    }

    private void format() {
        chat.object("response_format").ifPresent(format -> {
            switch (format.requiredText("type")) {
                case "text" -> {}
                case "json_schema" ->
                    request.withObjectProperty("output_config")
                            .putObject("format")
                            .put("type", "json_schema")
                            .set(
                                    "schema",
                                    format.requiredObject("json_schema")
                                            .requiredObject("schema")
                                            .node());
                case "json_object" -> forceJson(format);
                default -> throw format.refuse("type", "the provider knows no such format");
            }
        });
    }

    private void forceJson(Fields format) {
        if (request.has("tools")) {
            throw format.refuse("type", "beside tools the provider needs a schema; send json_schema");
        }
        ObjectNode schema = anything().put("additionalProperties", true);
        request.putArray("tools")
                .addObject()
                .put("name", AnthropicAnswers.JSON_TOOL)
                .put("description", "Gives the answer: the JSON object that was asked for.")
                .set("input_schema", schema);
        request.putObject("tool_choice")
                .put("type", "tool")
                .put("name", AnthropicAnswers.JSON_TOOL)
                .put("disable_parallel_tool_use", true);
    }

    private void effort() {
        chat.text("reasoning_effort").ifPresent(effort -> {
            if (effort.equals("none")) {
                request.putObject("thinking").put("type", "disabled");
                return;
            }
            request.withObjectProperty("output_config")
                    .put(
                            "effort",
                            switch (effort) {
                                case "minimal", "low" -> "low";
                                case "medium", "high", "xhigh", "max" -> effort;
                                default -> throw chat.refuse("reasoning_effort", "the provider knows no such effort");
                            });
            String choice = request.path("tool_choice").path("type").asText();
            if (!choice.equals("any") && !choice.equals("tool")) {
                request.putObject("thinking").put("type", "adaptive");
            }
        });
    }
}
