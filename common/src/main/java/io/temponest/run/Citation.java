package io.temponest.run;

import io.temponest.identity.TypeId;
import io.temponest.knowledge.Location;

/**
 * A retrieved passage that the answer marks.
 *
 * @param quote the passage as it was when it was retrieved
 * @param score relevance, as of the retrieval
 * @param marker the number in brackets in the answer
 */
public record Citation(
        TypeId chunkId,
        TypeId documentId,
        String filename,
        String quote,
        double score,
        Location location,
        int marker) {}
