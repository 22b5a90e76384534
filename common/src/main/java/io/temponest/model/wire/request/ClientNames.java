package io.temponest.model.wire.request;

import java.util.Map;

/**
 * What a client calls a field of the hub form, so that a refusal names the field that the client wrote. Within a
 * conversation the places differ, so that only the conversation is named.
 */
public enum ClientNames {
    RESPONSES(
            "input",
            Map.of(
                    "max_completion_tokens", "max_output_tokens",
                    "response_format", "text.format",
                    "reasoning_effort", "reasoning.effort",
                    "verbosity", "text.verbosity")),
    ANTHROPIC(
            "messages",
            Map.of(
                    "max_completion_tokens", "max_tokens",
                    "response_format", "output_config.format",
                    "reasoning_effort", "output_config.effort",
                    "stop", "stop_sequences",
                    "parallel_tool_calls", "tool_choice.disable_parallel_tool_use",
                    "user", "metadata.user_id"));

    private final String conversation;
    private final Map<String, String> names;

    ClientNames(String conversation, Map<String, String> names) {
        this.conversation = conversation;
        this.names = names;
    }

    /** The client's name of a hub field, such as {@code text.format} for {@code response_format.type}. */
    public String of(String hubField) {
        String top = hubField.split("[.\\[]", 2)[0];
        if (top.equals("messages")) {
            return conversation;
        }
        String known = names.get(top);
        return known == null ? hubField : known;
    }
}
