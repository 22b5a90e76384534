package io.temponest.gateway.runs;

import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.json.Json;
import io.temponest.model.wire.Form;
import io.temponest.model.wire.answer.Answering;
import io.temponest.model.wire.answer.Piece;
import io.temponest.model.wire.answer.Stop;
import io.temponest.model.wire.answer.Tokens;
import io.temponest.model.wire.reply.AnthropicBody;
import io.temponest.model.wire.reply.AnthropicFrames;
import io.temponest.model.wire.reply.ChatBody;
import io.temponest.model.wire.reply.ChatFrames;
import io.temponest.model.wire.reply.Frames;
import io.temponest.model.wire.reply.ResponsesBody;
import io.temponest.model.wire.reply.ResponsesFrames;
import io.temponest.run.Run;
import io.temponest.run.RunAddresses.Live;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A run's answer as the frames of a completion. Text that was shown stays: what a run writes anew is shown after it. */
final class RunFrames {

    private final Form form;
    private final Frames frames;
    private final StringBuilder shown = new StringBuilder();
    private int step;

    RunFrames(Form form, Answering about) {
        this.form = form;
        this.frames = switch (form) {
            case OPENAI_CHAT, OLLAMA_CHAT -> new ChatFrames(about);
            case OPENAI_RESPONSES -> new ResponsesFrames(about);
            case ANTHROPIC_MESSAGES -> new AnthropicFrames(about);
        };
    }

    /** Text of a step, as it is written. */
    Buffer text(Live piece) {
        boolean another = piece.step() != step && step != 0;
        step = piece.step();
        int known = another ? -1 : shown.length() - piece.offset();
        if (known < 0 || known > piece.text().length()) {
            // A gap, or another beginning: the end has the whole.
            return Buffer.buffer();
        }
        return say(piece.text().substring(known));
    }

    private Buffer say(String text) {
        shown.append(text);
        return text.isEmpty() ? Buffer.buffer() : buffer(frames.write(new Piece.Text(text)));
    }

    /** Whether the run has no answer and the client's form has no end that says so. */
    boolean failsUnseen(Run run) {
        return error(run).isPresent() && !form.endsFailures();
    }

    /** The last frames. */
    Buffer end(Run run) {
        Optional<ApiError> error = error(run);
        if (error.isPresent()) {
            return buffer(frames.fail(error.get()));
        }
        Buffer last = Buffer.buffer();
        rest(run.output().orElse("")).forEach(text -> last.appendBuffer(say(text)));
        pieces(run).forEach(piece -> last.appendBuffer(buffer(frames.write(piece))));
        return last;
    }

    private List<String> rest(String output) {
        String before = shown.toString();
        if (output.startsWith(before)) {
            return List.of(output.substring(before.length()));
        }
        return List.of("\n\n" + output);
    }

    private static List<Piece> pieces(Run run) {
        Tokens tokens = new Tokens(
                run.usage().inputTokens(),
                run.usage().cachedInputTokens(),
                0,
                run.usage().outputTokens(),
                0);
        return List.of(new Piece.Stopped(Stop.END, Optional.empty()), new Piece.Used(tokens), new Piece.Ended());
    }

    private static Optional<ApiError> error(Run run) {
        return switch (run.status()) {
            case SUCCEEDED -> Optional.empty();
            case FAILED, CANCELLED, TIMED_OUT, DEAD ->
                Optional.of(run.error()
                        .orElseGet(() -> ApiError.of(
                                ErrorType.API_ERROR, "run_" + run.status(), "The run has ended without an answer.")));
            case QUEUED, RUNNING, WAITING ->
                Optional.of(ApiError.of(
                        ErrorType.TIMEOUT_ERROR,
                        "deadline_exceeded",
                        "The run %s goes on; its answer did not come in time.".formatted(run.id())));
        };
    }

    private static Buffer buffer(List<String> texts) {
        return Buffer.buffer(String.join("", texts));
    }

    /** A whole answer; fails with what the run failed with. */
    static byte[] whole(Form form, Answering about, Run run) {
        error(run).ifPresent(error -> {
            throw error.exception();
        });
        io.temponest.model.wire.answer.Answer answer = new io.temponest.model.wire.answer.Answer();
        List<Piece> pieces = new ArrayList<>(List.of(new Piece.Text(run.output().orElse(""))));
        pieces.addAll(pieces(run));
        pieces.forEach(answer::add);
        return Json.bytes(
                switch (form) {
                    case OPENAI_CHAT, OLLAMA_CHAT -> ChatBody.write(answer, about);
                    case OPENAI_RESPONSES -> ResponsesBody.write(answer, about);
                    case ANTHROPIC_MESSAGES -> AnthropicBody.write(answer, about);
                });
    }
}
