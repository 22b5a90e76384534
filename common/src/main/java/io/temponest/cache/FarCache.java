package io.temponest.cache;

import io.temponest.store.Redis;
import io.temponest.store.RedisScript;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The level of a cache that all nodes share. A value that is invalidated becomes a tombstone, an empty text, for longer than a
 * load may take: whoever began to load before cannot bring the old value back. What was invalidated while Redis was away is
 * buried before Redis is read again. Nothing here fails: a server that is away is a miss.
 */
final class FarCache {

    /** Longer than {@link TwoLevelCache#LOAD_LIMIT}. */
    static final Duration TOMBSTONE = TwoLevelCache.LOAD_LIMIT.plusSeconds(5);

    private static final int MOST_PENDING = 10_000;

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

    private static final RedisScript BURY = new RedisScript("return redis.call('SET', KEYS[1], '', 'PX', ARGV[1])");

    private final Redis redis;
    private final String prefix;
    private final Duration life;
    private final Set<String> pending = ConcurrentHashMap.newKeySet();
    private volatile long distrustedUntil = System.nanoTime();

    FarCache(Redis redis, String cache, Duration life) {
        this.redis = redis;
        this.prefix = "tn:cache:" + cache + ":";
        this.life = life;
    }

    /** A value and how many milliseconds it may still be used. */
    record Found(String text, long millis) {}

    Future<Optional<Found>> get(CacheKey key) {
        if (distrustedUntil - System.nanoTime() > 0) {
            return Future.succeededFuture(Optional.empty());
        }
        return buryPending()
                .compose(done -> GET.run(redis, prefix + key.text()))
                .map(reply -> new Found(reply.get(0).toString(), reply.get(1).toLong()))
                .map(found ->
                        found.text().isEmpty() || found.millis() <= 0 ? Optional.<Found>empty() : Optional.of(found))
                .otherwise(Optional.empty());
    }

    /** Keeps a value that was just loaded; false when it was invalidated meanwhile. */
    Future<Boolean> fill(CacheKey key, String text) {
        return FILL.run(redis, prefix + key.text(), text, life.toMillis())
                .map(reply -> reply.toLong() > 0)
                .otherwise(true);
    }

    Future<Void> bury(CacheKey key) {
        String place = prefix + key.text();
        return bury(place).otherwise(away -> {
            if (pending.size() < MOST_PENDING) {
                pending.add(place);
            } else {
                // All that is there now will be gone by then.
                distrustedUntil = System.nanoTime() + life.toNanos();
            }
            return null;
        });
    }

    private Future<Void> bury(String place) {
        return BURY.run(redis, place, TOMBSTONE.toMillis()).mapEmpty();
    }

    private Future<?> buryPending() {
        return pending.isEmpty()
                ? Future.succeededFuture()
                : Future.all(List.copyOf(pending).stream()
                        .map(place -> bury(place).onSuccess(done -> pending.remove(place)))
                        .toList());
    }
}
