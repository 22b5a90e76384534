package io.temponest.model.wire.reply;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.error.ApiError;
import io.temponest.model.wire.answer.Answer;
import io.temponest.model.wire.answer.Answering;
import io.temponest.model.wire.answer.Piece;
import java.util.ArrayList;
import java.util.List;

/**
 * The chunks of a chat completion: no event names and no ids, {@code data: [DONE]} last. A failure is a frame with an error
 * after which nothing follows, not even {@code [DONE]}, as clients read a clean end as success.
 */
public final class ChatFrames implements Frames {

    private static final String DONE = "data: [DONE]\n\n";
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Answering context;
    private final Answer answer = new Answer();
    private final List<String> frames = new ArrayList<>();
    private boolean begun;
    private int calls;
    private boolean withoutArguments;

    public ChatFrames(Answering context) {
        this.context = context;
    }

    @Override
    public List<String> write(Piece piece) {
        frames.clear();
        if (!begun) {
            begun = true;
            delta(JSON.objectNode().put("role", "assistant").put("content", ""));
        }
        if (answer.add(piece)) {
            endCall();
        }
        switch (piece) {
            case Piece.Text text -> delta(JSON.objectNode().put("content", text.text()));
            case Piece.Refusal refusal -> delta(JSON.objectNode().put("refusal", refusal.text()));
            case Piece.Thinking thinking -> delta(JSON.objectNode().put("reasoning_content", thinking.text()));
            case Piece.Call call -> call(call);
            case Piece.Arguments more -> arguments(more.json());
            case Piece.Ended ended -> end();
            case Piece.Broken broken -> frames.addAll(failure(broken.error()));
            case Piece.Signature signature -> {}
            case Piece.Stopped stopped -> {}
            case Piece.Used used -> {}
        }
        return List.copyOf(frames);
    }

    @Override
    public List<String> fail(ApiError error) {
        return failure(error);
    }

    private List<String> failure(ApiError error) {
        return List.of(Frames.data(ErrorForm.OPENAI.body(error, context.requestId())));
    }

    @Override
    public boolean isStopped() {
        return answer.isStopped();
    }

    private void call(Piece.Call call) {
        ObjectNode delta = JSON.objectNode();
        ObjectNode out = delta.putArray("tool_calls").addObject().put("index", calls++);
        out.put("id", call.id()).put("type", "function");
        out.putObject("function").put("name", call.name()).put("arguments", "");
        delta(delta);
        withoutArguments = true;
    }

    private void arguments(String json) {
        ObjectNode delta = JSON.objectNode();
        ObjectNode out = delta.putArray("tool_calls").addObject().put("index", calls - 1);
        out.putObject("function").put("arguments", json);
        delta(delta);
        withoutArguments = false;
    }

    /** Clients parse the arguments, and nothing is no JSON. */
    private void endCall() {
        if (withoutArguments) {
            arguments("{}");
        }
    }

    private void end() {
        endCall();
        ObjectNode chunk = chunk();
        ((ObjectNode) chunk.withArrayProperty("choices").get(0))
                .put("finish_reason", answer.stop().chat());
        frames.add(Frames.data(chunk));
        if (context.includeUsage() && answer.tokens().isPresent()) {
            ObjectNode last = ChatBody.head(context, "chat.completion.chunk");
            last.putArray("choices");
            last.set("usage", ChatBody.usage(answer.tokens().get()));
            frames.add(Frames.data(last));
        }
        frames.add(DONE);
    }

    private void delta(ObjectNode delta) {
        ObjectNode chunk = chunk();
        ((ObjectNode) chunk.withArrayProperty("choices").get(0)).set("delta", delta);
        frames.add(Frames.data(chunk));
    }

    private ObjectNode chunk() {
        ObjectNode chunk = ChatBody.head(context, "chat.completion.chunk");
        ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
        choice.set("delta", JSON.objectNode());
        choice.putNull("logprobs").putNull("finish_reason");
        if (context.includeUsage()) {
            chunk.putNull("usage");
        }
        return chunk;
    }
}
