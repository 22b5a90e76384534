package io.temponest.model.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.json.Json;
import io.temponest.model.wire.answer.Tokens;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Providers that say what they are told, whole or as the events of a stream whose pieces are cut at random. */
final class Providers {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Said said;
    private final Random random;
    private final List<String> events = new ArrayList<>();

    private Providers(Said said, long seed) {
        this.said = said;
        this.random = new Random(seed);
    }

    static byte[] whole(Form form, Said said) {
        Providers provider = new Providers(said, 0);
        return Json.bytes(
                switch (form) {
                    case OPENAI_CHAT -> provider.chat();
                    case ANTHROPIC_MESSAGES -> provider.anthropic();
                    case OLLAMA_CHAT -> provider.ollama();
                    case OPENAI_RESPONSES -> throw new IllegalArgumentException("no such provider");
                });
    }

    static List<String> stream(Form form, Said said, long seed) {
        Providers provider = new Providers(said, seed);
        switch (form) {
            case OPENAI_CHAT -> provider.chatStream();
            case ANTHROPIC_MESSAGES -> provider.anthropicStream();
            case OLLAMA_CHAT -> provider.ollamaStream();
            case OPENAI_RESPONSES -> throw new IllegalArgumentException("no such provider");
        }
        return provider.events;
    }

    private List<String> cut(String text) {
        List<String> pieces = new ArrayList<>();
        int from = 0;
        while (from < text.length()) {
            int to = text.offsetByCodePoints(
                    from, Math.min(1 + random.nextInt(4), text.codePointCount(from, text.length())));
            pieces.add(text.substring(from, to));
            from = to;
        }
        return pieces;
    }

    private Tokens tokens() {
        return said.tokens().orElseThrow();
    }

    private ObjectNode chat() {
        ObjectNode body = JSON.objectNode().put("id", "chatcmpl-9").put("object", "chat.completion");
        ObjectNode choice = body.putArray("choices").addObject().put("index", 0).put("finish_reason", said.reason());
        ObjectNode message = choice.putObject("message").put("role", "assistant");
        message.put("content", said.text().isEmpty() ? null : said.text()).putNull("refusal");
        if (!said.thinking().isEmpty()) {
            message.put("reasoning_content", said.thinking());
        }
        for (Said.Call call : said.calls()) {
            message.withArrayProperty("tool_calls")
                    .addObject()
                    .put("id", call.id())
                    .put("type", "function")
                    .putObject("function")
                    .put("name", call.name())
                    .put("arguments", call.arguments());
        }
        body.set("usage", chatUsage());
        return body;
    }

    private ObjectNode chatUsage() {
        ObjectNode usage = JSON.objectNode()
                .put("prompt_tokens", tokens().input())
                .put("completion_tokens", tokens().output())
                .put("total_tokens", tokens().input() + tokens().output());
        usage.putObject("prompt_tokens_details").put("cached_tokens", tokens().cached());
        usage.putObject("completion_tokens_details").put("reasoning_tokens", tokens().reasoning());
        return usage;
    }

    private void chatStream() {
        chunk(JSON.objectNode().put("role", "assistant").put("content", ""), "");
        cut(said.thinking()).forEach(text -> chunk(JSON.objectNode().put("reasoning_content", text), ""));
        cut(said.text()).forEach(text -> chunk(JSON.objectNode().put("content", text), ""));
        for (int i = 0; i < said.calls().size(); i++) {
            Said.Call call = said.calls().get(i);
            ObjectNode first = JSON.objectNode();
            first.putArray("tool_calls")
                    .addObject()
                    .put("index", i)
                    .put("id", call.id())
                    .put("type", "function")
                    .putObject("function")
                    .put("name", call.name())
                    .put("arguments", "");
            chunk(first, "");
            for (String json : cut(call.arguments())) {
                ObjectNode more = JSON.objectNode();
                more.putArray("tool_calls")
                        .addObject()
                        .put("index", i)
                        .putObject("function")
                        .put("arguments", json);
                chunk(more, "");
            }
        }
        chunk(JSON.objectNode(), said.reason());
        ObjectNode last = JSON.objectNode().put("object", "chat.completion.chunk");
        last.putArray("choices");
        last.set("usage", chatUsage());
        events.add(Json.text(last));
        events.add("[DONE]");
    }

    private void chunk(ObjectNode delta, String reason) {
        ObjectNode chunk = JSON.objectNode().put("object", "chat.completion.chunk");
        chunk.putArray("choices")
                .addObject()
                .put("index", 0)
                .put("finish_reason", reason.isEmpty() ? null : reason)
                .set("delta", delta);
        events.add(Json.text(chunk.putNull("usage")));
    }

