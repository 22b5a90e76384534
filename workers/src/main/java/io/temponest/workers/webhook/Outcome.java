package io.temponest.workers.webhook;

import java.util.Locale;

/** What became of a delivery with an attempt. */
enum Outcome {
    DELIVERED,
    RETRIED,
    FAILED,
    /** It failed, and nothing more is sent to its endpoint. */
    DISABLED,
    /** It was not ours any more; nothing was written. */
    STALE;

    static Outcome parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
