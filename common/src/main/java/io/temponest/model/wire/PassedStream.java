package io.temponest.model.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.temponest.error.ApiError;
import io.temponest.json.Json;
import io.temponest.model.wire.reply.Frames;
import java.util.List;
import java.util.Optional;

/** A stream between two sides of one form: every event as it came, in a frame of its own. */
final class PassedStream implements StreamTranslation {

    private static final String CHAT_END = "[DONE]";

    /** What an event stream calls an event that it does not name. */
    private static final String UNNAMED = "message";

    private static final String MESSAGE_END = "message_stop";

    private final Frames failures;
    private final boolean named;
    private final boolean withUsage;
    private boolean over;
    private boolean broken;

    /**
     * A stream that passes.
     *
     * @param failures writes the failure of this stream, and nothing else
     * @param withUsage whether the client of a chat asked for the chunk of usage
     */
    PassedStream(Frames failures, Form form, boolean withUsage) {
        this.failures = failures;
        this.named = form != Form.OPENAI_CHAT;
        this.withUsage = withUsage;
    }

    @Override
    public List<String> feed(String given, String data) {
        String eventName =
                named && (given.isEmpty() || given.equals(UNNAMED)) ? type(data).orElse(given) : given;
        boolean unasked = !named && !withUsage && IncludeUsage.isUsageOnly(data);
        if (over || data.isBlank() || unasked) {
            return List.of();
        }
        broken = named && eventName.equals("error");
        over = broken || (named ? eventName.equals(MESSAGE_END) : data.equals(CHAT_END));
        return List.of(
                (named ? "event: " + eventName + "\n" : "") + "data: " + data.replace("\n", "\ndata: ") + "\n\n");
    }

    /** What the data says that it is. */
    private static Optional<String> type(String data) {
        try {
            return Optional.ofNullable(Json.LENIENT.readTree(data).path("type").textValue());
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    @Override
    public List<String> end() {
        return failure(StreamTranslation.brokenOff());
    }

    @Override
    public List<String> failure(ApiError error) {
        if (over) {
            return List.of();
        }
        over = true;
        broken = true;
        return failures.fail(error);
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
