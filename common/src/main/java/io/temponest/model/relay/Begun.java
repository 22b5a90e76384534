package io.temponest.model.relay;

import io.vertx.core.buffer.Buffer;

/** An answer that has begun: from here on no other provider is asked. */
sealed interface Begun {

    /** An answer in one piece. */
    record Whole(Buffer body) implements Begun {}

    /** A stream, of which the first content has come. */
    record Streaming() implements Begun {}
}
