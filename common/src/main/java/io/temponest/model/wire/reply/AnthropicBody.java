package io.temponest.model.wire.reply;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.json.Json;
import io.temponest.model.wire.answer.Answer;
import io.temponest.model.wire.answer.Answer.Block;
import io.temponest.model.wire.answer.AnswerReader;
import io.temponest.model.wire.answer.Answering;
import io.temponest.model.wire.answer.Stop;
import io.temponest.model.wire.answer.Tokens;

/** A whole answer as an Anthropic message. */
public final class AnthropicBody {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private AnthropicBody() {}

    public static ObjectNode write(Answer answer, Answering context) {
        ArrayNode content = JSON.arrayNode();
        answer.blocks().forEach(block -> content.add(block(block, answer.stop())));
        ObjectNode message = message(context, content);
        message.put("stop_reason", answer.stop().anthropic())
                .put("stop_sequence", answer.stopSequence().orElse(null))
                .set("usage", usage(answer.tokens().orElse(Tokens.NONE)));
        return message;
    }

    static ObjectNode message(Answering context, ArrayNode content) {
        ObjectNode message = JSON.objectNode()
                .put("id", "msg_" + context.id())
                .put("type", "message")
                .put("role", "assistant")
                .put("model", context.model());
        message.set("content", content);
        return message.putNull("stop_reason").putNull("stop_sequence");
    }

    private static ObjectNode block(Block block, Stop stop) {
        return switch (block) {
            case Block.Text text -> JSON.objectNode().put("type", "text").put("text", text.text());
            case Block.Refusal refusal -> JSON.objectNode().put("type", "text").put("text", refusal.text());
            case Block.Thinking thinking ->
                JSON.objectNode()
                        .put("type", "thinking")
                        .put("thinking", thinking.text())
                        .put("signature", thinking.signature());
            case Block.Call call -> {
                ObjectNode use = JSON.objectNode()
                        .put("type", "tool_use")
                        .put("id", call.id())
                        .put("name", call.name());
                use.set("input", input(call, stop));
                yield use;
            }
        };
    }

    /** The arguments, which are no JSON where the answer was cut off in them. */
    private static JsonNode input(Block.Call call, Stop stop) {
        try {
            JsonNode input = Json.LENIENT.readTree(call.arguments());
            if (input.isObject()) {
                return input;
            }
        } catch (JsonProcessingException e) {
            // told below, as any other text that is no object
        }
        if (stop == Stop.LENGTH) {
            return JSON.objectNode();
        }
        throw AnswerReader.unreadable().exception();
    }

    static ObjectNode usage(Tokens tokens) {
        ObjectNode usage = JSON.objectNode()
                .put("input_tokens", tokens.input() - tokens.cached() - tokens.cacheWritten())
                .put("cache_creation_input_tokens", tokens.cacheWritten())
                .put("cache_read_input_tokens", tokens.cached())
                .put("output_tokens", tokens.output());
        if (tokens.reasoning() > 0) {
            usage.putObject("output_tokens_details").put("thinking_tokens", tokens.reasoning());
        }
        return usage;
    }
}
