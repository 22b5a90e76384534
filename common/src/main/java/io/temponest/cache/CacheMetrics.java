package io.temponest.cache;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** What a cache's look-ups came to, by level: {@code near} is memory, {@code far} is Redis. */
final class CacheMetrics {

    private final Counter nearHits;
    private final Counter nearMisses;
    private final Counter farHits;
    private final Counter farMisses;
    private final Counter loads;

    CacheMetrics(MeterRegistry registry, String cache) {
        nearHits = lookups(registry, cache, "near", "hit");
        nearMisses = lookups(registry, cache, "near", "miss");
        farHits = lookups(registry, cache, "far", "hit");
        farMisses = lookups(registry, cache, "far", "miss");
        loads = Counter.builder("temponest_cache_loads")
                .description("Values that no level had")
                .tag("cache", cache)
                .register(registry);
    }

    private static Counter lookups(MeterRegistry registry, String cache, String level, String result) {
        return Counter.builder("temponest_cache_lookups")
                .description("Look-ups by cache, level and result")
                .tag("cache", cache)
                .tag("level", level)
                .tag("result", result)
                .register(registry);
    }

    void near(boolean hit) {
        (hit ? nearHits : nearMisses).increment();
    }

    void far(boolean hit) {
        (hit ? farHits : farMisses).increment();
    }

    void loaded() {
        loads.increment();
    }
}
