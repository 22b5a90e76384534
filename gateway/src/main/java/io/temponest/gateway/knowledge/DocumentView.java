package io.temponest.gateway.knowledge;

import io.temponest.error.ApiError;
import io.temponest.identity.TypeId;
import io.temponest.knowledge.Document;
import io.temponest.knowledge.DocumentStatus;
import java.time.Instant;
import java.util.Optional;

/** A document as clients see it. */
record DocumentView(
        TypeId id,
        String object,
        TypeId collectionId,
        String filename,
        String mediaType,
        long sizeBytes,
        DocumentStatus status,
        int chunkCount,
        Optional<ApiError> error,
        Instant createdAt,
        Optional<Instant> indexedAt) {

    static DocumentView of(Document document) {
        return new DocumentView(
                document.id(),
                "document",
                document.collectionId(),
                document.filename(),
                document.mediaType(),
                document.sizeBytes(),
                document.status(),
                document.chunkCount(),
                document.error(),
                document.createdAt(),
                document.indexedAt());
    }
}
