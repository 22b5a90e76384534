package io.temponest.bus;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/**
 * The writer's end of a {@link Dialog}. Lives on the context that served the opening question; not for other threads.
 *
 * @param <C> the chunks
 */
public final class DialogWriter<C extends Record> {

    private final Vertx vertx;
    private final long idleTimer;
    private final Runnable onClose;
    private Message<?> pull;
    private Future<Boolean> tail;
    private boolean quiet;
    private boolean closed;

    private DialogWriter(Vertx vertx, Message<?> opening, Runnable onClose) {
        this.vertx = vertx;
        this.pull = opening;
        this.onClose = onClose;
        this.tail = Future.succeededFuture(true);
        // The opening question is answered at once, so that its asker knows that there is a writer.
        send(new Pull.Idle());
        this.idleTimer = vertx.setPeriodic(Dialog.IDLE_AFTER.toMillis(), timer -> breakSilence());
    }

    /**
     * Serves streams on the context that this is called from.
     *
     * @param cap streams open at once; one more is refused with {@code overloaded_error}
     */
    public static <Q extends Record, C extends Record> MessageConsumer<Q> serve(
            Vertx vertx, Bus bus, Address<Q, C> address, int cap, BiConsumer<Q, DialogWriter<C>> handler) {
        bus.requireKnown(address.question());
        bus.requireKnown(address.answer());
        AtomicInteger open = new AtomicInteger();
        return bus.events().consumer(address.name(), message -> {
            if (open.incrementAndGet() > cap) {
                open.decrementAndGet();
                Bus.fail(
                        message,
                        io.temponest.error.ApiError.overloaded(address.name()).exception());
                return;
            }
            handler.accept(message.body(), new DialogWriter<>(vertx, message, open::decrementAndGet));
        });
    }

    /** Sends a chunk. Completes with true when the reader has asked for more, false when it is gone; never fails. */
    public Future<Boolean> write(C chunk) {
        return send(chunk);
    }

    /** Ends the stream after what was written. */
    public void end() {
        tail.onComplete(done -> {
            if (!closed) {
                pull.reply(new Pull.End(), Bus.options(Deadline.after(Dialog.PATIENCE)));
                close();
            }
        });
    }

    public boolean closed() {
        return closed;
    }

    private Future<Boolean> send(Record body) {
        quiet = false;
        tail = tail.compose(open -> open && !closed ? exchange(body) : Future.succeededFuture(false));
        return tail;
    }

    private Future<Boolean> exchange(Record body) {
        return pull.<Pull>replyAndRequest(body, Bus.options(Deadline.after(Dialog.PATIENCE)))
                .map(answer -> {
                    pull = answer;
                    return answer.body().more();
                })
                .otherwise(false)
                .onSuccess(more -> {
                    if (!more) {
                        close();
                    }
                });
    }

    private void breakSilence() {
        if (quiet && tail.isComplete()) {
            send(new Pull.Idle());
        }
        quiet = true;
    }

    private void close() {
        if (!closed) {
            closed = true;
            vertx.cancelTimer(idleTimer);
            onClose.run();
        }
    }
}
