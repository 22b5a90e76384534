package io.temponest.model.wire.request;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** The hub form for a provider that speaks it: what only the hub has is refused, and a stream is asked for its usage. */
public final class ChatToOpenAi {

    private ChatToOpenAi() {}

    /** @throws io.temponest.error.ApiException for what cannot be carried over, with the field named */
    public static ObjectNode translate(ObjectNode chat) {
        Fields body = Fields.body(chat);
        if (body.has("top_k")) {
            throw body.refuse("top_k", "the provider has no such setting");
        }
        if (body.flag("stream").orElse(false)) {
            chat.putObject("stream_options").put("include_usage", true);
        }
        return chat;
    }
}
