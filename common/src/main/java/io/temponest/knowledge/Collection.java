package io.temponest.knowledge;

import io.temponest.identity.TypeId;
import java.time.Instant;

/**
 * A set of documents that is searched together.
 *
 * @param revision goes up with every change of its passages
 */
public record Collection(
        TypeId id,
        String name,
        String description,
        String embeddingModel,
        int dimension,
        int documentCount,
        int chunkCount,
        long revision,
        Instant createdAt,
        Instant updatedAt) {}
