package io.temponest.model.wire.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/**
 * A request of OpenAI's Responses API in the hub form, after its API reference. What needs an earlier stored response, a
 * stored prompt or a tool that OpenAI runs is refused. The answer is never stored, as {@code store: false} asks; clients
 * that do not say so are told by {@code store: false} in the answer.
 */
public final class ResponsesToChat {

    private static final Set<String> CARRIED = Set.of(
            "model",
            "input",
            "instructions",
            "max_output_tokens",
            "temperature",
            "top_p",
            "stream",
            "tools",
            "tool_choice",
            "parallel_tool_calls",
            "text",
            "reasoning",
            "user",
            "safety_identifier",
            "prompt_cache_key",
            "prompt_cache_retention",
            "service_tier",
            "store",
            "background",
            "include",
            "truncation",
            "top_logprobs");

    /**
     * Dropped: {@code metadata} (only echoed), {@code stream_options} (padding), {@code max_tool_calls} (counts the
     * tools that are refused).
     */
    private static final Set<String> DROPPED = Set.of("metadata", "stream_options", "max_tool_calls");

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Fields body;
    private final ObjectNode chat = JSON.objectNode();

    private ResponsesToChat(Fields body) {
        this.body = body;
    }

    /** @throws io.temponest.error.ApiException for what cannot be carried over, with the field named */
    public static ObjectNode translate(ObjectNode request) {
        return new ResponsesToChat(Fields.body(request)).translate();
    }

    private ObjectNode translate() {
        refuseStored();
        body.only(CARRIED, DROPPED);
        chat.put("model", body.requiredText("model"));
        chat.set("messages", new ResponsesItems(body).messages());
        body.number("max_output_tokens").ifPresent(most -> chat.set("max_completion_tokens", most));
        for (String same : new String[] {
            "temperature",
            "top_p",
            "stream",
            "parallel_tool_calls",
            "user",
            "safety_identifier",
            "prompt_cache_key",
            "prompt_cache_retention",
            "service_tier"
        }) {
            body.any(same).ifPresent(value -> chat.set(same, value));
        }
        tools();
        body.any("tool_choice").ifPresent(choice -> chat.set("tool_choice", toolChoice(choice)));
        body.object("text").ifPresent(this::text);
        body.object("reasoning").ifPresent(reasoning -> {
            reasoning.only(Set.of("effort"), Set.of("summary", "generate_summary"));
            reasoning.text("effort").ifPresent(effort -> chat.put("reasoning_effort", effort));
        });
        return chat;
    }

    private void refuseStored() {
        for (String stored : new String[] {"previous_response_id", "conversation", "prompt"}) {
            if (body.has(stored)) {
                throw body.refuse(stored, "nothing is stored here; send the whole conversation as input");
            }
        }
        if (body.flag("store").orElse(false)) {
            throw body.refuse("store", "nothing is stored here");
        }
        if (body.flag("background").orElse(false)) {
            throw body.refuse("background", "answers are given at once or as a stream");
        }
        if (body.text("truncation").filter(how -> !how.equals("disabled")).isPresent()) {
            throw body.refuse("truncation", "the provider does not shorten a conversation");
        }
        if (body.number("top_logprobs").filter(n -> n.doubleValue() != 0).isPresent()) {
            throw body.refuse("top_logprobs", "log probabilities are not carried over");
        }
        // Reasoning comes without an encrypted form; a conversation goes on without it as well.
        body.any("include")
                .ifPresent(include -> include.forEach(what -> {
                    if (!what.asText().equals("reasoning.encrypted_content")) {
                        throw body.refuse("include", "the provider cannot give '" + what.asText() + "'");
                    }
                }));
    }

    private void tools() {
        ArrayNode tools = JSON.arrayNode();
        for (Fields tool : body.objects("tools")) {
            String type = tool.requiredText("type");
            if (!type.equals("function")) {
                throw tool.refuse("type", "'" + type + "' runs at OpenAI; only functions can be carried over");
            }
            ObjectNode function = tools.addObject().put("type", "function").putObject("function");
            function.put("name", tool.requiredText("name"));
            for (String same : new String[] {"description", "parameters", "strict"}) {
                tool.any(same).ifPresent(value -> function.set(same, value));
            }
        }
        if (!tools.isEmpty()) {
            chat.set("tools", tools);
        }
    }

    private JsonNode toolChoice(JsonNode choice) {
        if (choice.isTextual()) {
            return choice;
        }
        Fields named = body.requiredObject("tool_choice");
        if (!named.requiredText("type").equals("function")) {
            throw named.refuse("type", "only a function can be chosen");
        }
        ObjectNode out = JSON.objectNode().put("type", "function");
        out.putObject("function").put("name", named.requiredText("name"));
        return out;
    }

    private void text(Fields text) {
        text.only(Set.of("format", "verbosity"), Set.of());
        text.any("verbosity").ifPresent(verbosity -> chat.set("verbosity", verbosity));
        text.object("format").ifPresent(format -> {
            String type = format.requiredText("type");
            ObjectNode out = chat.putObject("response_format").put("type", type);
            if (type.equals("json_schema")) {
                ObjectNode schema = out.putObject("json_schema").put("name", format.requiredText("name"));
                schema.set("schema", format.requiredObject("schema").node());
                for (String same : new String[] {"description", "strict"}) {
                    format.any(same).ifPresent(value -> schema.set(same, value));
                }
            } else if (!type.equals("text") && !type.equals("json_object")) {
                throw format.refuse("type", "there is no such format");
            }
        });
    }
}
