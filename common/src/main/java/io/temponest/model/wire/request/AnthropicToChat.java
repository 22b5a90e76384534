package io.temponest.model.wire.request;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/**
 * A request of Anthropic's messages API (2023-06-01) in the hub form. {@code top_k} stays as it is, for the providers that
 * have it. A thinking budget becomes an effort: up to 2,048 tokens low, up to 8,192 medium, above high; adaptive thinking
 * has the effort of {@code output_config}, or medium.
 */
public final class AnthropicToChat {

    private static final int LOW_BUDGET = 2_048;
    private static final int MEDIUM_BUDGET = 8_192;

    private static final Set<String> CARRIED = Set.of(
            "model",
            "max_tokens",
            "messages",
            "system",
            "temperature",
            "top_p",
            "top_k",
            "stop_sequences",
            "stream",
            "tools",
            "tool_choice",
            "metadata",
            "thinking",
            "output_config");

    /** Dropped: {@code cache_control}, here and wherever else it stands, and {@code service_tier}. */
    private static final Set<String> DROPPED = Set.of("cache_control", "service_tier");

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Fields body;
    private final ObjectNode chat = JSON.objectNode();

    private AnthropicToChat(Fields body) {
        this.body = body;
    }

    /** @throws io.temponest.error.ApiException for what cannot be carried over, with the field named */
    public static ObjectNode translate(ObjectNode request) {
        return new AnthropicToChat(Fields.body(request)).translate();
    }

    private ObjectNode translate() {
        body.only(CARRIED, DROPPED);
        chat.put("model", body.requiredText("model"));
        chat.set("messages", new AnthropicBlocks(body).messages());
        chat.set("max_completion_tokens", body.number("max_tokens").orElseThrow(() -> body.missing("max_tokens")));
        for (String same : new String[] {"temperature", "top_p", "top_k", "stream"}) {
            body.any(same).ifPresent(value -> chat.set(same, value));
        }
        body.any("stop_sequences").filter(stop -> !stop.isEmpty()).ifPresent(stop -> chat.set("stop", stop));
        tools();
        body.object("tool_choice").ifPresent(this::toolChoice);
        body.object("metadata").flatMap(metadata -> metadata.text("user_id")).ifPresent(user -> chat.put("user", user));
        thinking();
        return chat;
    }

    private void tools() {
        ArrayNode tools = JSON.arrayNode();
        for (Fields tool : body.objects("tools")) {
            String type = tool.text("type").orElse("custom");
            if (!type.equals("custom")) {
                throw tool.refuse(
                        "type", "'" + type + "' is a tool of Anthropic's own; only custom tools can be carried over");
            }
            ObjectNode function = tools.addObject().put("type", "function").putObject("function");
            function.put("name", tool.requiredText("name"));
            tool.text("description").ifPresent(text -> function.put("description", text));
            function.set("parameters", tool.requiredObject("input_schema").node());
            tool.flag("strict").ifPresent(strict -> function.put("strict", strict));
        }
        if (!tools.isEmpty()) {
            chat.set("tools", tools);
        }
    }

    private void toolChoice(Fields choice) {
        String type = choice.requiredText("type");
        switch (type) {
            case "auto", "none" -> chat.put("tool_choice", type);
            case "any" -> chat.put("tool_choice", "required");
            case "tool" ->
                chat.putObject("tool_choice")
                        .put("type", "function")
                        .putObject("function")
                        .put("name", choice.requiredText("name"));
            default -> throw choice.refuse("type", "there is no such choice");
        }
        choice.flag("disable_parallel_tool_use").ifPresent(single -> chat.put("parallel_tool_calls", !single));
    }

    private void thinking() {
        body.object("output_config").ifPresent(config -> {
            config.only(Set.of("effort", "format"), Set.of());
            config.text("effort")
                    .ifPresent(effort -> chat.put("reasoning_effort", effort.equals("max") ? "xhigh" : effort));
            config.object("format").ifPresent(format -> {
                if (!format.requiredText("type").equals("json_schema")) {
                    throw format.refuse("type", "there is no such format");
                }
                ObjectNode schema = chat.putObject("response_format")
                        .put("type", "json_schema")
                        .putObject("json_schema");
                schema.put("name", "answer")
                        .put("strict", true)
                        .set("schema", format.requiredObject("schema").node());
            });
        });
        body.object("thinking").ifPresent(thinking -> {
            String type = thinking.requiredText("type");
            boolean open = !chat.has("reasoning_effort");
            switch (type) {
                case "disabled" -> {}
                case "adaptive" -> {
                    if (open) {
                        chat.put("reasoning_effort", "medium");
                    }
                }
                case "enabled" -> {
                    if (open) {
                        chat.put("reasoning_effort", effort(thinking));
                    }
                }
                default -> throw thinking.refuse("type", "there is no such thinking");
            }
        });
    }

    private static String effort(Fields thinking) {
        int budget = thinking.number("budget_tokens")
                .orElseThrow(() -> thinking.missing("budget_tokens"))
                .intValue();
        return budget <= LOW_BUDGET ? "low" : budget <= MEDIUM_BUDGET ? "medium" : "high";
    }
}
