package io.temponest.gateway.knowledge;

import io.temponest.identity.TypeId;
import io.temponest.knowledge.Collection;
import java.time.Instant;

/** A collection as clients see it. */
record CollectionView(
        TypeId id,
        String object,
        String name,
        String description,
        String embeddingModel,
        int dimension,
        int documentCount,
        int chunkCount,
        Instant createdAt,
        Instant updatedAt) {

    static CollectionView of(Collection collection) {
        return new CollectionView(
                collection.id(),
                "collection",
                collection.name(),
                collection.description(),
                collection.embeddingModel(),
                collection.dimension(),
                collection.documentCount(),
                collection.chunkCount(),
                collection.createdAt(),
                collection.updatedAt());
    }
}
