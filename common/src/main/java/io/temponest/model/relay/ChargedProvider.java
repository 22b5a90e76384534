package io.temponest.model.relay;

import io.temponest.bus.Deadline;
import io.temponest.error.ApiError;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.knowledge.Passage;
import io.temponest.model.Cancellation;
import io.temponest.model.Message;
import io.temponest.model.ModelOutcome;
import io.temponest.model.ModelOutcome.Cancelled;
import io.temponest.model.ModelOutcome.Completed;
import io.temponest.model.ModelOutcome.Failed;
import io.temponest.model.ModelProvider;
import io.temponest.model.ModelRequest;
import io.temponest.model.Price;
import io.temponest.model.price.TenantPrices;
import io.temponest.spend.Settlement;
import io.temponest.spend.Settlement.Status;
import io.temponest.spend.SpendCall;
import io.temponest.spend.SpendOutcome;
import io.temponest.spend.Spending;
import io.temponest.spend.Ticket;
import io.temponest.spend.Usage;
import io.temponest.spend.Usd;
import io.vertx.core.Future;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A model in this process; its calls are in the ledger like any other, at no cost unless it has a price. */
public final class ChargedProvider implements ModelProvider {

    /** Fewer than texts have in most languages: a reservation is on the safe side. */
    private static final int CHARACTERS_PER_TOKEN = 2;

    private final ModelProvider model;
    private final Spending spending;
    private final TenantPrices prices;
    private final Ids ids;

    public ChargedProvider(ModelProvider model, Spending spending, TenantPrices prices, Ids ids) {
        this.model = model;
        this.spending = spending;
        this.prices = prices;
        this.ids = ids;
    }

    @Override
    public String name() {
        return model.name();
    }

    @Override
    public Future<ModelOutcome> ask(
            ModelRequest request, Consumer<String> deltas, Cancellation cancellation, Deadline deadline) {
        return prices.of(request.payer().tenant())
                .map(known -> known.find(request.model(), Instant.now()))
                .transform(found -> found.succeeded()
                        ? ask(request, found.result().orElse(Price.FREE), deltas, cancellation, deadline)
                        : Future.succeededFuture(failed(Attempts.UNAVAILABLE, true)));
    }

    private Future<ModelOutcome> ask(
            ModelRequest request, Price price, Consumer<String> deltas, Cancellation cancellation, Deadline deadline) {
        long since = System.nanoTime();
        return spending.open(call(request, price), deadline).compose(outcome -> switch (outcome) {
            case SpendOutcome.Opened(Ticket ticket) ->
                asked(request, deltas, cancellation, deadline)
                        .map(answer -> answer.charged(price.cost(answer.usage())))
                        .onComplete(done -> {
                            Status status = done.succeeded() ? status(done.result()) : Status.FAILED;
                            Usage usage = done.succeeded() ? done.result().usage() : Usage.NONE;
                            BigDecimal cost = done.succeeded() ? done.result().costUsd() : BigDecimal.ZERO;
                            Duration took = Duration.ofNanos(System.nanoTime() - since);
                            ticket.settle(new Settlement(status, usage, Usd.ceil(cost), took));
                        });
            case SpendOutcome.Refused refused -> Future.succeededFuture(failed(Attempts.refusal(refused), false));
            case SpendOutcome.Unavailable none -> Future.succeededFuture(failed(Attempts.UNAVAILABLE, true));
        });
    }

    /** Who throws at once has failed like any other. */
    private Future<ModelOutcome> asked(
            ModelRequest request, Consumer<String> deltas, Cancellation cancellation, Deadline deadline) {
        try {
            return model.ask(request, deltas, cancellation, deadline);
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    /** Nothing of it is unavoidable: what is stopped here costs what it has used. */
    private SpendCall call(ModelRequest request, Price price) {
        long characters = Stream.concat(
                        request.messages().stream().map(Message::content),
                        request.passages().stream().map(Passage::text))
                .mapToLong(String::length)
                .sum();
        Usage most = new Usage(
                Math.ceilDiv(characters, CHARACTERS_PER_TOKEN),
                0,
                request.sampling().maxOutputTokens(),
                true);
        return new SpendCall(
                ids.next(Kind.USAGE),
                request.payer(),
                request.model().provider(),
                request.model().model(),
                Usd.ZERO,
                Usd.ceil(price.cost(most)));
    }

    private static Status status(ModelOutcome outcome) {
        return switch (outcome) {
            case Completed completed -> Status.SUCCEEDED;
            case Failed failed -> Status.FAILED;
            case Cancelled cancelled -> Status.CANCELLED;
        };
    }

    private static ModelOutcome failed(ApiError error, boolean retryable) {
        return new Failed(error, retryable, Usage.NONE);
    }

    @Override
    public Future<List<String>> models() {
        return model.models();
    }
}