    private ObjectNode anthropic() {
        ObjectNode message =
                JSON.objectNode().put("id", "msg_9").put("type", "message").put("role", "assistant");
        ArrayNode content = message.putArray("content");
        if (!said.thinking().isEmpty()) {
            content.addObject()
                    .put("type", "thinking")
                    .put("thinking", said.thinking())
                    .put("signature", "c2ln");
        }
        if (!said.text().isEmpty()) {
            content.addObject().put("type", "text").put("text", said.text());
        }
        for (Said.Call call : said.calls()) {
            content.addObject()
                    .put("type", "tool_use")
                    .put("id", call.id())
                    .put("name", call.name())
                    .set("input", Json.tree(call.arguments()));
        }
        message.put("stop_reason", stopReason()).putNull("stop_sequence").set("usage", anthropicUsage());
        return message;
    }

    private String stopReason() {
        return switch (said.reason()) {
            case "stop" -> "end_turn";
            case "length" -> "max_tokens";
            case "tool_calls" -> "tool_use";
            default -> "refusal";
        };
    }

    private ObjectNode anthropicUsage() {
        return JSON.objectNode()
                .put("input_tokens", tokens().input() - tokens().cached())
                .put("cache_creation_input_tokens", 0)
                .put("cache_read_input_tokens", tokens().cached())
                .put("output_tokens", tokens().output());
    }

    private void anthropicStream() {
        ObjectNode start = JSON.objectNode().put("type", "message_start");
        start.putObject("message").set("usage", anthropicUsage().put("output_tokens", 1));
        events.add(Json.text(start));
        events.add("{\"type\":\"ping\"}");
        int index = 0;
        for (JsonNode block : anthropic().get("content")) {
            String type = block.get("type").textValue();
            ObjectNode begun = block.deepCopy();
            switch (type) {
                case "thinking" -> begun.put("thinking", "").put("signature", "");
                case "text" -> begun.put("text", "");
                default -> begun.set("input", JSON.objectNode());
            }
            blockEvent("content_block_start", index).set("content_block", begun);
            addLast();
            deltas(block, type, index);
            blockEvent("content_block_stop", index);
            addLast();
            index++;
        }
        ObjectNode end = JSON.objectNode().put("type", "message_delta");
        end.putObject("delta").put("stop_reason", stopReason()).putNull("stop_sequence");
        end.set("usage", JSON.objectNode().put("output_tokens", tokens().output()));
        events.add(Json.text(end));
        events.add("{\"type\":\"message_stop\"}");
    }

    private ObjectNode pending = JSON.objectNode();

    private ObjectNode blockEvent(String type, int index) {
        pending = JSON.objectNode().put("type", type).put("index", index);
        return pending;
    }

    private void addLast() {
        events.add(Json.text(pending));
    }

    private void deltas(JsonNode block, String type, int index) {
        String whole = switch (type) {
            case "thinking" -> block.get("thinking").textValue();
            case "text" -> block.get("text").textValue();
            default -> block.get("input").isEmpty() ? "" : Json.text(block.get("input"));
        };
        for (String piece : cut(whole)) {
            ObjectNode delta = blockEvent("content_block_delta", index).putObject("delta");
            switch (type) {
                case "thinking" -> delta.put("type", "thinking_delta").put("thinking", piece);
                case "text" -> delta.put("type", "text_delta").put("text", piece);
                default -> delta.put("type", "input_json_delta").put("partial_json", piece);
            }
            addLast();
        }
        if (type.equals("thinking")) {
            blockEvent("content_block_delta", index)
                    .putObject("delta")
                    .put("type", "signature_delta")
                    .put("signature", "c2ln");
            addLast();
        }
    }

    private ObjectNode ollama() {
        ObjectNode body = line(said.text(), said.thinking());
        addCalls(body, said.calls());
        return ended(body);
    }

    private void ollamaStream() {
        cut(said.thinking()).forEach(text -> events.add(Json.text(line("", text))));
        cut(said.text()).forEach(text -> events.add(Json.text(line(text, ""))));
        for (Said.Call call : said.calls()) {
            ObjectNode line = line("", "");
            addCalls(line, List.of(call));
            events.add(Json.text(line));
        }
        events.add(Json.text(ended(line("", ""))));
    }

    private static ObjectNode line(String text, String thinking) {
        ObjectNode line = JSON.objectNode().put("model", "m").put("done", false);
        ObjectNode message = line.putObject("message").put("role", "assistant").put("content", text);
        if (!thinking.isEmpty()) {
            message.put("thinking", thinking);
        }
        return line;
    }

    private static void addCalls(ObjectNode line, List<Said.Call> calls) {
        for (Said.Call call : calls) {
            ((ObjectNode) line.get("message"))
                    .withArrayProperty("tool_calls")
                    .addObject()
                    .put("id", call.id())
                    .putObject("function")
                    .put("name", call.name())
                    .set("arguments", Json.tree(call.arguments()));
        }
    }

    private ObjectNode ended(ObjectNode line) {
        return line.put("done", true)
                .put("done_reason", said.reason().equals("length") ? "length" : "stop")
                .put("total_duration", 5_191_566_416L)
                .put("prompt_eval_count", tokens().input())
                .put("eval_count", tokens().output());
    }
}
