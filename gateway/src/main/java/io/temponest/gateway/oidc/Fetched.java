package io.temponest.gateway.oidc;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Something of another server that is fetched when it is needed and kept for an hour. Whoever asks meanwhile waits for the same
 * fetching; what could not be fetched is fetched again for the next. Safe for use by any context.
 */
final class Fetched<T> {

    static final Duration LIFE = Duration.ofHours(1);

    /** How often somebody may have it fetched before its time. */
    static final Duration BETWEEN_RENEWALS = Duration.ofMinutes(1);

    private final Vertx vertx;
    private final InstantSource clock;
    private final Supplier<Future<T>> source;
    private final AtomicReference<Copy<T>> copy;

    Fetched(Vertx vertx, InstantSource clock, Supplier<Future<T>> source) {
        this.vertx = vertx;
        this.clock = clock;
        this.source = source;
        this.copy = new AtomicReference<>(
                new Copy<>(CompletableFuture.failedFuture(new IllegalStateException()), Instant.MIN, Instant.MIN));
    }

    private record Copy<T>(CompletableFuture<T> value, Instant since, Instant renewed) {

        boolean good(Instant now) {
            return !value.isCompletedExceptionally() && now.isBefore(since.plus(LIFE));
        }

        boolean renewable(Instant now) {
            return renewed.equals(Instant.MIN) || !now.isBefore(renewed.plus(BETWEEN_RENEWALS));
        }
    }

    Future<T> get() {
        Instant now = clock.instant();
        Copy<T> known = known();
        return known.good(now) ? here(known) : fetch(known, known.renewed(), now);
    }

    /** A newer copy, where the last renewal is long enough ago; else what there is. */
    Future<T> renewed() {
        Instant now = clock.instant();
        Copy<T> known = known();
        return known.renewable(now) ? fetch(known, now, now) : get();
    }

    private Copy<T> known() {
        return Objects.requireNonNull(copy.get());
    }

    private Future<T> fetch(Copy<T> known, Instant renewed, Instant now) {
        Copy<T> next = new Copy<>(new CompletableFuture<>(), now, renewed);
        if (!copy.compareAndSet(known, next)) {
            return get();
        }
        source.get().onComplete(done -> {
            if (done.succeeded()) {
                next.value().complete(done.result());
            } else {
                next.value().completeExceptionally(done.cause());
            }
        });
        return here(next);
    }

    /** It may be completed on another's context: come back to the caller's. */
    private Future<T> here(Copy<T> found) {
        return Future.fromCompletionStage(found.value(), vertx.getOrCreateContext());
    }
}
