package io.temponest.workers.tool;

import io.temponest.error.ApiError;
import io.temponest.knowledge.Passage;
import java.util.List;

/** What a call came to. */
public sealed interface ToolResult {

    /**
     * It happened.
     *
     * @param text for the model
     * @param passages that the answer may cite, shown to the model after the text
     */
    record Done(String text, List<Passage> passages) implements ToolResult {

        public Done {
            passages = List.copyOf(passages);
        }

        public Done(String text) {
            this(text, List.of());
        }
    }

    /**
     * It did not happen.
     *
     * @param passing whether the same call may succeed later
     */
    record Failed(ApiError error, boolean passing) implements ToolResult {}

    /** Nobody knows: the answer was lost. */
    record Unknown(ApiError error) implements ToolResult {}
}
