package io.temponest.gateway.knowledge;

import io.temponest.bus.Bus;
import io.temponest.bus.Deadline;
import io.temponest.cache.CacheKey;
import io.temponest.cache.Caches;
import io.temponest.cache.TwoLevelCache;
import io.temponest.identity.Sha256;
import io.temponest.json.Json;
import io.temponest.knowledge.KnowledgeAddresses;
import io.temponest.knowledge.KnowledgeAddresses.Passages;
import io.temponest.knowledge.KnowledgeAddresses.Search;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.HexFormat;

/**
 * Searches that were made before, for a quarter of an hour. The key holds the collection's revision, so that a change of its
 * passages makes another search of the same question.
 */
public final class CachedSearch {

    private static final Duration REMEMBERED = Duration.ofMinutes(15);
    private static final int MOST = 500;

    private final Bus bus;
    private final TwoLevelCache<Passages> found;

    private record Asked(Search search, long revision) {}

    public CachedSearch(Bus bus, Caches caches) {
        this.bus = bus;
        this.found = caches.cache(new Caches.Spec<>("rag", Passages.class, REMEMBERED, MOST));
    }

    /** @param revision of the collection that is searched */
    Future<Passages> search(Search wanted, long revision) {
        String digest = HexFormat.of().formatHex(Sha256.of(Json.bytes(new Asked(wanted, revision))));
        // With a time of its own: others may be waiting for the same answer.
        return found.get(
                new CacheKey.OfTenant(wanted.tenant(), digest),
                () -> bus.ask(KnowledgeAddresses.SEARCH, wanted, Deadline.after(TwoLevelCache.LOAD_LIMIT)));
    }
}
