package io.temponest.model.wire.answer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.json.Json;
import java.util.List;
import java.util.Optional;

/** Reads one answer of a provider: either a whole one or the events of a stream, in order. */
public sealed interface AnswerReader permits ChatAnswers, AnthropicAnswers, OllamaAnswers {

    /** The pieces of a whole answer, {@link Piece.Ended} last. */
    List<Piece> whole(JsonNode body);

    /** The pieces of an event of a stream. */
    List<Piece> event(JsonNode event);

    /** Whether something that the provider said so far has no piece: it cannot be given again from pieces. */
    boolean leftOut();

    /** Whether an event's data, which is no JSON, says that the stream is at its end. */
    default boolean isEnd(String data) {
        return false;
    }

    /** The pieces of an event's data. */
    default List<Piece> data(String data) {
        if (isEnd(data)) {
            return List.of(new Piece.Ended());
        }
        return parse(data).map(this::event).orElseGet(() -> List.of(new Piece.Broken(unreadable())));
    }

    /** A whole answer that cannot be understood, which is the provider's fault. */
    static ApiError unreadable() {
        return ApiError.of(
                ErrorType.UPSTREAM_ERROR, "provider_answer_unreadable", "The provider's answer cannot be understood.");
    }

    /** A failure that the provider told in the middle of a stream. Its words are passed on only where they are about the request. */
    static Piece.Broken broken(JsonNode error) {
        ApiError told = switch (Trouble.of(error)) {
            case QUOTA ->
                ApiError.of(ErrorType.RATE_LIMIT_ERROR, "insufficient_quota", "The provider has no quota left for us.");
            case CREDENTIALS, FORBIDDEN ->
                ApiError.of(ErrorType.UPSTREAM_ERROR, "provider_auth_failed", "The provider refused our credentials.");
            case LIMIT ->
                ApiError.of(ErrorType.RATE_LIMIT_ERROR, "provider_rate_limited", "The provider is at its limits.");
            case OVERLOAD ->
                ApiError.of(ErrorType.OVERLOADED_ERROR, "provider_overloaded", "The provider is overloaded.");
            case REQUEST ->
                ApiError.of(
                        ErrorType.INVALID_REQUEST_ERROR,
                        "provider_rejected",
                        text(error, "message").orElse("The provider rejected the request."));
            case OTHER ->
                ApiError.of(ErrorType.UPSTREAM_ERROR, "provider_error", "The provider failed while it answered.");
        };
        return new Piece.Broken(told);
    }

    /** A text that is there and not empty. */
    static Optional<String> text(JsonNode from, String field) {
        return Optional.ofNullable(from.path(field).textValue()).filter(text -> !text.isEmpty());
    }

    private static Optional<JsonNode> parse(String data) {
        try {
            return Optional.of(Json.LENIENT.readTree(data)).filter(JsonNode::isObject);
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
