package io.temponest.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.temponest.store.Redis;
import io.temponest.store.RedisScript;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * The level of a cache that all nodes share. A value that is invalidated becomes a tombstone, an empty text, for longer than a
 * load may take: whoever began to load before cannot bring the old value back. What was invalidated while Redis was away is
 * buried, piece by piece, before Redis is read again. Nothing here fails: a server that is away is a miss.
 */
final class FarCache {

    /** Longer than {@link TwoLevelCache#LOAD_LIMIT}. */
    static final Duration TOMBSTONE = TwoLevelCache.LOAD_LIMIT.plusSeconds(5);

    /** More than lies between what a load reads and the moment that its value is here. */
    private static final Duration LATEST_FILL = Duration.ofMinutes(1);

    private static final int MOST_PENDING = 10_000;

    /** Tombstones that are on their way at once. */
    private static final int PIECE = 100;

    private static final RedisScript GET = new RedisScript("""
            local value = redis.call('GET', KEYS[1])
            if not value then return {'', 0} end
            return {value, redis.call('PTTL', KEYS[1])}
            """);

    /** 0 where there is a tombstone. */
    private static final RedisScript FILL = new RedisScript("""
            if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
            return redis.call('STRLEN', KEYS[1])
            """);

    private static final RedisScript PUT = new RedisScript("return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])");

    private static final RedisScript BURY = new RedisScript("return redis.call('SET', KEYS[1], '', 'PX', ARGV[1])");

    private final Redis redis;
    private final String prefix;
    private final Duration life;
    private final Set<String> pending = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean burying = new AtomicBoolean();
    private final LongSupplier nanos;
    private volatile long distrustedUntil;

    /** Without a bound in number: to forget one would be to believe what is there of it. */
    private final Cache<CacheKey, Boolean> disbelieved;

    /** @param nanos a clock that does not go back */
    FarCache(Redis redis, String cache, Duration life, LongSupplier nanos) {
        this.redis = redis;
        this.nanos = nanos;
        this.distrustedUntil = now();
        this.prefix = "tn:cache:" + cache + ":";
        this.life = life;
        this.disbelieved =
                Caffeine.newBuilder().expireAfterWrite(life.plus(LATEST_FILL)).build();
    }

    /** A value and how many milliseconds it may still be used. */
    record Found(String text, long millis) {}

    long now() {
        return nanos.getAsLong();
    }

    Future<Optional<Found>> get(CacheKey key) {
        if (isDisbelieved(key) || distrustedUntil - now() > 0) {
            return Future.succeededFuture(Optional.empty());
        }
        if (!pending.isEmpty()) {
            buryPending();
            return Future.succeededFuture(Optional.empty());
        }
        return GET.run(redis, prefix + key.text())
                .map(reply -> new Found(reply.get(0).toString(), reply.get(1).toLong()))
                .map(found ->
                        found.text().isEmpty() || found.millis() <= 0 ? Optional.<Found>empty() : Optional.of(found))
                .otherwise(Optional.empty());
    }

    /**
     * Keeps a value that was just loaded; false when it was invalidated meanwhile, or has taken so long that this cannot be
     * known any more.
     *
     * @param since when its load began, see {@link #now}
     */
    Future<Boolean> fill(CacheKey key, String text, long since) {
        if (now() - since > TwoLevelCache.LOAD_LIMIT.toNanos()) {
            return Future.succeededFuture(false);
        }
        if (isDisbelieved(key)) {
            return Future.succeededFuture(true);
        }
        return FILL.run(redis, prefix + key.text(), text, life.toMillis())
                .map(reply -> reply.toLong() > 0)
                .otherwise(true);
    }

    /** Keeps a value in place of any that is there. */
    Future<Void> put(CacheKey key, String text) {
        return PUT.run(redis, prefix + key.text(), text, life.toMillis())
                .<Void>mapEmpty()
                .otherwiseEmpty();
    }

    /** From now on nothing is read or written of a key, until all that may be there from before is gone. */
    void disbelieve(CacheKey key) {
        disbelieved.put(key, true);
    }

    private boolean isDisbelieved(CacheKey key) {
        return disbelieved.getIfPresent(key) != null;
    }

    Future<Void> bury(CacheKey key) {
        String place = prefix + key.text();
        return bury(place).otherwise(away -> {
            if (pending.size() < MOST_PENDING) {
                pending.add(place);
            } else {
                // All that is there now will be gone by then.
                distrustedUntil = now() + life.toNanos();
            }
            return null;
        });
    }

    private Future<Void> bury(String place) {
        return BURY.run(redis, place, TOMBSTONE.toMillis()).mapEmpty();
    }

    private void buryPending() {
        if (burying.compareAndSet(false, true)) {
            buryPieces().onComplete(done -> burying.set(false));
        }
    }

    private Future<?> buryPieces() {
        List<Future<Void>> piece = pending.stream()
                .limit(PIECE)
                .map(place -> bury(place).onSuccess(done -> pending.remove(place)))
                .toList();
        return piece.isEmpty() ? Future.succeededFuture() : Future.join(piece).compose(done -> buryPieces());
    }
}
