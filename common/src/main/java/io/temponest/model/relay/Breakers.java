package io.temponest.model.relay;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.temponest.model.ModelName;
import io.vertx.circuitbreaker.CircuitBreaker;
import io.vertx.circuitbreaker.CircuitBreakerOptions;
import io.vertx.circuitbreaker.CircuitBreakerState;
import io.vertx.circuitbreaker.OpenCircuitException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/** A circuit breaker for each model that is in use. Safe for use by any context. */
final class Breakers {

    private static final int FAILURES_TO_OPEN = 5;
    private static final long OPEN_MS = 10_000;
    private static final int MOST = 10_000;
    private static final Duration UNUSED = Duration.ofHours(1);

    private final Vertx vertx;
    private final Cache<ModelName, CircuitBreaker> breakers;

    Breakers(Vertx vertx) {
        this.vertx = vertx;
        this.breakers = Caffeine.newBuilder()
                // To wake another thread costs more than what is to be done.
                .executor(Runnable::run)
                .maximumSize(MOST)
                .expireAfterAccess(UNUSED)
                .<ModelName, CircuitBreaker>removalListener((model, breaker, cause) ->
                        Objects.requireNonNull(breaker).close())
                .build();
    }

    boolean open(ModelName model) {
        CircuitBreaker breaker = breakers.getIfPresent(model);
        return breaker != null && breaker.state() == CircuitBreakerState.OPEN;
    }

    /**
     * Runs a call unless the circuit is open. A {@link Fault} that proves trouble counts against the model, one that is ours
     * counts for nothing (the one call that tries a resting model again has then proved nothing, and it rests on); any other
     * end counts for it.
     */
    <T> Future<T> run(ModelName model, Supplier<Future<T>> call, Supplier<Throwable> refusal) {
        CircuitBreaker breaker = Objects.requireNonNull(breakers.get(model, this::make));
        if (breaker.state() == CircuitBreakerState.OPEN) {
            return Future.failedFuture(refusal.get());
        }
        boolean probe = breaker.state() == CircuitBreakerState.HALF_OPEN;
        Promise<T> result = Promise.promise();
        breaker.<Boolean>execute(verdict -> call.get().onComplete(done -> {
                    Optional<Fault> fault =
                            done.cause() instanceof Fault.Failure known ? Optional.of(known.fault()) : Optional.empty();
                    boolean knownEnd = done.succeeded() || fault.isPresent();
                    boolean proves = knownEnd && fault.filter(Fault::ours).isEmpty();
                    if (proves && fault.filter(Fault::provesTrouble).isEmpty()) {
                        verdict.tryComplete(true);
                    } else if (proves || probe) {
                        verdict.tryFail(done.cause());
                    }
                    if (done.succeeded()) {
                        result.tryComplete(done.result());
                    } else {
                        result.tryFail(done.cause());
                    }
                }))
                .onFailure(cause -> result.tryFail(cause instanceof OpenCircuitException ? refusal.get() : cause));
        return result.future();
    }

    private CircuitBreaker make(ModelName model) {
        return CircuitBreaker.create(
                "model-" + model,
                vertx,
                new CircuitBreakerOptions()
                        .setMaxFailures(FAILURES_TO_OPEN)
                        .setTimeout(-1)
                        .setResetTimeout(OPEN_MS)
                        .setNotificationAddress(null));
    }

    void close() {
        breakers.invalidateAll();
    }
}
