package io.temponest.model.wire.answer;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.temponest.json.Json;
import io.temponest.model.wire.answer.Answer.Block;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An answer from its first word to its end, in no API's form: what it takes to give it again in any.
 *
 * @param stop why it ended, which is never for want of room
 * @param sequence the stop sequence that ended it
 */
public record CompleteAnswer(List<Part> parts, Stop stop, Optional<String> sequence, Optional<Tokens> tokens) {

    /** What a part is. */
    public enum Sort {
        TEXT,
        THINKING,
        CALL
    }

    /**
     * A stretch of an answer.
     *
     * @param text of a tool call, its arguments
     * @param id of a tool call, else empty
     * @param name of the called tool, or the signature of reasoning, else empty
     */
    public record Part(Sort sort, String text, String id, String name) {

        private List<Piece> pieces() {
            return switch (sort) {
                case TEXT -> List.of(new Piece.Text(text));
                case THINKING -> {
                    List<Piece> pieces = new ArrayList<>();
                    if (!text.isEmpty()) {
                        pieces.add(new Piece.Thinking(text));
                    }
                    if (!name.isEmpty()) {
                        pieces.add(new Piece.Signature(name));
                    }
                    yield pieces;
                }
                case CALL -> List.of(new Piece.Call(id, name), new Piece.Arguments(text));
            };
        }

        private int length() {
            return text.length() + id.length() + name.length();
        }
    }

    public CompleteAnswer {
        parts = List.copyOf(parts);
    }

    /**
     * An answer that ended by itself; empty for one that was cut off, filtered or refused, that says nothing, or that calls a tool
     * with what is no JSON object.
     */
    public static Optional<CompleteAnswer> of(Answer answer) {
        boolean ended = switch (answer.stop()) {
            case END, TOOL_CALLS, SEQUENCE -> answer.isStopped();
            case LENGTH, FILTERED -> false;
        };
        List<Part> parts = new ArrayList<>();
        boolean unfit = false;
        for (Block block : answer.blocks()) {
            switch (block) {
                case Block.Text(String text) -> parts.add(new Part(Sort.TEXT, text, "", ""));
                case Block.Thinking(String text, String signature) ->
                    parts.add(new Part(Sort.THINKING, text, "", signature));
                case Block.Call(String id, String name, String arguments) -> {
                    parts.add(new Part(Sort.CALL, arguments, id, name));
                    unfit |= !isObject(arguments);
                }
                case Block.Refusal refusal -> unfit = true;
            }
        }
        boolean says = parts.stream().anyMatch(part -> part.sort() != Sort.THINKING);
        return ended && says && !unfit
                ? Optional.of(new CompleteAnswer(parts, answer.stop(), answer.stopSequence(), answer.tokens()))
                : Optional.empty();
    }

    private static boolean isObject(String json) {
        try {
            return Json.LENIENT.readTree(json).isObject();
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    /** The answer as a provider would give it, usage first: some clients' forms begin with it. */
    public List<Piece> pieces() {
        List<Piece> pieces = new ArrayList<>();
        tokens.ifPresent(used -> pieces.add(new Piece.Used(used)));
        parts.forEach(part -> pieces.addAll(part.pieces()));
        pieces.add(new Piece.Stopped(stop, sequence));
        pieces.add(new Piece.Ended());
        return pieces;
    }

    /** Characters (UTF-16). */
    public int length() {
        return parts.stream().mapToInt(Part::length).sum();
    }
}
