package io.temponest.cache;

import io.micrometer.core.instrument.MeterRegistry;
import io.temponest.bus.Bus;
import io.temponest.cache.CacheAddresses.Invalidated;
import io.temponest.store.Redis;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;

/** The caches of a process, which hear together what other nodes say is out of date. Safe for use by any context. */
public final class Caches {

    private final Vertx vertx;
    private final Bus bus;
    private final Optional<Redis> redis;
    private final MeterRegistry metrics;
    private final LongSupplier nanos;
    private final Map<String, TwoLevelCache<?>> caches = new ConcurrentHashMap<>();
    private final MessageConsumer<Invalidated> invalidations;

    /** @param redis absent: values are kept in memory alone */
    public Caches(Vertx vertx, Bus bus, Optional<Redis> redis, MeterRegistry metrics) {
        this(vertx, bus, redis, metrics, System::nanoTime);
    }

    Caches(Vertx vertx, Bus bus, Optional<Redis> redis, MeterRegistry metrics, LongSupplier nanos) {
        this.nanos = nanos;
        this.vertx = vertx;
        this.bus = bus;
        this.redis = redis;
        this.metrics = metrics;
        this.invalidations = bus.hear(
                CacheAddresses.INVALIDATED,
                told -> Optional.ofNullable(caches.get(told.cache())).ifPresent(cache -> cache.forget(told.key())));
    }

    /**
     * What a cache holds.
     *
     * @param name also its label in metrics and the start of its keys in Redis
     * @param life how old a value may get
     * @param most what the values that the process keeps in memory may weigh together
     * @param weight of a value
     */
    public record Spec<V extends Record>(
            String name, Class<V> type, Duration life, long most, ToIntFunction<V> weight) {

        /** @param most values that the process keeps in memory */
        public Spec(String name, Class<V> type, Duration life, int most) {
            this(name, type, life, most, value -> 1);
        }
    }

    /** Makes a cache; its name must be new in this process. */
    public <V extends Record> TwoLevelCache<V> cache(Spec<V> spec) {
        TwoLevelCache<V> cache = new TwoLevelCache<>(
                vertx,
                spec,
                redis.map(server -> new FarCache(server, spec.name(), spec.life(), nanos)),
                new CacheMetrics(metrics, spec.name()),
                key -> bus.nudgeAll(CacheAddresses.INVALIDATED, Invalidated.of(spec.name(), key)));
        if (caches.putIfAbsent(spec.name(), cache) != null) {
            throw new IllegalArgumentException("there is a cache '" + spec.name() + "' already");
        }
        return cache;
    }

    public Future<Void> close() {
        return invalidations.unregister();
    }
}
