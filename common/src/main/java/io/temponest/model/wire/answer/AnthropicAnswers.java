package io.temponest.model.wire.answer;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Answers of Anthropic's messages API (2023-06-01). Blocks of tools that Anthropic runs, and unknown events, say nothing. */
public final class AnthropicAnswers implements AnswerReader {

    /** The tool that a request is forced to call which asked for JSON without a schema; its input is the answer's text. */
    public static final String JSON_TOOL = "temponest_json_answer";

    private static final Set<String> REASONS = Set.of("end_turn", "max_tokens", "stop_sequence", "tool_use", "refusal");

    private Tokens tokens = Tokens.NONE;
    private boolean jsonBlock;
    private boolean called;
    private boolean leftOut;

    @Override
    public List<Piece> whole(JsonNode message) {
        if (!message.path("content").isArray()) {
            return List.of(
                    message.path("error").isObject()
                            ? AnswerReader.broken(message.get("error"))
                            : new Piece.Broken(AnswerReader.unreadable()));
        }
        List<Piece> pieces = new ArrayList<>();
        for (JsonNode block : message.get("content")) {
            begin(block, pieces);
            if (block.path("type").asText().equals("tool_use")) {
                input(Json.text(block.path("input")), pieces);
            }
        }
        stop(message, pieces);
        usage(message.path("usage"), pieces);
        pieces.add(new Piece.Ended());
        return pieces;
    }

    @Override
    public List<Piece> event(JsonNode event) {
        List<Piece> pieces = new ArrayList<>();
        switch (event.path("type").asText()) {
            case "message_start" -> usage(event.path("message").path("usage"), pieces);
            case "content_block_start" -> begin(event.path("content_block"), pieces);
            case "content_block_delta" -> delta(event.path("delta"), pieces);
            case "message_delta" -> {
                stop(event.path("delta"), pieces);
                usage(event.path("usage"), pieces);
            }
            case "message_stop" -> pieces.add(new Piece.Ended());
            case "error" -> pieces.add(AnswerReader.broken(event.path("error")));
            default -> {}
        }
        return pieces;
    }

    @Override
    public boolean leftOut() {
        return leftOut;
    }

    private void begin(JsonNode block, List<Piece> pieces) {
        jsonBlock = false;
        leftOut |= !block.path("citations").isEmpty();
        switch (block.path("type").asText()) {
            case "text" -> text(block, pieces);
            case "thinking" -> {
                thinking(block, pieces);
                signature(block, pieces);
            }
            case "tool_use" -> {
                jsonBlock = block.path("name").asText().equals(JSON_TOOL);
                if (!jsonBlock) {
                    called = true;
                    pieces.add(new Piece.Call(
                            block.path("id").asText(), block.path("name").asText()));
                }
            }
            default -> leftOut = true;
        }
    }

    private void delta(JsonNode delta, List<Piece> pieces) {
        switch (delta.path("type").asText()) {
            case "text_delta" -> text(delta, pieces);
            case "thinking_delta" -> thinking(delta, pieces);
            case "signature_delta" -> signature(delta, pieces);
            case "input_json_delta" -> input(delta.path("partial_json").asText(), pieces);
            default -> leftOut = true;
        }
    }

    private static void text(JsonNode from, List<Piece> pieces) {
        AnswerReader.text(from, "text").ifPresent(text -> pieces.add(new Piece.Text(text)));
    }

    private static void thinking(JsonNode from, List<Piece> pieces) {
        AnswerReader.text(from, "thinking").ifPresent(text -> pieces.add(new Piece.Thinking(text)));
    }

    private static void signature(JsonNode from, List<Piece> pieces) {
        AnswerReader.text(from, "signature").ifPresent(text -> pieces.add(new Piece.Signature(text)));
    }

    private void input(String json, List<Piece> pieces) {
        if (!json.isEmpty()) {
            pieces.add(jsonBlock ? new Piece.Text(json) : new Piece.Arguments(json));
        }
    }

    private void stop(JsonNode from, List<Piece> pieces) {
        Optional<String> reason = AnswerReader.text(from, "stop_reason");
        leftOut |= reason.filter(known -> !REASONS.contains(known)).isPresent();
        reason.map(Stop::ofAnthropic)
                .ifPresent(stop -> pieces.add(new Piece.Stopped(
                        stop == Stop.TOOL_CALLS && !called ? Stop.END : stop,
                        AnswerReader.text(from, "stop_sequence"))));
    }

    private void usage(JsonNode usage, List<Piece> pieces) {
        if (usage.isObject()) {
            tokens = tokens.andAnthropic(usage);
            pieces.add(new Piece.Used(tokens));
        }
    }
}
