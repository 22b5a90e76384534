package io.temponest.workers.knowledge;

import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.temponest.store.SqlFailure;
import io.temponest.workers.computation.Computation;
import io.temponest.workers.knowledge.PassageStore.Claimed;
import io.temponest.workers.knowledge.PassageStore.Embedded;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Indexes one document: straight-line code on a virtual thread. Nothing is stored before all of it can be. */
final class Indexing {

    private static final Logger LOG = LoggerFactory.getLogger(Indexing.class);
    /** What is said of a document that cannot be indexed for reasons of ours. */
    static final ApiError BROKE =
            ApiError.of(ErrorType.API_ERROR, "internal_error", "The server failed to index this document.");

    private static final int BATCH = 16;
    private static final int ATTEMPTS = 3;

    private final PassageStore store;
    private final Embedder embedder;
    private final Computation computation;
    private final BooleanSupplier stopping;
    private final TextExtractor extractor = new TextExtractor();

    /** @param stopping whether what is begun is left to another worker */
    Indexing(PassageStore store, Embedder embedder, Computation computation, BooleanSupplier stopping) {
        this.stopping = stopping;
        this.store = store;
        this.embedder = embedder;
        this.computation = computation;
    }

    /** This worker stops. */
    private static final class Abandoned extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Abandoned() {
            super("the worker stops", null, false, false);
        }
    }

    void index(Claimed claimed) {
        try {
            Optional<byte[]> content = store.content(claimed).await();
            if (content.isPresent()) {
                List<Embedded> chunks = embed(claimed, content.get());
                boolean stored = store.complete(claimed, chunks).await();
                LOG.atInfo()
                        .addKeyValue("document", claimed.document())
                        .addKeyValue("tenant", claimed.tenant())
                        .addKeyValue("chunks", chunks.size())
                        .log(stored ? "document.indexed" : "document.taken_over");
            }
        } catch (Abandoned left) {
            // It is freed with the session.
        } catch (ApiException refused) {
            if (refused.error().type() == ErrorType.OVERLOADED_ERROR) {
                settle(claimed, store.retry(claimed));
            } else {
                giveUp(claimed, refused.error());
            }
        } catch (RuntimeException failure) {
            again(claimed, failure);
        }
    }

    private List<Embedded> embed(Claimed claimed, byte[] content) {
        ToIntFunction<String> tokens = embedder.tokenCounter().await();
        List<Chunk> chunks = computation
                .run(() ->
                        new Splitter(tokens).split(extractor.extract(claimed.filename(), claimed.mediaType(), content)))
                .await();
        List<Embedded> embedded = new ArrayList<>(chunks.size());
        for (int from = 0; from < chunks.size(); from += BATCH) {
            if (stopping.getAsBoolean()) {
                throw new Abandoned();
            }
            List<Chunk> batch = chunks.subList(from, Math.min(from + BATCH, chunks.size()));
            List<float[]> vectors = embedder.documents(
                            batch.stream().map(Chunk::embedded).toList())
                    .await();
            for (int i = 0; i < batch.size(); i++) {
                Chunk chunk = batch.get(i);
                embedded.add(new Embedded(chunk, tokens.applyAsInt(chunk.text()), vectors.get(i)));
            }
        }
        return embedded;
    }

    /** A fault of ours or of the database: the document is tried again a few times. */
    private void again(Claimed claimed, RuntimeException failure) {
        LOG.atError()
                .setCause(failure)
                .addKeyValue("document", claimed.document())
                .addKeyValue("attempt", claimed.attempts())
                .log("document.indexing_broke");
        if (claimed.attempts() < ATTEMPTS || SqlFailure.isRetryable(failure)) {
            settle(claimed, store.retry(claimed));
        } else {
            giveUp(claimed, BROKE);
        }
    }

    private void giveUp(Claimed claimed, ApiError error) {
        LOG.atInfo()
                .addKeyValue("document", claimed.document())
                .addKeyValue("code", error.code())
                .log("document.failed");
        settle(claimed, store.fail(claimed, error));
    }

    /** When this write fails too, the document is found among the orphans. */
    private static void settle(Claimed claimed, Future<Void> write) {
        try {
            write.await();
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).addKeyValue("document", claimed.document()).log("document.not_settled");
        }
    }
}
