package io.temponest.model;

import java.util.List;

/**
 * An answer that asked for tools, with what they came to.
 *
 * @param text that the model said besides
 * @param results one for each call, in order
 */
public record Turn(String text, List<ToolCall> calls, List<String> results) {

    public Turn {
        calls = List.copyOf(calls);
        results = List.copyOf(results);
        if (calls.isEmpty() || calls.size() != results.size()) {
            throw new IllegalArgumentException("results must be one for each call");
        }
    }
}
