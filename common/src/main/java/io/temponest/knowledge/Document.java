package io.temponest.knowledge;

import io.temponest.error.ApiError;
import io.temponest.identity.TypeId;
import java.time.Instant;
import java.util.Optional;

/**
 * A file in a collection.
 *
 * @param sizeBytes of the file as uploaded
 * @param chunkCount passages, once indexed
 * @param error why it could not be indexed
 */
public record Document(
        TypeId id,
        TypeId collectionId,
        String filename,
        String mediaType,
        long sizeBytes,
        DocumentStatus status,
        int chunkCount,
        Optional<ApiError> error,
        Instant createdAt,
        Optional<Instant> indexedAt) {}
