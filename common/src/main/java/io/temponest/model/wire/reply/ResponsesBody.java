package io.temponest.model.wire.reply;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.model.wire.answer.Answer;
import io.temponest.model.wire.answer.Answer.Block;
import io.temponest.model.wire.answer.Answering;
import io.temponest.model.wire.answer.Stop;
import io.temponest.model.wire.answer.Tokens;
import java.util.List;

/** A whole answer as a response of the Responses API: every block is an output item; reasoning is a summary. */
public final class ResponsesBody {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private ResponsesBody() {}

    public static ObjectNode write(Answer answer, Answering context) {
        ObjectNode response = head(context, status(answer));
        response.set("output", output(answer, context, status(answer)));
        String why = answer.stop() == Stop.LENGTH ? "max_output_tokens" : "content_filter";
        if (cutShort(answer)) {
            response.putObject("incomplete_details").put("reason", why);
        }
        answer.tokens().ifPresent(tokens -> response.set("usage", usage(tokens)));
        return response;
    }

    static String status(Answer answer) {
        return cutShort(answer) ? "incomplete" : "completed";
    }

    static boolean cutShort(Answer answer) {
        return answer.stop() == Stop.LENGTH || answer.stop() == Stop.FILTERED;
    }

    static ArrayNode output(Answer answer, Answering context, String lastStatus) {
        ArrayNode output = JSON.arrayNode();
        List<Block> blocks = answer.blocks();
        for (int i = 0; i < blocks.size(); i++) {
            boolean last = i == blocks.size() - 1;
            output.add(item(blocks.get(i), id(blocks.get(i), i, context), last ? lastStatus : "completed"));
        }
        return output;
    }

    /** The response without its output, which is what its stream begins with. */
    static ObjectNode head(Answering context, String status) {
        ObjectNode response = JSON.objectNode()
                .put("id", "resp_" + context.id())
                .put("object", "response")
                .put("created_at", context.created())
                .put("status", status)
                .put("background", false)
                .putNull("error")
                .putNull("incomplete_details")
                .putNull("instructions")
                .putNull("max_output_tokens");
        response.putObject("metadata");
        response.put("model", context.model());
        response.putArray("output");
        response.put("parallel_tool_calls", true).putNull("previous_response_id");
        response.putObject("reasoning").putNull("effort").putNull("summary");
        response.put("store", false).putNull("temperature");
        response.putObject("text").putObject("format").put("type", "text");
        response.put("tool_choice", "auto").putArray("tools");
        response.putNull("top_p").put("truncation", "disabled").putNull("usage").putNull("user");
        context.echo().properties().stream()
                .filter(field -> !field.getValue().isNull())
                .forEach(field -> response.set(field.getKey(), field.getValue()));
        return response;
    }

    static String id(Block block, int index, Answering context) {
        String kind = switch (block) {
            case Block.Text text -> "msg";
            case Block.Refusal refusal -> "msg";
            case Block.Thinking thinking -> "rs";
            case Block.Call call -> "fc";
        };
        return "%s_%s_%d".formatted(kind, context.id(), index);
    }

    static ObjectNode item(Block block, String id, String status) {
        ObjectNode item = JSON.objectNode().put("id", id);
        switch (block) {
            case Block.Text text -> message(item, status).add(part(block));
            case Block.Refusal refusal -> message(item, status).add(part(block));
            case Block.Thinking thinking ->
                item.put("type", "reasoning").putArray("summary").add(part(block));
            case Block.Call call ->
                item.put("type", "function_call")
                        .put("status", status)
                        .put("call_id", call.id())
                        .put("name", call.name())
                        .put("arguments", call.arguments());
        }
        return item;
    }

    static ArrayNode message(ObjectNode item, String status) {
        return item.put("type", "message")
                .put("status", status)
                .put("role", "assistant")
                .putArray("content");
    }

    static ObjectNode part(Block block) {
        ObjectNode part = JSON.objectNode();
        switch (block) {
            case Block.Text text -> {
                part.put("type", "output_text").put("text", text.text());
                part.putArray("annotations");
                part.putArray("logprobs");
            }
            case Block.Refusal refusal -> part.put("type", "refusal").put("refusal", refusal.text());
            case Block.Thinking thinking -> part.put("type", "summary_text").put("text", thinking.text());
            case Block.Call call -> throw new IllegalArgumentException("a call has no parts");
        }
        return part;
    }

    private static ObjectNode usage(Tokens tokens) {
        ObjectNode usage = JSON.objectNode().put("input_tokens", tokens.input());
        usage.putObject("input_tokens_details").put("cached_tokens", tokens.cached());
        usage.put("output_tokens", tokens.output());
        usage.putObject("output_tokens_details").put("reasoning_tokens", tokens.reasoning());
        return usage.put("total_tokens", tokens.input() + tokens.output());
    }
}
