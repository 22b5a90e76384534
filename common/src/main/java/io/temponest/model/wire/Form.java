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

    /** How clients of this form are told a failure. */
    public ErrorForm errors() {
        return this == ANTHROPIC_MESSAGES ? ErrorForm.ANTHROPIC : ErrorForm.OPENAI;
    }
}
