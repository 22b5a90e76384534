package io.temponest.model.wire.reply;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.model.wire.answer.Answer;
import io.temponest.model.wire.answer.Answer.Block;
import io.temponest.model.wire.answer.Answering;
import io.temponest.model.wire.answer.Piece;
import java.util.ArrayList;
import java.util.List;

/**
 * The events of a response with its whole life cycle, numbered from 0: created, in progress, every item added, filled and
 * done, and at last completed, incomplete or failed. There is no {@code [DONE]}.
 */
public final class ResponsesFrames implements Frames {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Answering context;
    private final Answer answer = new Answer();
    private final List<String> frames = new ArrayList<>();
    private boolean begun;
    private int number;
    private int item = -1;

    public ResponsesFrames(Answering context) {
        this.context = context;
    }

    @Override
    public List<String> write(Piece piece) {
        frames.clear();
        begin();
        if (answer.wouldBegin(piece)) {
            answer.last().ifPresent(block -> endItem(block, "completed"));
        }
        if (answer.add(piece)) {
            answer.last().ifPresent(this::beginItem);
        }
        switch (piece) {
            case Piece.Text text -> text("response.output_text.delta", text.text());
            case Piece.Refusal refusal -> part("response.refusal.delta", "delta", refusal.text());
            case Piece.Thinking thinking -> summary("response.reasoning_summary_text.delta", "delta", thinking.text());
            case Piece.Arguments more -> arguments("response.function_call_arguments.delta", "delta", more.json());
            case Piece.Ended ended -> end();
            case Piece.Broken broken -> failed(broken.error());
            case Piece.Call call -> {}
            case Piece.Signature signature -> {}
            case Piece.Stopped stopped -> {}
            case Piece.Used used -> {}
        }
        return List.copyOf(frames);
    }

    @Override
    public List<String> fail(ApiError error) {
        frames.clear();
        begin();
        failed(error);
        return List.copyOf(frames);
    }

    @Override
    public boolean isStopped() {
        return answer.isStopped();
    }

    private void begin() {
        if (!begun) {
            begun = true;
            response("response.created", ResponsesBody.head(context, "in_progress"));
            response("response.in_progress", ResponsesBody.head(context, "in_progress"));
        }
    }

    private void beginItem(Block block) {
        item++;
        ObjectNode added = JSON.objectNode().put("id", id(block));
        switch (block) {
            case Block.Text text -> ResponsesBody.message(added, "in_progress");
            case Block.Refusal refusal -> ResponsesBody.message(added, "in_progress");
            case Block.Thinking thinking -> added.put("type", "reasoning").putArray("summary");
            case Block.Call call ->
                added.put("type", "function_call")
                        .put("status", "in_progress")
                        .put("call_id", call.id())
                        .put("name", call.name())
                        .put("arguments", "");
        }
        itemEvent("response.output_item.added", added);
        switch (block) {
            case Block.Text text -> partEvent("response.content_part.added", new Block.Text(""));
            case Block.Refusal refusal -> partEvent("response.content_part.added", new Block.Refusal(""));
            case Block.Thinking thinking ->
                partEvent("response.reasoning_summary_part.added", new Block.Thinking("", ""));
            case Block.Call call -> {}
        }
    }

    private void endItem(Block block, String status) {
        switch (block) {
            case Block.Text text -> {
                text("response.output_text.done", text.text());
                partEvent("response.content_part.done", text);
            }
            case Block.Refusal refusal -> {
                part("response.refusal.done", "refusal", refusal.text());
                partEvent("response.content_part.done", refusal);
            }
            case Block.Thinking thinking -> {
                summary("response.reasoning_summary_text.done", "text", thinking.text());
                partEvent("response.reasoning_summary_part.done", thinking);
            }
            case Block.Call call -> {
                ObjectNode event = event("response.function_call_arguments.done", id(call));
                emit(event.put("name", call.name()).put("arguments", call.arguments()));
            }
        }
        itemEvent("response.output_item.done", ResponsesBody.item(block, id(block), status));
    }

    private String id(Block block) {
        return ResponsesBody.id(block, item, context);
    }

    private void end() {
        answer.last().ifPresent(block -> endItem(block, ResponsesBody.status(answer)));
        response("response." + ResponsesBody.status(answer), ResponsesBody.write(answer, context));
    }

    private void failed(ApiError error) {
        ObjectNode response = ResponsesBody.head(context, "failed");
        response.set("output", ResponsesBody.output(answer, context, "incomplete"));
        response.putObject("error").put("code", code(error.type())).put("message", error.message());
        response("response.failed", response);
    }

    /** The API has a list of codes. */
    private static String code(ErrorType type) {
        return type == ErrorType.RATE_LIMIT_ERROR
                ? "rate_limit_exceeded"
                : type == ErrorType.INVALID_REQUEST_ERROR ? "invalid_prompt" : "server_error";
    }

    private void response(String type, ObjectNode response) {
        ObjectNode event = JSON.objectNode().put("type", type);
        event.set("response", response);
        emit(event);
    }

    private void itemEvent(String type, ObjectNode what) {
        ObjectNode event = JSON.objectNode().put("type", type).put("output_index", item);
        event.set("item", what);
        emit(event);
    }

    private void partEvent(String type, Block block) {
        ObjectNode event =
                event(type, id(block)).put(block instanceof Block.Thinking ? "summary_index" : "content_index", 0);
        event.set("part", ResponsesBody.part(block));
        emit(event);
    }

    private void text(String type, String text) {
        ObjectNode event = event(type, id(new Block.Text("")))
                .put("content_index", 0)
                .put(type.endsWith(".done") ? "text" : "delta", text);
        event.putArray("logprobs");
        emit(event);
    }

    private void part(String type, String field, String text) {
        emit(event(type, id(new Block.Refusal(""))).put("content_index", 0).put(field, text));
    }

    private void summary(String type, String field, String text) {
        emit(event(type, id(new Block.Thinking("", ""))).put("summary_index", 0).put(field, text));
    }

    private void arguments(String type, String field, String json) {
        emit(event(type, id(new Block.Call("", "", ""))).put(field, json));
    }

    private ObjectNode event(String type, String itemId) {
        return JSON.objectNode().put("type", type).put("item_id", itemId).put("output_index", item);
    }

    private void emit(ObjectNode event) {
        frames.add(Frames.event(event.put("sequence_number", number++)));
    }
}
