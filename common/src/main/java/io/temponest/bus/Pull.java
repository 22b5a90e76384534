package io.temponest.bus;

/**
 * The reader's answer to what it received in a {@link Dialog}.
 *
 * @param more whether to send the next chunk
 */
record Pull(boolean more) {

    static final Pull MORE = new Pull(true);
    static final Pull STOP = new Pull(false);

    /** Sent by the writer in place of a chunk: nothing to say yet. */
    record Idle() {}

    /** Sent by the writer in place of a chunk: nothing follows. */
    record End() {}
}
