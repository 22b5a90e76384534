package io.temponest.bus;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.eventbus.Message;
import java.time.Duration;
import java.util.Optional;

/**
 * The reader's end of a stream over the bus: one chunk in flight, each pulled by the reply to the one before, so a slow
 * reader slows the writer and either side's death is seen by the other within {@link #PATIENCE}.
 *
 * @param <C> the chunks
 */
public final class Dialog<C extends Record> {

    /** How long a side waits for the other; the writer breaks longer silences. */
    static final Duration PATIENCE = Duration.ofSeconds(15);

    static final Duration IDLE_AFTER = Duration.ofSeconds(5);

    private final String address;
    private Message<Record> last;
    private boolean awaited;
    private boolean closing;

    private Dialog(String address, Message<Record> first) {
        this.address = address;
        this.last = first;
    }

    /** Opens a stream. Fails like {@link Bus#ask} when nobody writes at the address or the writer refuses. */
    public static <Q extends Record, C extends Record> Future<Dialog<C>> open(
            Bus bus, Address<Q, C> address, Q question, Deadline deadline) {
        return bus.events()
                .<Record>request(address.name(), question, Bus.options(deadline))
                .map(first -> new Dialog<C>(address.name(), first))
                .recover(failure -> Future.failedFuture(Bus.translate(address.name(), failure)));
    }

    /**
     * The next chunk; empty when the writer has ended the stream. Must not be called again before it has completed, nor
     * after it was empty or has failed.
     */
    public Future<Optional<C>> next() {
        if (closing || last.body() instanceof Pull.End) {
            return Future.succeededFuture(Optional.empty());
        }
        Promise<Optional<C>> next = Promise.promise();
        awaited = true;
        pull(next);
        return next.future();
    }

    private void pull(Promise<Optional<C>> next) {
        last.<Record>replyAndRequest(Pull.MORE, Bus.options(Deadline.after(PATIENCE)))
                .onComplete(answer -> {
                    if (answer.failed()) {
                        awaited = false;
                        next.fail(Bus.translate(address, answer.cause()));
                    } else {
                        last = answer.result();
                        received(next);
                    }
                });
    }

    private void received(Promise<Optional<C>> next) {
        if (last.body() instanceof Pull.Idle && !closing) {
            pull(next);
            return;
        }
        awaited = false;
        if (closing) {
            stop();
            next.complete(Optional.empty());
        } else if (last.body() instanceof Pull.End) {
            next.complete(Optional.empty());
        } else {
            next.complete(Optional.of(chunk(last.body())));
        }
    }

    @SuppressWarnings("unchecked") // the address says what the writer sends, and the codec knows no other types
    private C chunk(Record body) {
        return (C) body;
    }

    /**
     * Tells the writer that nobody reads any more: at once, or when its next word comes while {@link #next} is in progress,
     * which is then empty.
     */
    public void close() {
        if (!closing) {
            closing = true;
            if (!awaited) {
                stop();
            }
        }
    }

    private void stop() {
        if (!(last.body() instanceof Pull.End)) {
            last.reply(Pull.STOP, Bus.options(Deadline.after(PATIENCE)));
        }
    }
}
