package io.temponest.model.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.temponest.json.Json;
import io.temponest.model.wire.answer.Answer;
import io.temponest.model.wire.answer.AnswerReader;
import io.temponest.model.wire.answer.Answering;
import io.temponest.model.wire.answer.CompleteAnswer;
import io.temponest.model.wire.answer.Piece;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Takes a provider's answer down while it passes. It gives up on one that is long, that fails, or of which something would be
 * lost: several choices, log probabilities, sources, pictures or sound. Not for several threads.
 */
public final class Recorder {

    /** Characters (UTF-16) of an answer. */
    public static final int LONGEST = 256 << 10;

    private final AnswerReader reader;
    private final Answer answer = new Answer();
    private int characters;
    private boolean givenUp;

    /** @param about ids for what the provider gives none */
    public Recorder(Form provider, Answering about) {
        this.reader = Wire.reader(provider, about);
    }

    /** Takes the data of a stream's event, or a line of one of Ollama's. */
    public void event(String data) {
        if (!givenUp && !data.isBlank()) {
            take(reader.data(data));
        }
    }

    /** Takes a whole answer. */
    public void whole(byte[] body) {
        if (givenUp) {
            return;
        }
        try {
            take(reader.whole(Json.LENIENT.readTree(new String(body, StandardCharsets.UTF_8))));
        } catch (JsonProcessingException e) {
            givenUp = true;
        }
    }

    private void take(List<Piece> pieces) {
        for (Piece piece : pieces) {
            characters += length(piece);
            givenUp |= piece instanceof Piece.Broken || characters > LONGEST;
            if (givenUp) {
                return;
            }
            answer.add(piece);
        }
        givenUp |= reader.leftOut();
    }

    private static int length(Piece piece) {
        return switch (piece) {
            case Piece.Text(String text) -> text.length();
            case Piece.Thinking(String text) -> text.length();
            case Piece.Refusal(String text) -> text.length();
            case Piece.Arguments(String json) -> json.length();
            case Piece.Signature(String signature) -> signature.length();
            case Piece.Call(String id, String name) -> id.length() + name.length();
            case Piece.Stopped stopped -> 0;
            case Piece.Used used -> 0;
            case Piece.Ended ended -> 0;
            case Piece.Broken broken -> 0;
        };
    }

    /** What was taken down; empty where that is not all, or the answer did not end by itself. */
    public Optional<CompleteAnswer> answer() {
        return givenUp ? Optional.empty() : CompleteAnswer.of(answer);
    }
}
