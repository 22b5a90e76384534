package io.temponest.workers.knowledge;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.HuggingFaceTokenCountEstimator;
import dev.langchain4j.model.embedding.onnx.allminilml6v2q.AllMiniLmL6V2QuantizedEmbeddingModel;
import io.temponest.workers.computation.Computation;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * Embeds texts with MiniLM L6 v2, which runs in this process: 384 numbers of unit length each, 50 to 60 texts of 100 tokens
 * a second on two cores. Questions do not wait behind documents. Safe for use by any context.
 */
public final class Embedder {

    private static final int WAITING_QUESTIONS = 256;
    private static final int WAITING_DOCUMENTS = 64;

    /** Bytes. ONNX Runtime recurses over the model's graph when it opens it, and overflows a thread's usual 1 MiB at times. */
    private static final long LOADING_STACK = 16 << 20;

    private final Computation questions;
    private final Computation documents;
    private final Future<Loaded> loaded;

    private record Loaded(EmbeddingModel model, HuggingFaceTokenCountEstimator tokens) {}

    /** Begins to load the model, which takes about a second; whoever asks meanwhile waits for it. */
    public Embedder(Vertx vertx) {
        questions = new Computation(vertx, "embedding-questions", 1, WAITING_QUESTIONS);
        documents = new Computation(vertx, "embedding-documents", 1, WAITING_DOCUMENTS);
        loaded = load();
    }

    private static Future<Loaded> load() {
        Promise<Loaded> loading = Promise.promise();
        Runnable work = () -> {
            try {
                // The model is given no threads of its own to spread over; the runtime beneath it uses the cores.
                loading.complete(new Loaded(
                        new AllMiniLmL6V2QuantizedEmbeddingModel(Runnable::run), new HuggingFaceTokenCountEstimator()));
            } catch (RuntimeException | LinkageError e) {
                loading.fail(e);
            }
        };
        Thread loader = new Thread(null, work, "embedding-load", LOADING_STACK);
        loader.setDaemon(true);
        loader.start();
        return loading.future();
    }

    /** For a question that someone waits for. */
    public Future<float[]> question(String text) {
        return together(List.of(text)).map(List::getFirst);
    }

    /** For a few texts that someone waits for, in order. */
    public Future<List<float[]>> together(List<String> texts) {
        return loaded.compose(ready -> questions.run(() -> embed(ready.model(), texts)));
    }

    /** For parts of a document, in order. */
    Future<List<float[]>> documents(List<String> texts) {
        return loaded.compose(ready -> documents.run(() -> embed(ready.model(), texts)));
    }

    /** Counts the model's tokens, two of its own left out. */
    public Future<ToIntFunction<String>> tokenCounter() {
        return loaded.map(ready -> text -> Math.max(0, ready.tokens().estimateTokenCountInText(text)));
    }

    /** Refuses what waits; completes when no native code runs any more, without which the process must not end. Never fails. */
    public Future<Void> close() {
        return loaded.transform(
                done -> Future.join(questions.close(), documents.close()).mapEmpty());
    }

    private static List<float[]> embed(EmbeddingModel model, List<String> texts) {
        List<TextSegment> segments = texts.stream()
                .map(text -> TextSegment.from(text.isBlank() ? "." : text))
                .toList();
        return model.embedAll(segments).content().stream()
                .map(embedding -> unit(embedding.vector()))
                .toList();
    }

    private static float[] unit(float[] vector) {
        double square = 0;
        for (float value : vector) {
            square += (double) value * value;
        }
        double length = Math.sqrt(square);
        float[] unit = new float[vector.length];
        for (int i = 0; i < vector.length; i++) {
            unit[i] = length == 0 ? 0 : (float) (vector[i] / length);
        }
        return unit;
    }
}
