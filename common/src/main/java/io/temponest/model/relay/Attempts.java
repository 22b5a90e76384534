package io.temponest.model.relay;

import io.temponest.bus.Bus;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.temponest.identity.Ids;
import io.temponest.identity.TypeId;
import io.temponest.model.ModelAddresses.Ask;
import io.temponest.model.ModelName;
import io.temponest.model.Price;
import io.temponest.model.ProviderKind.Operation;
import io.temponest.model.TokenCounter;
import io.temponest.model.price.TenantPrices;
import io.temponest.model.relay.Fault.Kind;
import io.temponest.model.relay.Settling.Attempted;
import io.temponest.model.wire.Form;
import io.temponest.spend.Settlement;
import io.temponest.spend.SpendOutcome;
import io.temponest.spend.Spending;
import io.temponest.spend.Ticket;
import io.temponest.spend.Usage;
import io.temponest.spend.Usd;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/** Begins attempts: money is reserved and the request is put into the provider's form, and only then is anybody asked. */
final class Attempts {

    /** The provider whose models run in the workers. */
    static final String IN_WORKERS = "temponest";

    /** What a call is told whose cost cannot be written down. */
    static final ApiError UNAVAILABLE = ApiError.of(
            ErrorType.OVERLOADED_ERROR,
            "ledger_unavailable",
            "What calls cost cannot be recorded at the moment; try again shortly.");

    static final String QUOTA = "insufficient_quota";

    private static final ApiError OVERRUN = ApiError.of(
            ErrorType.RATE_LIMIT_ERROR, QUOTA, "A hard budget of this call is used up; its answer was stopped.");

    /** Larger bodies are translated off the event loop. */
    private static final int LARGE = 128 << 10;

    private final Vertx vertx;
    private final Map<String, Upstream> upstreams;
    private final Means means;
    private final KeyRing noKeys = new KeyRing(List.of(), System::nanoTime);
    private final Estimates estimates = new Estimates();

    /** What attempts are made with. */
    public record Means(Bus bus, Ids ids, Spending spending, TenantPrices prices, TokenCounter counter) {}

    Attempts(Vertx vertx, Map<String, Upstream> upstreams, Means means) {
        this.vertx = vertx;
        this.upstreams = Map.copyOf(upstreams);
        this.means = means;
    }

    Optional<KeyRing> keys(ModelName target) {
        return target.provider().equals(IN_WORKERS)
                ? Optional.of(noKeys)
                : Optional.ofNullable(upstreams.get(target.provider())).map(Upstream::keys);
    }

    /** An attempt that is paid for and put into words. Exactly one of the two is called. */
    interface Ready {

        /** Asks. */
        Attempt ask();

        /** Nobody is asked after all. */
        void leave();
    }

    /** Fails with a {@link Fault.Failure} when nobody can be asked. */
    Future<Ready> begin(RelayCall call, ModelName target, KeyRing.Key key) {
        return means.prices()
                .of(call.payer().tenant())
                .recover(away ->
                        Future.failedFuture(Fault.of(Kind.FINAL, UNAVAILABLE).failure()))
                .compose(prices -> {
                    Optional<Price> price = prices.find(target, Instant.now());
                    boolean counted = price.isPresent() || isFree(target);
                    return begin(call, key, estimates.of(call, target, price.orElse(Price.FREE)), counted);
                });
    }

    /** Whether a model that has no price costs nothing: where nobody sends a bill. */
    private boolean isFree(ModelName target) {
        Upstream upstream = upstreams.get(target.provider());
        return upstream == null || upstream.config().free();
    }

    private Future<Ready> begin(RelayCall call, KeyRing.Key key, Estimates.Estimate estimate, boolean counted) {
        TypeId id = means.ids().next(io.temponest.identity.Kind.USAGE);
        return means.spending().open(estimate.spending(id), call.deadline()).compose(outcome -> switch (outcome) {
            case SpendOutcome.Opened(Ticket ticket) ->
                counted || !ticket.hard()
                        ? word(new Attempted(call, estimate, ticket, id), key)
                        : uncounted(estimate.model(), ticket);
            case SpendOutcome.Refused refused ->
                Future.failedFuture(Fault.of(Kind.FINAL, refusal(refused)).failure());
            case SpendOutcome.Unavailable none ->
                Future.failedFuture(Fault.of(Kind.FINAL, UNAVAILABLE).failure());
        });
    }

    /** A hard budget would be none for a model whose cost nobody knows. */
    private static Future<Ready> uncounted(ModelName model, Ticket ticket) {
        ticket.settle(new Settlement(Settlement.Status.FAILED, Usage.NONE, Usd.ZERO, Duration.ZERO));
        ApiError error = ApiError.invalid(
                "model",
                "model_without_price",
                "The model '%s' has no price, so that no hard budget can allow it. Give it one, 0 where it costs nothing: POST /v1/prices with this name or '%s/*', or a line of PRICES_FILE."
                        .formatted(model, model.provider()));
        return Future.failedFuture(Fault.of(Kind.NOT_THIS_MODEL, error).failure());
    }

