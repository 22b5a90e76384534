package io.temponest.model.wire;

import io.temponest.model.wire.reply.ErrorForm;

/** The form of a request and its answer. */
public enum Form {

    /** OpenAI's {@code /v1/chat/completions}; for clients and providers. */
    OPENAI_CHAT,

    /** OpenAI's {@code /v1/responses}; for clients. */
    OPENAI_RESPONSES,

    /** Anthropic's {@code /v1/messages}; for clients and providers. */
    ANTHROPIC_MESSAGES,

    /** Ollama's {@code /api/chat}, whose streams have one JSON object a line; for providers. */
    OLLAMA_CHAT;

    /**
     * Whether a stream can end in a failure. A chat's cannot: its clients know a frame with an error, or they know nothing, and
     * some take whatever they have at the connection's end for the answer.
     */
    public boolean endsFailures() {
        return this == OPENAI_RESPONSES || this == ANTHROPIC_MESSAGES;
    }

    /** How clients of this form are told a failure. */
    public ErrorForm errors() {
        return this == ANTHROPIC_MESSAGES ? ErrorForm.ANTHROPIC : ErrorForm.OPENAI;
    }
}
