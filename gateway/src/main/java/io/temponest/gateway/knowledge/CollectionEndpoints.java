package io.temponest.gateway.knowledge;

import io.temponest.audit.AuditEntry;
import io.temponest.error.ApiError;
import io.temponest.gateway.change.Changes;
import io.temponest.gateway.change.Made;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.BodyKind;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.Fields;
import io.temponest.gateway.http.Listing;
import io.temponest.gateway.http.Preconditions;
import io.temponest.gateway.http.Query;
import io.temponest.gateway.limit.RouteClass;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.TypeId;
import io.temponest.knowledge.Collection;
import io.temponest.knowledge.CollectionStore;
import io.temponest.knowledge.KnowledgeAddresses.Search;
import io.temponest.knowledge.Location;
import io.temponest.knowledge.Passage;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Collections and their search. */
public final class CollectionEndpoints {

    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_DESCRIPTION = 1_000;
    private static final int LONGEST_QUERY = 2_000;

    private final CollectionStore collections;
    private final CachedSearch searches;
    private final Changes changes;

    public CollectionEndpoints(CollectionStore collections, CachedSearch searches, Changes changes) {
        this.collections = collections;
        this.searches = searches;
        this.changes = changes;
    }

    public List<Endpoint> all() {
        Access read = Access.needs(Permission.KNOWLEDGE_READ);
        Access manage = Access.needs(Permission.KNOWLEDGE_MANAGE);
        return List.of(
                Endpoint.post("/v1/collections", manage, BodyKind.JSON, this::create)
                        .creating(),
                Endpoint.get("/v1/collections", read, this::list).with(Query.PAGE),
                Endpoint.get("/v1/collections/{collection}", read, this::get).single(),
                Endpoint.delete("/v1/collections/{collection}", manage, this::delete),
                Endpoint.post("/v1/collections/{collection}/search", read, BodyKind.JSON, this::search)
                        .limited(RouteClass.READ));
    }

    private record CreateCollection(Optional<String> name, Optional<String> description) {}

    private Future<Answer> create(Call call) {
        return call.body(CreateCollection.class).compose(wanted -> {
            String name = Fields.text("name", wanted.name(), LONGEST_NAME);
            String description = wanted.description().orElse("");
            if (description.length() > LONGEST_DESCRIPTION) {
                throw Fields.invalid("description", "must have at most %d characters".formatted(LONGEST_DESCRIPTION));
            }
            return changes.create(
                    call,
                    sql -> collections
                            .create(sql, name, description)
                            .map(made -> Made.of(
                                            Answer.created("/v1/collections/" + made.id(), CollectionView.of(made)))
                                    .audited(entry(call, "collection.create", made))));
        });
    }

    private Future<Answer> list(Call call) {
        return collections
                .list(call.tenant(), call.query().page(Kind.COLLECTION))
                .map(page ->
                        Answer.page(page, CollectionView::of, view -> view.id().toString()));
    }

    private Future<Answer> get(Call call) {
        return find(call).map(found -> Answer.ok(CollectionView.of(found)));
    }

    private Future<Collection> find(Call call) {
        TypeId id = call.id(Kind.COLLECTION);
        return collections
                .get(call.tenant(), id)
                .map(found -> found.orElseThrow(() -> notFound(id).exception()));
    }

    private Future<Answer> delete(Call call) {
        TypeId id = call.id(Kind.COLLECTION);
        Preconditions known = call.ifMatch();
        return changes.change(
                call,
                sql -> collections
                        .lock(sql, id)
                        .map(found -> found.orElseThrow(() -> notFound(id).exception()))
                        .compose(found -> {
                            known.check(CollectionView.of(found));
                            return collections
                                    .delete(sql, id)
                                    .map(gone -> Made.of(new Answer.Empty())
                                            .audited(entry(call, "collection.delete", found)));
                        }));
    }

    private static AuditEntry entry(Call call, String action, Collection collection) {
        return AuditEntry.success(call.actor(), action, collection.id(), Map.of("name", collection.name()));
    }

    static ApiError notFound(TypeId id) {
        return ApiError.notFound("collection", id.toString());
    }

    private record SearchCollection(Optional<String> query, Optional<Integer> topK, Optional<Double> minScore) {}

    private record Hit(
            TypeId chunkId, TypeId documentId, String filename, String text, double score, Location location) {

        static Hit of(Passage passage) {
            return new Hit(
                    passage.chunkId(),
                    passage.documentId(),
                    passage.filename(),
                    passage.text(),
                    passage.score(),
                    passage.location());
        }
    }

    private Future<Answer> search(Call call) {
        return call.body(SearchCollection.class).compose(wanted -> {
            String query = Fields.text("query", wanted.query(), LONGEST_QUERY);
            int topK = Fields.number("top_k", wanted.topK(), 1, 50, 5);
            double minScore = Fields.fraction("min_score", wanted.minScore(), 0);
            return find(call)
                    .compose(found -> searches.search(
                            new Search(call.tenant(), List.of(found.id()), query, topK, minScore), found.revision()))
                    .map(found -> Answer.ok(Listing.all(
                            found.passages().stream().map(Hit::of).toList(),
                            hit -> hit.chunkId().toString())));
        });
    }
}
