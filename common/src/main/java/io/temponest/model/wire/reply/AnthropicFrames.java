package io.temponest.model.wire.reply;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.error.ApiError;
import io.temponest.model.wire.answer.Answer;
import io.temponest.model.wire.answer.Answering;
import io.temponest.model.wire.answer.Piece;
import io.temponest.model.wire.answer.Tokens;
import java.util.ArrayList;
import java.util.List;

/**
 * The events of an Anthropic message: {@code message_start}, blocks one after the other, {@code message_delta},
 * {@code message_stop}. Where the provider tells its usage only at the end, {@code message_start} says 0 input tokens and
 * {@code message_delta} the totals. A failure is {@code event: error}.
 */
public final class AnthropicFrames implements Frames {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Answering context;
    private final Answer answer = new Answer();
    private final List<String> frames = new ArrayList<>();
    private boolean begun;
    private int block = -1;
    private boolean open;

    public AnthropicFrames(Answering context) {
        this.context = context;
    }

    @Override
    public List<String> write(Piece piece) {
        frames.clear();
        boolean begins = answer.add(piece);
        begin();
        if (begins) {
            beginBlock(piece);
        }
        switch (piece) {
            case Piece.Text text -> delta("text_delta", "text", text.text());
            case Piece.Refusal refusal -> delta("text_delta", "text", refusal.text());
            case Piece.Thinking thinking -> delta("thinking_delta", "thinking", thinking.text());
            case Piece.Signature signed -> delta("signature_delta", "signature", signed.signature());
            case Piece.Arguments more -> delta("input_json_delta", "partial_json", more.json());
            case Piece.Ended ended -> end();
            case Piece.Broken broken -> frames.addAll(fail(broken.error()));
            case Piece.Call call -> {}
            case Piece.Stopped stopped -> {}
            case Piece.Used used -> {}
        }
        return List.copyOf(frames);
    }

    @Override
    public List<String> fail(ApiError error) {
        return List.of(Frames.event(ErrorForm.ANTHROPIC.body(error, context.requestId())));
    }

    @Override
    public boolean isStopped() {
        return answer.isStopped();
    }

    private void begin() {
        if (begun) {
            return;
        }
        begun = true;
        ObjectNode message = AnthropicBody.message(context, JSON.arrayNode());
        message.set("usage", AnthropicBody.usage(answer.tokens().orElse(Tokens.NONE)));
        ObjectNode event = JSON.objectNode().put("type", "message_start");
        event.set("message", message);
        frames.add(Frames.event(event));
    }

    private void beginBlock(Piece piece) {
        endBlock();
        block++;
        open = true;
        ObjectNode content = JSON.objectNode();
        switch (piece) {
            case Piece.Call call -> {
                content.put("type", "tool_use").put("id", call.id()).put("name", call.name());
                content.putObject("input");
            }
            case Piece.Thinking thinking ->
                content.put("type", "thinking").put("thinking", "").put("signature", "");
            case Piece.Signature signed ->
                content.put("type", "thinking").put("thinking", "").put("signature", "");
            default -> content.put("type", "text").put("text", "");
        }
        ObjectNode event = event("content_block_start");
        event.set("content_block", content);
        frames.add(Frames.event(event));
    }

    private void endBlock() {
        if (open) {
            open = false;
            frames.add(Frames.event(event("content_block_stop")));
        }
    }

    private void delta(String type, String field, String value) {
        ObjectNode event = event("content_block_delta");
        event.putObject("delta").put("type", type).put(field, value);
        frames.add(Frames.event(event));
    }

    private ObjectNode event(String type) {
        return JSON.objectNode().put("type", type).put("index", block);
    }

    private void end() {
        endBlock();
        ObjectNode event = JSON.objectNode().put("type", "message_delta");
        event.putObject("delta")
                .put("stop_reason", answer.stop().anthropic())
                .put("stop_sequence", answer.stopSequence().orElse(null));
        event.set("usage", AnthropicBody.usage(answer.tokens().orElse(Tokens.NONE)));
        frames.add(Frames.event(event));
        frames.add(Frames.event(JSON.objectNode().put("type", "message_stop")));
    }
}
