package io.temponest.model.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.json.Json;
import io.temponest.model.wire.answer.Tokens;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Clients that hear whole answers and streams as the SDKs do, and insist on the rules of each form. */
final class Clients {

    private Clients() {}

    static Said whole(Form form, byte[] body) {
        JsonNode answer = Json.read(body, JsonNode.class);
        return switch (form) {
            case OPENAI_CHAT -> chat(answer);
            case OPENAI_RESPONSES -> response(answer);
            case ANTHROPIC_MESSAGES -> message(answer);
            case OLLAMA_CHAT -> throw new IllegalArgumentException("no such client");
        };
    }

    static Said stream(Form form, List<String> frames) {
        return switch (form) {
            case OPENAI_CHAT -> chatStream(frames);
            case OPENAI_RESPONSES -> new ResponseStream().hear(frames);
            case ANTHROPIC_MESSAGES -> new MessageStream().hear(frames);
            case OLLAMA_CHAT -> throw new IllegalArgumentException("no such client");
        };
    }

    private static Said chat(JsonNode body) {
        JsonNode choice = body.at("/choices/0");
        JsonNode message = choice.get("message");
        List<Said.Call> calls = new ArrayList<>();
        message.path("tool_calls").forEach(call -> calls.add(call(call)));
        return new Said(
                message.path("reasoning_content").asText(),
                message.path("content").asText(""),
                calls,
                choice.get("finish_reason").textValue(),
                Optional.of(Tokens.ofChat(body.get("usage"))));
    }

    private static Said.Call call(JsonNode call) {
        return new Said.Call(
                call.get("id").textValue(),
                call.at("/function/name").textValue(),
                call.at("/function/arguments").textValue());
    }

    private static Said chatStream(List<String> frames) {
        assertThat(frames.getLast()).isEqualTo("data: [DONE]\n\n");
        StringBuilder thinking = new StringBuilder();
        StringBuilder text = new StringBuilder();
        List<Said.Call> calls = new ArrayList<>();
        String reason = "";
        Optional<Tokens> tokens = Optional.empty();
        for (String frame : frames.subList(0, frames.size() - 1)) {
            JsonNode chunk = data(frame);
            assertThat(frame).startsWith("data: {");
            JsonNode choice = chunk.at("/choices/0");
            thinking.append(choice.at("/delta/reasoning_content").asText());
            text.append(choice.at("/delta/content").asText());
            for (JsonNode part : choice.at("/delta/tool_calls")) {
                int index = part.get("index").intValue();
                if (part.has("id")) {
                    assertThat(index).isEqualTo(calls.size());
                    calls.add(call(part));
                } else {
                    assertThat(index).isEqualTo(calls.size() - 1);
                    Said.Call last = calls.removeLast();
                    calls.add(new Said.Call(
                            last.id(),
                            last.name(),
                            last.arguments() + part.at("/function/arguments").textValue()));
                }
            }
            if (choice.hasNonNull("finish_reason")) {
                reason = choice.get("finish_reason").textValue();
            }
            if (chunk.hasNonNull("usage")) {
                tokens = Optional.of(Tokens.ofChat(chunk.get("usage")));
            }
        }
        return new Said(thinking.toString(), text.toString(), calls, reason, tokens);
    }

    private static Said message(JsonNode message) {
        StringBuilder thinking = new StringBuilder();
        StringBuilder text = new StringBuilder();
        List<Said.Call> calls = new ArrayList<>();
        for (JsonNode block : message.get("content")) {
            switch (block.get("type").textValue()) {
                case "thinking" -> thinking.append(block.get("thinking").textValue());
                case "text" -> text.append(block.get("text").textValue());
                default ->
                    calls.add(new Said.Call(
                            block.get("id").textValue(), block.get("name").textValue(), Json.text(block.get("input"))));
            }
        }
        return new Said(
                thinking.toString(),
                text.toString(),
                calls,
                reason(message.get("stop_reason").textValue()),
                Optional.of(Tokens.NONE.andAnthropic(message.get("usage"))));
    }

    private static String reason(String stop) {
        return switch (stop) {
            case "end_turn" -> "stop";
            case "max_tokens" -> "length";
            case "tool_use" -> "tool_calls";
            default -> "content_filter";
        };
    }

    static Said response(JsonNode response) {
        StringBuilder thinking = new StringBuilder();
        StringBuilder text = new StringBuilder();
        List<Said.Call> calls = new ArrayList<>();
        for (JsonNode item : response.get("output")) {
            switch (item.get("type").textValue()) {
                case "reasoning" -> thinking.append(item.at("/summary/0/text").textValue());
                case "message" -> text.append(item.at("/content/0/text").textValue());
                default ->
                    calls.add(new Said.Call(
                            item.get("call_id").textValue(),
                            item.get("name").textValue(),
                            item.get("arguments").textValue()));
            }
        }
        String why = response.at("/incomplete_details/reason").asText();
        assertThat(response.get("status").textValue()).isEqualTo(why.isEmpty() ? "completed" : "incomplete");
        return new Said(
                thinking.toString(),
                text.toString(),
                calls,
                switch (why) {
                    case "max_output_tokens" -> "length";
                    case "content_filter" -> "content_filter";
                    default -> calls.isEmpty() ? "stop" : "tool_calls";
                },
                Optional.of(Tokens.ofResponses(response.get("usage"))));
    }

    /** The JSON of a frame, which has one line of data, at most one of an event that is its type, and a blank one. */
    static JsonNode data(String frame) {
        assertThat(frame).endsWith("\n\n");
        String[] lines = frame.substring(0, frame.length() - 2).split("\n");
        JsonNode data = Json.tree(lines[lines.length - 1].substring("data: ".length()));
        if (lines.length == 2) {
            assertThat(lines[0]).isEqualTo("event: " + data.get("type").textValue());
        } else {
            assertThat(lines).hasSize(1);
        }
        return data;
    }
}
