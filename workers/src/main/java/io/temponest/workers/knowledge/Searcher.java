package io.temponest.workers.knowledge;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.temponest.error.ApiError;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.knowledge.KnowledgeAddresses.Passages;
import io.temponest.knowledge.KnowledgeAddresses.Search;
import io.temponest.workers.computation.Computation;
import io.temponest.workers.knowledge.Vectors.Scored;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Exact search: a question is compared with every passage of the wanted collections. Vectors are kept in memory, by tenant
 * and collection, for as long as the collection's revision stands.
 */
final class Searcher {

    private static final long MAX_BYTES = 256L << 20;

    private final PassageStore store;
    private final Embedder embedder;
    private final Computation computation;
    private final Cache<Place, Vectors> cache = Caffeine.newBuilder()
            .maximumWeight(MAX_BYTES)
            .<Place, Vectors>weigher((place, vectors) -> (int) Math.min(Integer.MAX_VALUE, vectors.bytes()))
            .build();

    private record Place(TenantId tenant, UUID collection) {}

    Searcher(PassageStore store, Embedder embedder, Computation computation) {
        this.store = store;
        this.embedder = embedder;
        this.computation = computation;
    }

    /** A collection that the tenant does not have is a {@code not_found_error}. */
    Future<Passages> search(Search wanted) {
        return store.revisions(wanted.tenant(), wanted.collections()).compose(revisions -> {
            for (TypeId named : wanted.collections()) {
                if (!revisions.containsKey(named.uuid())) {
                    return Future.failedFuture(
                            ApiError.notFound("collection", named.toString()).exception());
                }
            }
            return revisions.isEmpty()
                    ? Future.succeededFuture(new Passages(List.of()))
                    : embedder.question(wanted.query()).compose(question -> nearest(wanted, revisions, question));
        });
    }

    private Future<Passages> nearest(Search wanted, Map<UUID, Long> revisions, float[] question) {
        List<Future<Vectors>> loading = new ArrayList<>();
        revisions.forEach((collection, revision) -> loading.add(vectors(wanted.tenant(), collection, revision)));
        return Future.all(loading)
                .compose(loaded -> computation.run(() -> best(loading, question, wanted)))
                .compose(best -> store.passages(wanted.tenant(), best))
                .map(Passages::new);
    }

    private static List<Scored> best(List<Future<Vectors>> loaded, float[] question, Search wanted) {
        return loaded.stream()
                .flatMap(vectors -> vectors.result().nearest(question, wanted.topK(), wanted.minScore()).stream())
                .sorted(Comparator.comparingDouble(Scored::score).reversed())
                .limit(wanted.topK())
                .toList();
    }

    private Future<Vectors> vectors(TenantId tenant, UUID collection, long revision) {
        Place place = new Place(tenant, collection);
        Vectors known = cache.getIfPresent(place);
        if (known != null && known.revision() == revision) {
            return Future.succeededFuture(known);
        }
        return store.vectors(tenant, collection, revision).onSuccess(vectors -> cache.put(place, vectors));
    }
}
