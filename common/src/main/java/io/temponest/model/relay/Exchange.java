package io.temponest.model.relay;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.model.SseParser;
import io.temponest.model.wire.Form;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request to a provider and its answer. The start of a stream is held back until something of the answer itself has come
 * (at most {@value #MOST_HELD} events or {@value #MOST_HELD_CHARS} characters), so that whoever asks can still ask somebody
 * else; from then on events go to a {@link Reader} as fast as it takes them. Lives on one event loop.
 */
final class Exchange implements Responder {

    static final int MOST_HELD = 64;
    static final int MOST_HELD_CHARS = 256 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
    private static final int MAX_EVENT = 4 << 20;
    private static final int MAX_BODY = 32 << 20;
    private static final long END_PATIENCE_MS = 1_000;
    private static final long NANOS_PER_MS = 1_000_000;

    private final Vertx vertx;
    private final Source source;
    private final ProviderFaults faults;
    private final Progress progress;
    private final Promise<Begun> begun = Promise.promise();
    private final Promise<Optional<Fault>> ended = Promise.promise();
    private final List<Event> held = new ArrayList<>();
    private final Consumer<byte[]> parser;
    private @Nullable HttpClientRequest request;
    private @Nullable HttpClientResponse response;
    private @Nullable Reader reader;
    private int heldChars;
    private long heardNanos = System.nanoTime();
    private long deadlineNanos;
    private long timer = -1;
    private boolean sent;
    private boolean answered;
    private boolean paused;
    private @Nullable Fault unheard;

    /** What is asked, and how. */
    record Source(String provider, Form form, Kinds kinds, Duration patience, Settling settling) {}

    /** The kinds of answers that are taken. */
    record Kinds(boolean stream, boolean whole) {}

    /** An event of a provider's stream. */
    record Event(String type, String data) {}

    /** Takes a stream's events one after the other. */
    interface Reader {

        /** Completes when there is room for the next; never fails. */
        Future<Void> event(Event event);

        /** The stream is over, with everything in it or for a reason. Called once. */
        void ended(Optional<Fault> why);
    }

    Exchange(Vertx vertx, Source source) {
        this.vertx = vertx;
        this.source = source;
        this.faults = new ProviderFaults(source.provider());
        this.progress = new Progress(source.form());
        this.parser = source.form() == Form.OLLAMA_CHAT
                ? new Lines(MAX_EVENT, line -> event(new Event("message", line)))::feed
                : new SseParser(MAX_EVENT, event -> event(new Event(event.type(), event.data())))::feed;
    }

    /**
     * Sends the request.
     *
     * @param leftMs until nobody waits any more
     */
    void send(Future<HttpClientRequest> connecting, Buffer body, long leftMs) {
        deadlineNanos = System.nanoTime() + leftMs * NANOS_PER_MS;
        watch();
        connecting.onComplete(connected -> {
            if (connected.failed()) {
                end(Optional.of(faults.unreachable(connected.cause())));
            } else if (over()) {
                connected.result().reset();
            } else {
                send(connected.result(), body);
            }
        });
    }

    @Override
    public Future<Begun> begun() {
        return begun.future();
    }

    private void send(HttpClientRequest ready, Buffer body) {
        request = ready;
        ready.exceptionHandler(fault -> brokenOff(faults.broken(fault)));
        sent = true;
        ready.putHeader("content-type", "application/json").send(body).onComplete(done -> {
            heardNanos = System.nanoTime();
            if (done.failed()) {
                end(Optional.of(faults.broken(done.cause())));
            } else if (!over()) {
                answered(done.result());
            }
        });
    }

    private void answered(HttpClientResponse answer) {
        response = answer;
        answer.exceptionHandler(fault -> brokenOff(faults.broken(fault)));
        boolean stream = streams(answer);
        if (answer.statusCode() != 200) {
            Refusal.read(source.provider(), answer).onSuccess(fault -> end(Optional.of(fault)));
        } else if (stream && source.kinds().stream()) {
            answer.handler(this::chunk);
            answer.endHandler(done -> guarded(this::closed));
        } else if (!stream) {
            // Where none is wanted, it may still tell why there is no stream.
            whole(answer);
        } else {
            end(Optional.of(faults.unreadable()));
        }
    }

    private static boolean streams(HttpClientResponse answer) {
        String type = Objects.toString(answer.getHeader("content-type"), "");
        return type.startsWith("text/event-stream") || type.startsWith("application/x-ndjson");
    }

    private void whole(HttpClientResponse answer) {
        Buffer body = Buffer.buffer();
        answer.handler(chunk -> {
            heardNanos = System.nanoTime();
            if (over()) {
                return;
            }
            body.appendBuffer(chunk);
            if (body.length() > MAX_BODY) {
                end(Optional.of(faults.tooLarge()));
            }
        });
        answer.endHandler(done -> {
            answered = true;
            if (!over()) {
                guarded(() -> wholeCame(body));
            }
        });
    }

    private void wholeCame(Buffer body) {
        byte[] answer = body.getBytes();
        if (source.kinds().whole() && WholeAnswer.isOne(answer)) {
            source.settling().whole(body);
            begun.tryComplete(new Begun.Whole(body));
            end(Optional.empty());
        } else {
            end(Optional.of(WholeAnswer.failure(answer)
                    .map(error -> Refusal.told(source.provider(), error))
                    .orElseGet(faults::unreadable)));
        }
    }

    /** Nothing that goes wrong in reading may leave the call waiting. */
    private void guarded(Runnable reading) {
        try {
            reading.run();
        } catch (RuntimeException e) {
            end(Optional.of(faults.garbled(e)));
        }
    }

    private void chunk(Buffer chunk) {
        heardNanos = System.nanoTime();
        if (over()) {
            return;
        }
        guarded(() -> parser.accept(chunk.getBytes()));
    }

    private void event(Event event) {
        if (over()) {
            return;
        }
        Progress.Step step = progress.see(event.type(), event.data());
        if (step instanceof Progress.Step.Failed(JsonNode error)) {
            end(Optional.of(Refusal.told(source.provider(), error)));
            return;
        }
        source.settling().event(event);
        pass(event);
        if (step instanceof Progress.Step.Done) {
            commit();
            end(Optional.empty());
        } else if (progress.content() || held.size() >= MOST_HELD || heldChars >= MOST_HELD_CHARS) {
            commit();
        }
    }

    private void pass(Event event) {
        Reader to = reader;
        if (to == null) {
            held.add(event);
            heldChars += event.data().length();
            return;
        }
        Future<Void> room = to.event(event);
        if (!room.isComplete()) {
            flowAgain(room);
        }
    }

    private void flowAgain(Future<Void> room) {
        pause();
        room.onComplete(done -> {
            heardNanos = System.nanoTime();
            resume();
        });
    }

    private void pause() {
        paused = true;
        Objects.requireNonNull(response).pause();
    }

    private void resume() {
        paused = false;
        Objects.requireNonNull(response).resume();
        readLastWords();
    }

    /** What had come before the connection broke is read first: the answer's end may be in it. */
    private void brokenOff(Fault why) {
        unheard = why;
        answered = true;
        readLastWords();
    }

    private void readLastWords() {
        Fault why = unheard;
        if (why != null && !paused) {
            vertx.getOrCreateContext().runOnContext(read -> {
                if (!paused) {
                    end(Optional.of(why));
                }
            });
        }
    }

    private void commit() {
        if (begun.tryComplete(new Begun.Streaming()) && reader == null) {
            // Nothing more until there is a reader.
            pause();
        }
    }

    @Override
    public void readBy(Reader to) {
        reader = to;
        Future<Void> room = Future.succeededFuture();
        try {
            for (Event event : held) {
                room = to.event(event);
            }
        } catch (RuntimeException e) {
            Fault why = faults.garbled(e);
            if (over()) {
                to.ended(Optional.of(why));
            } else {
                end(Optional.of(why));
            }
            return;
        } finally {
            held.clear();
        }
        if (ended.future().isComplete()) {
            to.ended(ended.future().result());
        } else if (room.isComplete()) {
            resume();
        } else {
            flowAgain(room);
        }
    }

    /** The connection's stream is over; whether the answer is, its own words have said. */
    private void closed() {
        answered = true;
        if (!over()) {
            if (source.form() == Form.OLLAMA_CHAT) {
                parser.accept(new byte[] {'\n'});
            }
            if (progress.finished()) {
                commit();
                end(Optional.empty());
            } else {
                end(Optional.of(faults.endedEarly()));
            }
        }
    }

    /** The provider's connection or stream is closed at once. */
    @Override
    public void stop(Fault why) {
        end(Optional.of(why));
    }

    private void end(Optional<Fault> why) {
        if (!ended.tryComplete(why)) {
            return;
        }
        vertx.cancelTimer(timer);
        // The reader is told last: what it does must keep neither the provider nor who waits for the beginning.
        Reader to = reader;
        try {
            if (why.isPresent()) {
                if (request != null) {
                    request.reset();
                }
            } else if (!answered && response != null) {
                finishQuietly(response);
            }
        } catch (IllegalStateException e) {
            // The response has ended by itself.
            LOG.atDebug().setCause(e).addKeyValue("provider", source.provider()).log("provider.ended_already");
        }
        why.ifPresent(fault -> begun.tryFail(fault.failure()));
        if (to != null) {
            to.ended(why);
        }
    }

    /** The answer is complete, and the connection should be soon; it can then be used again. */
    private void finishQuietly(HttpClientResponse from) {
        HttpClientRequest done = Objects.requireNonNull(request);
        long timer = vertx.setTimer(END_PATIENCE_MS, late -> done.reset());
        from.handler(rest -> {});
        from.endHandler(end -> vertx.cancelTimer(timer));
        from.exceptionHandler(fault -> vertx.cancelTimer(timer));
        from.resume();
    }

    private boolean over() {
        return ended.future().isComplete();
    }

    @Override
    public boolean sent() {
        return sent;
    }

    @Override
    public Future<Optional<Fault>> ended() {
        return ended.future();
    }

    /** One timer for the deadline and for silence. */
    private void watch() {
        long now = System.nanoTime();
        long left = deadlineNanos - now;
        long quiet = heardNanos + source.patience().toNanos() - now;
        if (left <= 0) {
            end(Optional.of(faults.late()));
        } else if (quiet > 0 || waitsForReader()) {
            long wait = Math.min(left, quiet > 0 ? quiet : source.patience().toNanos());
            timer = vertx.setTimer(Math.ceilDiv(wait, NANOS_PER_MS), due -> watch());
        } else if (paused) {
            end(Optional.of(faults.stalled(source.patience())));
        } else {
            end(Optional.of(faults.silent(source.patience(), begun.future().isComplete())));
        }
    }

    private boolean waitsForReader() {
        return begun.future().isComplete() && reader == null;
    }
}
