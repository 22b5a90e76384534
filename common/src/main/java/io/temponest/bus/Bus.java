package io.temponest.bus;

import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.ReplyException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Questions and nudges between nodes. Delivery is at most once: whoever asks has a deadline, and whoever must not lose a
 * thing writes it to PostgreSQL first. Every failure of {@link #ask} is an {@link ApiException}: the other side's own
 * words, {@code timeout_error} when the deadline passed, {@code overloaded_error} when nobody serves the address.
 */
public final class Bus {

    static final String DEADLINE_HEADER = "deadline-ms";

    private static final Logger LOG = LoggerFactory.getLogger(Bus.class);

    private final EventBus events;
    private final RecordCodec codec;

    /** @param types every record that may be sent; a node cannot read any other */
    public Bus(Vertx vertx, Collection<Class<? extends Record>> types) {
        events = vertx.eventBus();
        List<Class<? extends Record>> all = new ArrayList<>(types);
        all.addAll(List.of(Pull.class, Pull.Idle.class, Pull.End.class));
        codec = new RecordCodec(all);
        events.registerCodec(codec);
        events.registerDefaultCodec(BusFailure.class, new BusFailureCodec());
        events.codecSelector(body -> body instanceof Record ? RecordCodec.NAME : null);
    }

    /** Asks any one consumer of the address. */
    public <Q extends Record, A extends Record> Future<A> ask(Address<Q, A> address, Q question, Deadline deadline) {
        return events.<A>request(address.name(), question, options(deadline))
                .map(Message::body)
                .recover(failure -> Future.failedFuture(translate(address.name(), failure)));
    }

    /** Tells one consumer, if there is one, that something may have changed. Nothing depends on its arrival. */
    public <Q extends Record> void nudge(Address<Q, ?> address, Q hint) {
        events.send(address.name(), hint, new DeliveryOptions().setCodecName(RecordCodec.NAME));
    }

    /** Tells every consumer of the address that something may have changed. Nothing depends on its arrival. */
    public <Q extends Record> void nudgeAll(Address<Q, ?> address, Q hint) {
        events.publish(address.name(), hint, new DeliveryOptions().setCodecName(RecordCodec.NAME));
    }

    /**
     * Answers questions on the context that this is called from.
     *
     * @param cap questions in progress at once; one more is refused with {@code overloaded_error}
     */
    public <Q extends Record, A extends Record> MessageConsumer<Q> serve(
            Address<Q, A> address, int cap, BiFunction<Q, Deadline, Future<A>> handler) {
        requireKnown(address.question());
        requireKnown(address.answer());
        AtomicInteger inProgress = new AtomicInteger();
        return events.consumer(address.name(), message -> {
            if (inProgress.incrementAndGet() > cap) {
                inProgress.decrementAndGet();
                fail(message, ApiError.overloaded(address.name()).exception());
                return;
            }
            Future<A> answer;
            try {
                answer = handler.apply(message.body(), deadlineOf(message));
            } catch (RuntimeException e) {
                answer = Future.failedFuture(e);
            }
            answer.onComplete(done -> {
                inProgress.decrementAndGet();
                if (done.succeeded()) {
                    message.reply(done.result(), new DeliveryOptions().setCodecName(RecordCodec.NAME));
                } else {
                    fail(message, done.cause());
                }
            });
        });
    }

    /** Hears nudges on the context that this is called from. */
    public <Q extends Record> MessageConsumer<Q> hear(Address<Q, ?> address, Consumer<Q> handler) {
        requireKnown(address.question());
        return events.consumer(address.name(), message -> handler.accept(message.body()));
    }

    EventBus events() {
        return events;
    }

    void requireKnown(Class<?> type) {
        if (!codec.knows(type)) {
            throw new IllegalArgumentException(type.getName() + " is not among the bus's message types");
        }
    }

    static DeliveryOptions options(Deadline deadline) {
        long millis = deadline.remainingMillis();
        return new DeliveryOptions()
                .setCodecName(RecordCodec.NAME)
                .setSendTimeout(millis)
                .addHeader(DEADLINE_HEADER, Long.toString(millis));
    }

    static Deadline deadlineOf(Message<?> message) {
        String millis = message.headers().get(DEADLINE_HEADER);
        return Deadline.afterMillis(millis == null ? DeliveryOptions.DEFAULT_TIMEOUT : Long.parseLong(millis));
    }

    static void fail(Message<?> message, Throwable failure) {
        if (failure instanceof ApiException known) {
            message.reply(new BusFailure(known.error()));
        } else {
            LOG.atError()
                    .setCause(failure)
                    .addKeyValue("address", message.address())
                    .log("bus.handler_failed");
            message.reply(new BusFailure(
                    ApiError.of(ErrorType.API_ERROR, "internal_error", "The server failed to handle this request.")));
        }
    }

    static ApiException translate(String address, Throwable failure) {
        if (failure instanceof BusFailure known) {
            return known.error().exception();
        }
        if (failure instanceof ReplyException reply) {
            return switch (reply.failureType()) {
                case TIMEOUT ->
                    ApiError.of(
                                    ErrorType.TIMEOUT_ERROR,
                                    "deadline_exceeded",
                                    "No worker answered in time (" + address + ").")
                            .exception();
                case NO_HANDLERS ->
                    ApiError.of(ErrorType.OVERLOADED_ERROR, "no_worker", "No worker is available (" + address + ").")
                            .exception();
                case RECIPIENT_FAILURE, ERROR -> internal(address, failure);
            };
        }
        return internal(address, failure);
    }

    private static ApiException internal(String address, Throwable failure) {
        LOG.atError().setCause(failure).addKeyValue("address", address).log("bus.ask_failed");
        return ApiError.of(ErrorType.API_ERROR, "internal_error", "The server failed to handle this request.")
                .exception();
    }
}
