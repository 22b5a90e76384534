package io.temponest.model.wire.answer;

/** Why an answer ended, with the word of each form. */
public enum Stop {
    END("stop", "end_turn"),
    LENGTH("length", "max_tokens"),
    TOOL_CALLS("tool_calls", "tool_use"),
    SEQUENCE("stop", "stop_sequence"),
    FILTERED("content_filter", "refusal");

    private final String chat;
    private final String anthropic;

    Stop(String chat, String anthropic) {
        this.chat = chat;
        this.anthropic = anthropic;
    }

    /** {@code finish_reason} of the chat form, which has one word for the end and for a stop sequence. */
    public String chat() {
        return chat;
    }

    /** {@code stop_reason} of Anthropic's form. */
    public String anthropic() {
        return anthropic;
    }

    static Stop ofChat(String reason) {
        return switch (reason) {
            case "length" -> LENGTH;
            case "tool_calls", "function_call" -> TOOL_CALLS;
            case "content_filter" -> FILTERED;
            default -> END;
        };
    }

    static Stop ofAnthropic(String reason) {
        return switch (reason) {
            case "max_tokens", "model_context_window_exceeded" -> LENGTH;
            case "tool_use" -> TOOL_CALLS;
            case "stop_sequence" -> SEQUENCE;
            case "refusal" -> FILTERED;
            default -> END;
        };
    }

    /** Ollama ends a tool call like any answer. */
    static Stop ofOllama(String reason, boolean calledTools) {
        return reason.equals("length") ? LENGTH : calledTools ? TOOL_CALLS : END;
    }
}
