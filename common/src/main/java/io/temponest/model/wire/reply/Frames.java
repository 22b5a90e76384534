package io.temponest.model.wire.reply;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.error.ApiError;
import io.temponest.json.Json;
import io.temponest.model.wire.answer.Piece;
import java.util.List;

/** Writes one streamed answer in a client's form, piece by piece. Every frame is whole, with its blank line. */
public sealed interface Frames permits ChatFrames, ResponsesFrames, AnthropicFrames {

    /** The frames that a piece brings; those of {@link Piece.Ended} and {@link Piece.Broken} are the last. */
    List<String> write(Piece piece);

    /** The last frames of a stream that fails. */
    List<String> fail(ApiError error);

    /** Whether the provider said why it stopped, so that the end of its stream is an end and no break. */
    boolean isStopped();

    static String data(ObjectNode json) {
        return "data: " + Json.text(json) + "\n\n";
    }

    /** A frame whose event is named by the data's type, as both APIs with named events demand. */
    static String event(ObjectNode json) {
        return "event: " + json.get("type").textValue() + "\n" + data(json);
    }
}
