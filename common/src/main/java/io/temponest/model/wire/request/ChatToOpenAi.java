package io.temponest.model.wire.request;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** The hub form for a provider that speaks it: what only the hub has is refused, and a stream is asked for its usage. */
public final class ChatToOpenAi {

    private ChatToOpenAi() {}

    /**
     * Makes it the provider's.
     *
     * @param newLimitName whether the provider knows {@code max_completion_tokens}
     * @throws io.temponest.error.ApiException for what cannot be carried over, with the field named
     */
    public static ObjectNode translate(ObjectNode chat, boolean newLimitName) {
        Fields body = Fields.body(chat);
        if (body.has("top_k")) {
            throw body.refuse("top_k", "the provider has no such setting");
        }
        if (body.flag("stream").orElse(false)) {
            chat.putObject("stream_options").put("include_usage", true);
        }
        if (!newLimitName && body.has("max_completion_tokens")) {
            chat.set("max_tokens", chat.remove("max_completion_tokens"));
        }
        return chat;
    }
}
