package io.temponest.knowledge;

import io.temponest.identity.TypeId;
import java.time.Instant;

/** A set of documents that is searched together. */
public record Collection(
        TypeId id,
        String name,
        String description,
        String embeddingModel,
        int dimension,
        int documentCount,
        int chunkCount,
        Instant createdAt,
        Instant updatedAt) {}
