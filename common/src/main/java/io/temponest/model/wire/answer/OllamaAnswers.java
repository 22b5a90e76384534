package io.temponest.model.wire.answer;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Answers of Ollama's {@code /api/chat}. A stream has one answer a line, each with what is new, the last with
 * {@code done: true}; tool calls come whole, in older versions without an id.
 */
public final class OllamaAnswers implements AnswerReader {

    private final Answering context;
    private int calls;
    private boolean leftOut;

    public OllamaAnswers(Answering context) {
        this.context = context;
    }

    @Override
    public List<Piece> whole(JsonNode body) {
        List<Piece> pieces = event(body);
        boolean ended = !pieces.isEmpty() && pieces.getLast() instanceof Piece.Ended;
        return ended || body.hasNonNull("error") ? pieces : List.of(new Piece.Broken(AnswerReader.unreadable()));
    }

    @Override
    public boolean leftOut() {
        return leftOut;
    }

    @Override
    public List<Piece> event(JsonNode line) {
        if (line.hasNonNull("error")) {
            return List.of(AnswerReader.broken(line.get("error")));
        }
        List<Piece> pieces = new ArrayList<>();
        JsonNode message = line.path("message");
        AnswerReader.text(message, "thinking").ifPresent(text -> pieces.add(new Piece.Thinking(text)));
        AnswerReader.text(message, "content").ifPresent(text -> pieces.add(new Piece.Text(text)));
        message.path("tool_calls").forEach(call -> call(call, pieces));
        if (line.path("done").asBoolean()) {
            String reason = AnswerReader.text(line, "done_reason").orElse("stop");
            leftOut = !reason.equals("stop") && !reason.equals("length");
            pieces.add(new Piece.Stopped(Stop.ofOllama(reason, calls > 0), Optional.empty()));
            pieces.add(new Piece.Used(Tokens.ofOllama(line)));
            pieces.add(new Piece.Ended());
        }
        return pieces;
    }

    private void call(JsonNode call, List<Piece> pieces) {
        JsonNode function = call.path("function");
        String id = AnswerReader.text(call, "id").orElse("");
        pieces.add(new Piece.Call(
                id.isEmpty() ? "call_%s_%d".formatted(context.id(), calls) : id,
                function.path("name").asText()));
        calls++;
        pieces.add(new Piece.Arguments(
                function.path("arguments").isObject() ? Json.text(function.get("arguments")) : "{}"));
    }
}
