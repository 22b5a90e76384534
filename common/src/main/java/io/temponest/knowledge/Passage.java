package io.temponest.knowledge;

import io.temponest.identity.TypeId;

/**
 * A part of a document that was found for a query.
 *
 * @param score relevance from 0 to 1: (1 + cosine of the embeddings) / 2
 */
public record Passage(
        TypeId chunkId, TypeId documentId, String filename, String text, double score, Location location) {}
