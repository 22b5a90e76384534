package io.temponest.model.relay;

import io.temponest.bus.Deadline;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.model.ModelName;
import io.temponest.model.ProviderConfig;
import io.temponest.model.relay.Fault.Kind;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Relays calls to whoever answers them. Safe for use by any context; a call stays on the context that made it, which must be
 * an event loop's.
 */
public final class Relay {

    private final Vertx vertx;
    private final Map<String, Upstream> upstreams = new HashMap<>();
    private final Breakers breakers;
    private final FirstTokens firstTokens = new FirstTokens();
    private final Attempts attempts;

    public Relay(Vertx vertx, List<ProviderConfig> providers, Attempts.Means means) {
        this.vertx = vertx;
        providers.forEach(provider -> upstreams.put(provider.name(), new Upstream(vertx, provider)));
        this.breakers = new Breakers(vertx);
        this.attempts = new Attempts(vertx, upstreams, means);
    }

    /** What a call brought: who answers, and where in the answer it is. */
    private record Won(Attempt attempt, Begun begun) {}

    /**
     * Relays a call. Fails with a {@link RelayFailure} when nobody answers, after all that could help was tried.
     *
     * <p>When the call's cancellation is asked for or its deadline passes, whoever answers is told at once, and what was used
     * until then is settled.
     */
    public Future<Relayed> call(RelayCall call) {
        Pursued pursued = new Pursued(call);
        return pursued.start()
                .recover(failure -> Future.failedFuture(
                        failure instanceof Fault.Failure known ? new RelayFailure(known.fault()) : failure));
    }

    /** One call, with all that is asked for it. */
    private final class Pursued implements Pursuit.Means<Won> {

        private final RelayCall call;
        private final List<Attempt> live = new ArrayList<>();
        private final Pursuit<Won> pursuit;
        private final Promise<Won> won = Promise.promise();
        private long upstreamNanos;

        Pursued(RelayCall call) {
            this.call = call;
            this.pursuit = new Pursuit<>(this, call.targets());
        }

        Future<Relayed> start() {
            var context = vertx.getOrCreateContext();
            call.cancellation().requested().onSuccess(asked -> context.runOnContext(go -> stopAll(GONE)));
            pursuit.start().onComplete(won);
            if (call.hedge() && call.targets().size() > 1) {
                // The next is asked as well when the first has not begun after the time that it nearly always has.
                firstTokens
                        .usual(call.targets().getFirst())
                        .ifPresent(usual -> vertx.setTimer(Math.max(1, usual.toMillis()), slow -> pursuit.hedge()));
            }
            won.future().onFailure(lost -> stopAll(LOST));
            return won.future().map(first -> {
                // Whoever else is still asked has lost.
                List.copyOf(live).stream()
                        .filter(other -> other != first.attempt())
                        .forEach(other -> other.responder().stop(LOST));
                return first.attempt().relayed(first.begun(), pursuit.attempts(), Duration.ofNanos(upstreamNanos));
            });
        }

        @Override
        public Optional<KeyRing> keys(ModelName target) {
            return attempts.keys(target);
        }

        @Override
        public boolean resting(ModelName target) {
            return breakers.open(target);
        }

        @Override
        public Future<Won> attempt(ModelName target, KeyRing.Key key) {
            if (call.cancellation().isRequested()) {
                return Future.failedFuture(GONE.failure());
            }
            long since = System.nanoTime();
            return attempts.begin(call, target, key).compose(ready -> {
                if (leftMs() <= 0) {
                    ready.leave();
                    return Future.failedFuture(GONE.failure());
                }
                return breakers.run(target, () -> ask(target, ready, since), () -> {
                    ready.leave();
                    return Pursuit.resting(target).failure();
                });
            });
        }

        private Future<Won> ask(ModelName target, Attempts.Ready ready, long since) {
            Attempt attempt = ready.ask();
            live.add(attempt);
            attempt.responder().ended().onComplete(over -> live.remove(attempt));
            return attempt.responder()
                    .begun()
                    .map(begun -> new Won(attempt, begun))
                    .onComplete(done -> upstreamNanos += System.nanoTime() - since)
                    .onSuccess(first -> firstTokens.took(target, attempt.age()));
        }

        @Override
        public long leftMs() {
            return call.deadline().passed()
                            || call.cancellation().isRequested()
                            || won.future().isComplete()
                    ? 0
                    : call.deadline().remainingMillis();
        }

        @Override
        public void later(long millis, Runnable action) {
            vertx.setTimer(millis, due -> action.run());
        }

        private void stopAll(Fault why) {
            List.copyOf(live).forEach(attempt -> attempt.responder().stop(why));
        }
    }

    /** The names of a provider's models; empty where there is no such provider. */
    public Optional<Future<List<String>>> models(String provider) {
        return Optional.ofNullable(upstreams.get(provider)).map(Upstream::models);
    }

    /** Whether the provider of a model counts the tokens of requests. */
    public boolean countsTokens(ModelName model) {
        return Optional.ofNullable(upstreams.get(model.provider()))
                .flatMap(upstream -> upstream.config().kind().countPath())
                .isPresent();
    }

    /**
     * What the provider itself says of a request's tokens; empty where it does not count, or not at the moment. Costs nothing
     * and never fails.
     *
     * @param request in the provider's form, with the provider's name of the model
     */
    public Future<Optional<Long>> countTokens(ModelName model, byte[] request, Deadline deadline) {
        Upstream upstream = upstreams.get(model.provider());
        return upstream == null || breakers.open(model)
                ? Future.succeededFuture(Optional.empty())
                : upstream.countTokens(request, deadline);
    }

    private static final Fault GONE = Fault.of(
            Kind.FINAL,
            ApiError.of(
                    ErrorType.REQUEST_TIMEOUT_ERROR, "client_gone", "The client went away before the answer's end."));

    private static final Fault LOST =
            Fault.of(Kind.FINAL, ApiError.of(ErrorType.API_ERROR, "hedge_lost", "Another provider was faster."));

    /** Closes the connections. */
    public Future<Void> close() {
        breakers.close();
        return Future.join(upstreams.values().stream().map(Upstream::close).toList())
                .mapEmpty();
    }
}