    /** Somebody who is ready to be asked. */
    private record Asking(Responder responder, Runnable ask) {}

    /** A request in the words of whoever is asked, and how the answer is said. */
    private record Worded(Supplier<Asking> asking, Speech speech) {}

    private Future<Ready> word(Attempted attempted, KeyRing.Key key) {
        RelayCall call = attempted.call();
        ModelName target = attempted.model();
        Optional<Upstream> upstream = Optional.ofNullable(upstreams.get(target.provider()));
        Form form = upstream.map(known -> known.config().kind().form()).orElse(Form.OPENAI_CHAT);
        Wording wording = new Wording(
                call,
                target,
                form,
                upstream.map(known -> known.config().newLimitName()).orElse(true));
        Settling settling = new Settling(vertx, estimates, means.counter(), attempted, form);
        return worded(call.body().length(), () -> {
                    byte[] body = wording.request(attempted.estimate().outputCap(attempted.ticket()));
                    return new Worded(
                            upstream.isPresent()
                                    ? onTheWire(upstream.get(), attempted, key, body, settling)
                                    : inWorkers(attempted, body, settling),
                            wording.speech(attempted.id().suffix()));
                })
                .<Ready>map(worded -> new Ready() {
                    @Override
                    public Attempt ask() {
                        Asking asking = worded.asking().get();
                        settled(asking.responder(), settling);
                        start(asking, target);
                        return new Attempt(target, asking.responder(), worded.speech(), settling);
                    }

                    @Override
                    public void leave() {
                        settling.nothingUsed();
                    }
                })
                .recover(wrong -> {
                    settling.nothingUsed();
                    return Future.failedFuture(
                            wrong instanceof ApiException known
                                    ? Fault.of(Kind.REJECTED, known.error()).failure()
                                    : wrong);
                });
    }

    /** Before anybody is asked, so that whatever comes of it is settled. */
    private static void settled(Responder responder, Settling settling) {
        settling.whenOverrun(() -> responder.stop(Fault.of(Kind.FINAL, OVERRUN)));
        responder.ended().onComplete(done -> {
            if (responder.sent()) {
                settling.settle(done.result());
            } else {
                settling.nothingUsed();
            }
        });
    }

    private static void start(Asking asking, ModelName target) {
        try {
            asking.ask().run();
        } catch (RuntimeException e) {
            asking.responder().stop(new ProviderFaults(target.provider()).unreachable(e));
        }
    }

    private Supplier<Asking> onTheWire(
            Upstream upstream, Attempted attempted, KeyRing.Key key, byte[] body, Settling settling) {
        RelayCall call = attempted.call();
        Exchange.Source source = new Exchange.Source(
                upstream.config().name(),
                upstream.config().kind().form(),
                new Exchange.Kinds(call.streams(), !call.streams() || call.wholeToo()),
                upstream.config().patience(),
                settling);
        return () -> {
            Exchange exchange = new Exchange(vertx, source);
            return new Asking(
                    exchange,
                    () -> exchange.send(
                            upstream.post(call.operation(), attempted.model().model(), key, attempted.id()),
                            Buffer.buffer(body),
                            call.deadline().remainingMillis()));
        };
    }

    /** @throws Fault.Failure for what the models there cannot do */
    private Supplier<Asking> inWorkers(Attempted attempted, byte[] body, Settling settling) {
        RelayCall call = attempted.call();
        ModelName model = attempted.model();
        if (call.operation() == Operation.EMBEDDINGS) {
            EmbeddedTexts.Wanted wanted = EmbeddedTexts.Wanted.of(body);
            return () -> {
                EmbeddedTexts texts = new EmbeddedTexts(settling);
                return new Asking(texts, () -> texts.ask(means.bus(), model, wanted, call.deadline()));
            };
        }
        Ask question = Conversation.of(call.payer(), model, body);
        return () -> {
            InWorkers answer =
                    new InWorkers(model, attempted.id().suffix(), call.scan().stream(), settling, call.deadline());
            return new Asking(answer, () -> answer.ask(means.bus(), question));
        };
    }

    /** Never throws. */
    private <T> Future<T> worded(int bytes, Callable<T> work) {
        try {
            return bytes > LARGE ? vertx.executeBlocking(work, false) : Future.succeededFuture(work.call());
        } catch (Exception e) {
            return Future.failedFuture(e);
        }
    }

    /** What a call is told that a budget has no money for. */
    static ApiError refusal(SpendOutcome.Refused refused) {
        return ApiError.of(
                ErrorType.RATE_LIMIT_ERROR,
                QUOTA,
                "The %s budget of this %s is used up.".formatted(refused.period(), refused.scope()));
    }
}
