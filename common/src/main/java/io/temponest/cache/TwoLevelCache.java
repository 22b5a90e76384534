package io.temponest.cache;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.temponest.json.Json;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Values that cost something to find out: kept in memory and, where there is Redis, for all nodes. A cache's values are either
 * looked up by {@link #get}, of which callers of the same key share one, and may become out of date; or they come by some other
 * way, are {@link #put} here for whoever {@link #find}s them, and stay true. Safe for use by any context.
 *
 * @param <V> a record that {@link Json} writes and reads
 */
public final class TwoLevelCache<V extends Record> {

    /** A load that hangs must not be joined by all who come with the same key. */
    public static final Duration LOAD_LIMIT = Duration.ofSeconds(10);

    private final Vertx vertx;
    private final Caches.Spec<V> spec;
    private final Optional<FarCache> far;
    private final CacheMetrics metrics;
    private final Consumer<CacheKey> tellOthers;
    private final AsyncCache<CacheKey, Held<V>> near;

    /** A value with the time that it may be kept from now on; none where it was out of date as it came. */
    private record Held<V>(V value, Duration life) {}

    TwoLevelCache(
            Vertx vertx,
            Caches.Spec<V> spec,
            Optional<FarCache> far,
            CacheMetrics metrics,
            Consumer<CacheKey> tellOthers) {
        this.vertx = vertx;
        this.spec = spec;
        this.far = far;
        this.metrics = metrics;
        this.tellOthers = tellOthers;
        this.near = Caffeine.newBuilder()
                // To wake another thread costs more than what is to be done.
                .executor(Runnable::run)
                .maximumWeight(spec.most())
                .weigher((CacheKey key, Held<V> held) -> spec.weight().applyAsInt(held.value()))
                .expireAfter(Expiry.<CacheKey, Held<V>>creating((key, held) -> held.life()))
                .buildAsync();
    }

    /**
     * The value of a key, from wherever it is found first.
     *
     * @param load finds it out anew, within {@link #LOAD_LIMIT}; its failure is the answer and is not kept
     */
    public Future<V> get(CacheKey key, Supplier<Future<V>> load) {
        CompletableFuture<Held<V>> known = near.getIfPresent(key);
        if (known != null && known.isCompletedExceptionally()) {
            // The cache itself drops it, a little later.
            near.asMap().remove(key, known);
            known = null;
        }
        metrics.near(known != null);
        if (known != null && known.isDone()) {
            return Future.succeededFuture(known.join().value());
        }
        CompletableFuture<Held<V>> found = known != null
                ? known
                : near.get(
                        key,
                        (wanted, executor) -> find(key, load)
                                .timeout(LOAD_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                                .toCompletionStage()
                                .toCompletableFuture());
        // A look-up that another request has started completes on its own context: come back to the caller's.
        return Future.fromCompletionStage(found, vertx.getOrCreateContext()).map(Held::value);
    }

    private Future<Held<V>> find(CacheKey key, Supplier<Future<V>> load) {
        return far.map(level -> level.get(key).compose(found -> {
                    Optional<Held<V>> held = found.flatMap(this::held);
                    metrics.far(held.isPresent());
                    return held.map(Future::succeededFuture).orElseGet(() -> loadInto(level, key, load));
                }))
                .orElseGet(() -> load(load).map(value -> new Held<>(value, spec.life())));
    }

    /** What another version of the program wrote, and this one cannot read, is a miss. */
    private Optional<Held<V>> held(FarCache.Found found) {
        Duration left = Duration.ofMillis(found.millis());
        try {
            return Optional.of(new Held<>(
                    Json.read(found.text(), spec.type()), left.compareTo(spec.life()) < 0 ? left : spec.life()));
        } catch (UncheckedIOException unreadable) {
            return Optional.empty();
        }
    }

    private Future<Held<V>> loadInto(FarCache level, CacheKey key, Supplier<Future<V>> load) {
        long since = level.now();
        return load(load)
                .compose(value -> level.fill(key, Json.text(value), since)
                        .map(current -> new Held<>(value, current ? spec.life() : Duration.ZERO)));
    }

    private Future<V> load(Supplier<Future<V>> load) {
        metrics.loaded();
        return load.get();
    }

    /** A value that was put; empty where neither level has it, or Redis cannot say so. Never fails. */
    public Future<Optional<V>> find(CacheKey key) {
        Optional<V> known = near(key);
        metrics.near(known.isPresent());
        return known.isPresent() ? Future.succeededFuture(known) : far(key);
    }

    /** The same, but the last that any node has put, where Redis can say so. */
    public Future<Optional<V>> latest(CacheKey key) {
        return far(key).map(found -> found.or(() -> near(key)));
    }

    private Optional<V> near(CacheKey key) {
        return Optional.ofNullable(near.getIfPresent(key))
                .filter(known -> known.isDone() && !known.isCompletedExceptionally())
                .map(known -> known.join().value());
    }

    private Future<Optional<V>> far(CacheKey key) {
        if (far.isEmpty()) {
            return Future.succeededFuture(Optional.empty());
        }
        return far.get().get(key).map(found -> {
            Optional<Held<V>> held = found.flatMap(this::held);
            metrics.far(held.isPresent());
            held.ifPresent(value -> near.put(key, CompletableFuture.completedFuture(value)));
            return held.map(Held::value);
        });
    }

    /** Keeps a value in place of any other of the key, for all nodes where there is a Redis that answers. Never fails. */
    public Future<Void> put(CacheKey key, V value) {
        near.put(key, CompletableFuture.completedFuture(new Held<>(value, spec.life())));
        return far.map(level -> level.put(key, Json.text(value))).orElseGet(Future::succeededFuture);
    }

    /**
     * Drops a value everywhere, after what it was made from has changed: here and in Redis when the future completes, on other
     * nodes as soon as they hear of it, and when it is too old in any case. Never fails.
     */
    public Future<Void> invalidate(CacheKey key) {
        forget(key);
        return far.map(level -> level.bury(key))
                .orElseGet(Future::succeededFuture)
                .onComplete(done -> tellOthers.accept(key));
    }

    /**
     * Drops a value on this node, for where every node learns of every change by itself, as from a log. Redis is not told, and not
     * asked for the key again for as long as it may hold a value from before: so it does not matter whether it could be told, or
     * has forgotten it. A value that is being looked up is not kept.
     */
    public void drop(CacheKey key) {
        far.ifPresent(level -> level.disbelieve(key));
        forget(key);
    }

    /** Drops a value on this node; one that is being looked up is not kept. */
    void forget(CacheKey key) {
        near.synchronous().invalidate(key);
    }
}
