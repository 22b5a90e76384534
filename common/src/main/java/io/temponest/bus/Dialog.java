package io.temponest.bus;

import io.vertx.core.Future;
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
        if (last.body() instanceof Pull.End) {
            return Future.succeededFuture(Optional.empty());
        }
        return last.<Record>replyAndRequest(Pull.MORE, Bus.options(Deadline.after(PATIENCE)))
                .recover(failure -> Future.failedFuture(Bus.translate(address, failure)))
                .compose(received -> {
                    last = received;
                    return received.body() instanceof Pull.Idle || received.body() instanceof Pull.End
                            ? next()
                            : Future.succeededFuture(Optional.of(chunk(received.body())));
                });
    }

    @SuppressWarnings("unchecked") // the address says what the writer sends, and the codec knows no other types
    private C chunk(Record body) {
        return (C) body;
    }

    /** Tells the writer that nobody reads any more. Must not be called while {@link #next} is in progress. */
    public void close() {
        if (!(last.body() instanceof Pull.End)) {
            last.reply(Pull.STOP, Bus.options(Deadline.after(PATIENCE)));
        }
    }
}
