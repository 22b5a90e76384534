package io.temponest.model.wire.reply;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.model.wire.answer.Answer;
import io.temponest.model.wire.answer.Answer.Block;
import io.temponest.model.wire.answer.Answering;
import io.temponest.model.wire.answer.Tokens;

/**
 * A whole answer as a chat completion. Texts are joined, whatever stood between them; reasoning is
 * {@code reasoning_content}, and its signature has no place.
 */
public final class ChatBody {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private ChatBody() {}

    public static ObjectNode write(Answer answer, Answering context) {
        ObjectNode body = head(context, "chat.completion");
        ObjectNode choice = body.putArray("choices").addObject().put("index", 0);
        choice.set("message", message(answer));
        choice.putNull("logprobs").put("finish_reason", answer.stop().chat());
        answer.tokens().ifPresent(tokens -> body.set("usage", usage(tokens)));
        return body;
    }

    static ObjectNode head(Answering context, String object) {
        return JSON.objectNode()
                .put("id", "chatcmpl-" + context.id())
                .put("object", object)
                .put("created", context.created())
                .put("model", context.model());
    }

    private static ObjectNode message(Answer answer) {
        StringBuilder text = new StringBuilder();
        StringBuilder refusal = new StringBuilder();
        StringBuilder thinking = new StringBuilder();
        ArrayNode calls = JSON.arrayNode();
        for (Block block : answer.blocks()) {
            switch (block) {
                case Block.Text part -> text.append(part.text());
                case Block.Refusal part -> refusal.append(part.text());
                case Block.Thinking part -> thinking.append(part.text());
                case Block.Call call -> {
                    ObjectNode out = calls.addObject().put("id", call.id()).put("type", "function");
                    out.putObject("function").put("name", call.name()).put("arguments", call.arguments());
                }
            }
        }
        ObjectNode message = JSON.objectNode().put("role", "assistant");
        message.set("content", text.isEmpty() && !calls.isEmpty() ? JSON.nullNode() : JSON.textNode(text.toString()));
        message.set("refusal", refusal.isEmpty() ? JSON.nullNode() : JSON.textNode(refusal.toString()));
        if (!thinking.isEmpty()) {
            message.put("reasoning_content", thinking.toString());
        }
        if (!calls.isEmpty()) {
            message.set("tool_calls", calls);
        }
        return message;
    }

    static ObjectNode usage(Tokens tokens) {
        ObjectNode usage = JSON.objectNode()
                .put("prompt_tokens", tokens.input())
                .put("completion_tokens", tokens.output())
                .put("total_tokens", tokens.input() + tokens.output());
        usage.putObject("prompt_tokens_details").put("cached_tokens", tokens.cached());
        usage.putObject("completion_tokens_details").put("reasoning_tokens", tokens.reasoning());
        return usage;
    }
}
