package io.temponest.model.wire.answer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Answers of OpenAI's chat completions, and of those who speak it: reasoning is read from {@code reasoning_content}
 * (DeepSeek, vLLM) or {@code reasoning} (OpenRouter, Ollama). A call whose id differs from the last one's of the same index
 * is another call, as some providers number all calls 0.
 */
public final class ChatAnswers implements AnswerReader {

    /** What pieces have, and what nobody misses: marks of filters that had nothing to say, and of how fast it was. */
    private static final Set<String> CARRIED = Set.of("choices", "usage", "prompt_filter_results", "x_groq", "timings");

    private static final Set<String> CARRIED_OF_CHOICE = Set.of("message", "delta", "content_filter_results");
    private static final Set<String> CARRIED_OF_MESSAGE =
            Set.of("role", "content", "refusal", "tool_calls", "reasoning_content", "reasoning");
    private static final Set<String> REASONS =
            Set.of("stop", "length", "tool_calls", "function_call", "content_filter");

    private final Map<Integer, String> ids = new HashMap<>();
    private final Answering context;
    private int calls;
    private int current = -1;
    private boolean leftOut;

    public ChatAnswers(Answering context) {
        this.context = context;
    }

    @Override
    public List<Piece> whole(JsonNode body) {
        JsonNode choice = body.path("choices").path(0);
        if (!choice.path("message").isObject()) {
            return List.of(body.hasNonNull("error") ? AnswerReader.broken(body.get("error")) : unreadable());
        }
        heed(body, choice.get("message"));
        List<Piece> pieces = new ArrayList<>();
        words(choice.get("message"), pieces);
        int index = 0;
        for (JsonNode call : choice.get("message").path("tool_calls")) {
            call(call, index++, pieces);
        }
        stop(choice, pieces);
        usage(body, pieces);
        pieces.add(new Piece.Ended());
        return pieces;
    }

    @Override
    public List<Piece> event(JsonNode chunk) {
        if (chunk.hasNonNull("error")) {
            return List.of(AnswerReader.broken(chunk.get("error")));
        }
        List<Piece> pieces = new ArrayList<>();
        JsonNode choice = chunk.path("choices").path(0);
        heed(chunk, choice.path("delta"));
        words(choice.path("delta"), pieces);
        for (JsonNode call : choice.path("delta").path("tool_calls")) {
            call(call, call.path("index").asInt(), pieces);
        }
        stop(choice, pieces);
        usage(chunk, pieces);
        return pieces;
    }

    @Override
    public boolean isEnd(String data) {
        return data.equals("[DONE]");
    }

    @Override
    public boolean leftOut() {
        return leftOut;
    }

    private void heed(JsonNode body, JsonNode message) {
        JsonNode choices = body.path("choices");
        JsonNode choice = choices.path(0);
        leftOut |= choices.size() > 1
                || choice.path("index").asInt() > 0
                || holdsMore(body, CARRIED)
                || holdsMore(choice, CARRIED_OF_CHOICE)
                || message.path("content").isContainerNode()
                || message.properties().stream()
                        .anyMatch(field -> !CARRIED_OF_MESSAGE.contains(field.getKey()) && says(field.getValue()));
    }

    /** Whether an object holds lists or objects that are not known. */
    private static boolean holdsMore(JsonNode object, Set<String> known) {
        return object.properties().stream()
                .anyMatch(field -> field.getValue().isContainerNode()
                        && !field.getValue().isEmpty()
                        && !known.contains(field.getKey()));
    }

    private static boolean says(JsonNode value) {
        return value.isContainerNode() ? !value.isEmpty() : !value.asText("").isEmpty();
    }

    private static void words(JsonNode message, List<Piece> pieces) {
        AnswerReader.text(message, "reasoning_content")
                .or(() -> AnswerReader.text(message, "reasoning"))
                .ifPresent(text -> pieces.add(new Piece.Thinking(text)));
        AnswerReader.text(message, "content").ifPresent(text -> pieces.add(new Piece.Text(text)));
        AnswerReader.text(message, "refusal").ifPresent(text -> pieces.add(new Piece.Refusal(text)));
    }

    private void call(JsonNode call, int index, List<Piece> pieces) {
        String id = AnswerReader.text(call, "id").orElse("");
        String name = AnswerReader.text(call.path("function"), "name").orElse("");
        boolean another = !ids.containsKey(index) || (!id.isEmpty() && !name.isEmpty() && !id.equals(ids.get(index)));
        if (another) {
            ids.put(index, id);
            current = index;
            pieces.add(new Piece.Call(id.isEmpty() ? "call_%s_%d".formatted(context.id(), calls) : id, name));
            calls++;
        } else if (index != current) {
            pieces.add(unreadable());
            return;
        }
        AnswerReader.text(call.path("function"), "arguments").ifPresent(json -> pieces.add(new Piece.Arguments(json)));
    }

    private void stop(JsonNode choice, List<Piece> pieces) {
        AnswerReader.text(choice, "finish_reason").ifPresent(reason -> {
            leftOut |= !REASONS.contains(reason);
            pieces.add(new Piece.Stopped(Stop.ofChat(reason), Optional.empty()));
        });
    }

    private static void usage(JsonNode body, List<Piece> pieces) {
        JsonNode usage = body.path("usage");
        if (usage.isObject()) {
            pieces.add(new Piece.Used(Tokens.ofChat(usage)));
        }
    }

    private static Piece unreadable() {
        return new Piece.Broken(AnswerReader.unreadable());
    }
}
