package io.temponest.model.relay;

import io.temponest.model.ModelName;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.function.Consumer;

/** An answer on its way to the client, in the client's form. */
public sealed interface Relayed {

    Info info();

    /** What it came to, once it is over; never fails. */
    Future<Settled> settled();

    /**
     * Where it comes from.
     *
     * @param attempts providers asked, the one that answered included
     * @param upstream time spent waiting for them, until the answer began
     */
    record Info(ModelName model, int attempts, Duration upstream) {}

    /** An answer in one piece. */
    record Whole(Info info, Buffer body, Future<Settled> settled) implements Relayed {}

    /**
     * A stream.
     *
     * @param source begins to send when it is given a sink; to be called once, on the context of the call
     */
    record Streaming(Info info, Consumer<Sink> source, Future<Settled> settled) implements Relayed {}

    /** The client's end of a stream. */
    interface Sink {

        /** Sends whole frames; completes when there is room for more; never fails. */
        Future<Void> frames(Buffer frames);

        /** Nothing more comes. */
        void end();

        /** Nothing more comes, and a reader that passes over the last frames must not take the answer for complete. */
        void breakOff();
    }
}
