package io.temponest.model.relay;

import io.temponest.model.ModelName;
import io.temponest.model.relay.Exchange.Event;
import io.temponest.model.relay.Exchange.Reader;
import io.temponest.model.relay.Relayed.Sink;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** One provider's answer to a call: what it says, in the client's form, and what it costs. Lives on one event loop. */
final class Attempt {

    private final ModelName model;
    private final Responder responder;
    private final Speech speech;
    private final Settling settling;
    private final long begunNanos = System.nanoTime();

    Attempt(ModelName model, Responder responder, Speech speech, Settling settling) {
        this.model = model;
        this.responder = responder;
        this.speech = speech;
        this.settling = settling;
    }

    ModelName model() {
        return model;
    }

    Responder responder() {
        return responder;
    }

    /** How long it has taken. */
    Duration age() {
        return Duration.ofNanos(System.nanoTime() - begunNanos);
    }

    /** The answer on its way to the client. */
    Relayed relayed(Begun begun, int attempts, Duration upstream) {
        Relayed.Info info = new Relayed.Info(model, attempts, upstream);
        return switch (begun) {
            case Begun.Whole(Buffer body) -> new Relayed.Whole(info, speech.whole(body), settling.settled());
            case Begun.Streaming streaming ->
                new Relayed.Streaming(info, sink -> responder.readBy(new ToSink(sink)), settling.settled());
        };
    }

    /** Writes a stream's events as the client's frames. */
    private final class ToSink implements Reader {

        private final Sink sink;

        ToSink(Sink sink) {
            this.sink = sink;
        }

        @Override
        public Future<Void> event(Event event) {
            return send(speech.event(event));
        }

        @Override
        public void ended(Optional<Fault> why) {
            boolean complete = false;
            try {
                send(speech.end(why.map(Fault::error)));
                complete = !speech.failedUnseen();
            } finally {
                if (complete) {
                    sink.end();
                } else {
                    sink.breakOff();
                }
            }
        }

        private Future<Void> send(String frames) {
            return frames.isEmpty()
                    ? Future.succeededFuture()
                    : sink.frames(Buffer.buffer(frames.getBytes(StandardCharsets.UTF_8)));
        }
    }
}
