package io.temponest.model.wire;

import io.temponest.error.ApiError;
import io.temponest.model.wire.answer.AnswerReader;
import io.temponest.model.wire.answer.Piece;
import io.temponest.model.wire.reply.Frames;
import java.util.ArrayList;
import java.util.List;

/** A stream between two forms. */
final class TranslatedStream implements StreamTranslation {

    private final AnswerReader reader;
    private final Frames frames;
    private boolean over;
    private boolean broken;

    TranslatedStream(AnswerReader reader, Frames frames) {
        this.reader = reader;
        this.frames = frames;
    }

    @Override
    public List<String> feed(String eventName, String data) {
        if (over || data.isBlank()) {
            return List.of();
        }
        List<String> written = new ArrayList<>();
        for (Piece piece : reader.data(data)) {
            written.addAll(frames.write(piece));
            if (piece instanceof Piece.Ended || piece instanceof Piece.Broken) {
                over = true;
                broken = piece instanceof Piece.Broken;
                break;
            }
        }
        return written;
    }

    @Override
    public List<String> end() {
        if (over) {
            return List.of();
        }
        over = true;
        broken = !frames.isStopped();
        return frames.isStopped() ? frames.write(new Piece.Ended()) : frames.fail(StreamTranslation.brokenOff());
    }

    @Override
    public List<String> failure(ApiError error) {
        if (over) {
            return List.of();
        }
        over = true;
        broken = true;
        return frames.fail(error);
    }

    @Override
    public boolean isBroken() {
        return broken;
    }

    @Override
    public boolean isOver() {
        return over;
    }
}
