package io.temponest.gateway.auth;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What look-ups have found, for a while. Whoever asks for the same thing at the same time waits for the same look-up, and what is
 * forgotten while it is looked up is not remembered. Safe for use by any context.
 */
final class Remembered<K, V> {

    private static final Duration MISS = Duration.ofSeconds(5);

    /** A look-up that hangs must not be joined by all who come with the same key. */
    private static final Duration LOOK_UP = Duration.ofSeconds(5);

    private static final int MOST = 50_000;

    private final Vertx vertx;
    private final AsyncCache<K, Optional<V>> found;

    /** @param life of what was found; what was not is looked for again after 5 seconds */
    Remembered(Vertx vertx, Duration life) {
        this.vertx = vertx;
        this.found = Caffeine.newBuilder()
                // To wake another thread costs more than what is to be done.
                .executor(Runnable::run)
                .maximumSize(MOST)
                .expireAfter(Expiry.<K, Optional<V>>creating((key, value) -> value.isPresent() ? life : MISS))
                .buildAsync();
    }

    /** @param before what happens first where the key was not looked up lately, and is not being looked up; its failure is the answer */
    Future<Optional<V>> get(K key, Supplier<Future<Void>> before, Supplier<Future<Optional<V>>> lookUp) {
        CompletableFuture<Optional<V>> known = found.getIfPresent(key);
        if (known == null) {
            return before.get().compose(go -> await(lookedUp(key, lookUp)));
        }
        return await(known);
    }

    private CompletableFuture<Optional<V>> lookedUp(K key, Supplier<Future<Optional<V>>> lookUp) {
        return found.get(
                key,
                (wanted, executor) -> lookUp.get()
                        .timeout(LOOK_UP.toMillis(), TimeUnit.MILLISECONDS)
                        .toCompletionStage()
                        .toCompletableFuture());
    }

    private Future<Optional<V>> await(CompletableFuture<Optional<V>> known) {
        // A look-up that another request has started completes on its own context: come back to the caller's.
        return known.isDone() && !known.isCompletedExceptionally()
                ? Future.succeededFuture(known.join())
                : Future.fromCompletionStage(known, vertx.getOrCreateContext());
    }

    void forget(K key) {
        found.synchronous().invalidate(key);
    }
}
