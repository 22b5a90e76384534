package io.temponest.workers.knowledge;

import io.vertx.core.buffer.Buffer;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.UUID;

/**
 * The vectors of a collection at one revision, in one array.
 *
 * @param chunks whose they are, in the array's order
 * @param values all vectors one after the other, each of unit length
 */
@SuppressWarnings("ArrayRecordComponent") // a cache entry, never compared
record Vectors(long revision, List<UUID> chunks, int dimension, float[] values) {

    Vectors {
        chunks = List.copyOf(chunks);
    }

    /** A chunk with its relevance, (1 + cosine) / 2. */
    record Scored(UUID chunk, double score) {}

    /** The chunks nearest to a question, best first. */
    List<Scored> nearest(float[] question, int topK, double minScore) {
        PriorityQueue<Scored> best = new PriorityQueue<>(Comparator.comparingDouble(Scored::score));
        for (int i = 0; i < chunks.size(); i++) {
            double score = (1 + dot(question, values, i * dimension)) / 2;
            if (score >= minScore
                    && (best.size() < topK || score > best.element().score())) {
                best.add(new Scored(chunks.get(i), Math.min(1, Math.max(0, score))));
                if (best.size() > topK) {
                    best.remove();
                }
            }
        }
        return best.stream()
                .sorted(Comparator.comparingDouble(Scored::score).reversed())
                .toList();
    }

    /** Four sums, so that the additions need not wait for each other. */
    private static double dot(float[] a, float[] b, int offset) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        for (int i = 0; i + 3 < a.length; i += 4) {
            s0 += a[i] * b[offset + i];
            s1 += a[i + 1] * b[offset + i + 1];
            s2 += a[i + 2] * b[offset + i + 2];
            s3 += a[i + 3] * b[offset + i + 3];
        }
        return (double) s0 + s1 + s2 + s3;
    }

    long bytes() {
        return (long) values.length * Float.BYTES + 64L * chunks.size();
    }

    static Buffer encode(float[] vector) {
        Buffer buffer = Buffer.buffer(vector.length * Float.BYTES);
        for (float value : vector) {
            buffer.appendIntLE(Float.floatToRawIntBits(value));
        }
        return buffer;
    }

    static void decode(Buffer buffer, float[] into, int offset) {
        for (int i = 0; i < buffer.length() / Float.BYTES; i++) {
            into[offset + i] = Float.intBitsToFloat(buffer.getIntLE(i * Float.BYTES));
        }
    }
}
