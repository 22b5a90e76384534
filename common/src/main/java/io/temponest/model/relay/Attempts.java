package io.temponest.model.relay;

import io.temponest.bus.Bus;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.temponest.identity.Ids;
import io.temponest.identity.TypeId;
import io.temponest.model.ModelName;
import io.temponest.model.Price;
import io.temponest.model.ProviderKind.Operation;
import io.temponest.model.TokenCounter;
import io.temponest.model.price.TenantPrices;
import io.temponest.model.relay.Fault.Kind;
import io.temponest.model.relay.Settling.Attempted;
import io.temponest.model.wire.Form;
import io.temponest.spend.SpendOutcome;
import io.temponest.spend.Spending;
import io.temponest.spend.Ticket;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/** Begins attempts: money is reserved and the request is put into the provider's form, and only then is anybody asked. */
final class Attempts {

    /** The provider whose models run in the workers. */
    static final String IN_WORKERS = "temponest";

    /** What a call is told whose cost cannot be written down. */
    static final ApiError UNAVAILABLE = ApiError.of(
            ErrorType.OVERLOADED_ERROR,
            "ledger_unavailable",
            "What calls cost cannot be recorded at the moment; try again shortly.");

    private static final String QUOTA = "insufficient_quota";

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
                    Price price = prices.find(target, Instant.now()).orElse(Price.FREE);
                    return begin(call, key, estimates.of(call, target, price));
                });
    }

    private Future<Ready> begin(RelayCall call, KeyRing.Key key, Estimates.Estimate estimate) {
        TypeId id = means.ids().next(io.temponest.identity.Kind.USAGE);
        return means.spending().open(estimate.spending(id), call.deadline()).compose(outcome -> switch (outcome) {
            case SpendOutcome.Opened(Ticket ticket) -> word(new Attempted(call, estimate, ticket, id), key);
            case SpendOutcome.Refused refused ->
                Future.failedFuture(Fault.of(Kind.FINAL, refusal(refused)).failure());
            case SpendOutcome.Unavailable none ->
                Future.failedFuture(Fault.of(Kind.FINAL, UNAVAILABLE).failure());
        });
    }

    private Future<Ready> word(Attempted attempted, KeyRing.Key key) {
        RelayCall call = attempted.call();
        ModelName target = attempted.model();
        Optional<Upstream> upstream = Optional.ofNullable(upstreams.get(target.provider()));
        Form form = upstream.map(known -> known.config().kind().form()).orElse(Form.OPENAI_CHAT);
        Wording wording = new Wording(
                call,
                target,
                form,
                upstream.map(known -> known.config().newest()).orElse(true));
        Settling settling = new Settling(vertx, estimates, means.counter(), attempted, form);
        return worded(
                        call.body().length(),
                        () -> wording.request(attempted.estimate().outputCap(attempted.ticket())))
                .<Ready>map(body -> new Ready() {
                    @Override
                    public Attempt ask() {
                        Responder responder = upstream.isPresent()
                                ? onTheWire(upstream.get(), attempted, key, body, settling)
                                : inWorkers(attempted, body, settling);
                        settling.whenOverrun(() -> responder.stop(Fault.of(Kind.FINAL, OVERRUN)));
                        responder.ended().onComplete(done -> {
                            if (responder.sent()) {
                                settling.settle(done.result());
                            } else {
                                settling.nothingUsed();
                            }
                        });
                        return new Attempt(
                                target, responder, wording.speech(attempted.id().suffix()), settling);
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

    private Responder onTheWire(
            Upstream upstream, Attempted attempted, KeyRing.Key key, byte[] body, Settling settling) {
        RelayCall call = attempted.call();
        Exchange exchange = new Exchange(
                vertx,
                new Exchange.Source(
                        upstream.config().name(),
                        upstream.config().kind().form(),
                        new Exchange.Kinds(call.streams(), !call.streams() || call.wholeToo()),
                        upstream.config().patience(),
                        settling));
        exchange.send(
                upstream.post(call.operation(), attempted.model().model(), key, attempted.id()),
                Buffer.buffer(body),
                call.deadline().remainingMillis());
        return exchange;
    }

    private Responder inWorkers(Attempted attempted, byte[] body, Settling settling) {
        RelayCall call = attempted.call();
        if (call.operation() == Operation.EMBEDDINGS) {
            EmbeddedTexts texts = new EmbeddedTexts(settling);
            texts.ask(means.bus(), attempted.model(), body, call.deadline());
            return texts;
        }
        InWorkers answer = new InWorkers(
                attempted.model(), attempted.id().suffix(), call.scan().stream(), settling, call.deadline());
        answer.ask(means.bus(), Conversation.of(call.payer(), attempted.model(), body));
        return answer;
    }

    private <T> Future<T> worded(int bytes, Callable<T> work) {
        if (bytes > LARGE) {
            return vertx.executeBlocking(work, false);
        }
        try {
            return Future.succeededFuture(work.call());
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
