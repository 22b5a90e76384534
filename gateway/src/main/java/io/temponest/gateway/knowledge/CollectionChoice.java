package io.temponest.gateway.knowledge;

import io.temponest.error.ApiError;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.knowledge.CollectionStore;
import io.vertx.core.Future;
import java.util.List;

/** Says whether the collections that a client names exist. */
public final class CollectionChoice {

    private final CollectionStore collections;

    public CollectionChoice(CollectionStore collections) {
        this.collections = collections;
    }

    /** Fails with a 400 that names the first one that the tenant does not have. */
    public Future<Void> check(TenantId tenant, List<TypeId> wanted) {
        if (wanted.isEmpty()) {
            return Future.succeededFuture();
        }
        return collections
                .missing(tenant, wanted)
                .compose(missing -> missing.isEmpty()
                        ? Future.succeededFuture()
                        : Future.failedFuture(ApiError.invalid(
                                        "collections",
                                        "collection_not_found",
                                        "No collection '%s'.".formatted(missing.getFirst()))
                                .exception()));
    }
}
