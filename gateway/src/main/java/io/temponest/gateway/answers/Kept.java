package io.temponest.gateway.answers;

import io.temponest.model.ModelName;
import io.temponest.model.wire.answer.CompleteAnswer;
import java.time.Instant;

/**
 * An answer that is kept.
 *
 * @param model who gave it
 */
public record Kept(CompleteAnswer answer, ModelName model, Instant at) {

    private static final int OVERHEAD = 500;

    /** About as many bytes as it takes in memory. */
    int weight() {
        return 2 * answer.length() + OVERHEAD;
    }
}
