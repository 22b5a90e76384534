package io.temponest.model.wire;

import io.temponest.model.wire.answer.Tokens;
import java.util.List;
import java.util.Optional;

/**
 * What an answer says, in no API's form: what providers are made to say and clients are found to have heard.
 *
 * @param reason the chat form's word for the end
 * @param tokens empty where none were told
 */
record Said(String thinking, String text, List<Call> calls, String reason, Optional<Tokens> tokens) {

    Said {
        calls = List.copyOf(calls);
    }

    /** A tool call with its arguments' JSON text. */
    record Call(String id, String name, String arguments) {}

    Said withReason(String other) {
        return new Said(thinking, text, calls, other, tokens);
    }

    Said withTokens(Tokens other) {
        return new Said(thinking, text, calls, reason, Optional.of(other));
    }
}
