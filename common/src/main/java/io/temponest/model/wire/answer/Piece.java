package io.temponest.model.wire.answer;

import io.temponest.error.ApiError;
import java.util.Optional;

/**
 * A piece of an answer, in the order in which the provider gave it. A tool call's arguments follow its beginning with no
 * other call's between. After {@link Ended} or {@link Broken} nothing follows.
 */
public sealed interface Piece {

    /** What begins a block, or goes on with one of its kind. */
    sealed interface Content extends Piece {}

    /** Text of the answer. */
    record Text(String text) implements Content {}

    /** Text that says why there is no answer. */
    record Refusal(String text) implements Content {}

    /** Reasoning in words. */
    record Thinking(String text) implements Content {}

    /** The provider's signature of the reasoning before it. */
    record Signature(String signature) implements Piece {}

    /** A tool call begins. */
    record Call(String id, String name) implements Content {}

    /** More of the JSON text of the last call's arguments. */
    record Arguments(String json) implements Piece {}

    /**
     * The model stopped.
     *
     * @param sequence the stop sequence, where the provider says
     */
    record Stopped(Stop stop, Optional<String> sequence) implements Piece {}

    /** What was used so far; the last one counts. */
    record Used(Tokens tokens) implements Piece {}

    /** The answer is whole. */
    record Ended() implements Piece {}

    /** The provider said that it failed, or what it said cannot be understood. */
    record Broken(ApiError error) implements Piece {}
}
