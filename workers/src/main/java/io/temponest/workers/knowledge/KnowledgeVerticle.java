package io.temponest.workers.knowledge;

import io.temponest.bus.Bus;
import io.temponest.identity.Ids;
import io.temponest.identity.TypeId;
import io.temponest.knowledge.KnowledgeAddresses;
import io.temponest.node.Node;
import io.temponest.store.EnginePostgres;
import io.temponest.store.Postgres;
import io.temponest.workers.computation.Computation;
import io.temponest.workers.knowledge.PassageStore.Claimed;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Indexes queued documents and answers searches. To be deployed once per process with {@code ThreadingModel.VIRTUAL_THREAD}. */
public final class KnowledgeVerticle extends VerticleBase {

    private static final Logger LOG = LoggerFactory.getLogger(KnowledgeVerticle.class);
    private static final int AT_ONCE = 2;
    private static final int POLL_MS = 1_000;
    private static final int ORPHAN_ROUNDS = 4;

    /** A document whose indexing ended the code that indexes, so often, has failed. */
    private static final int ATTEMPTS = 5;

    private static final int MAX_SEARCHES = 256;
    private static final int WAITING = 256;

    private final Bus bus;
    private final Postgres postgres;
    private final EnginePostgres engine;
    private final Embedder embedder;
    private final Supplier<TypeId> session;
    private final List<MessageConsumer<?>> consumers = new ArrayList<>();
    private final Set<TypeId> indexing = new HashSet<>();
    private boolean claiming;
    private volatile boolean stopping;
    private long rounds;

    private final Computation computation;
    private final Promise<Void> idle = Promise.promise();

    /** @param session the one that this process owns documents with at the moment */
    public KnowledgeVerticle(
            Node node, Postgres postgres, EnginePostgres engine, Embedder embedder, Supplier<TypeId> session) {
        this.bus = node.bus();
        this.postgres = postgres;
        this.engine = engine;
        this.embedder = embedder;
        this.session = session;
        this.computation =
                new Computation(node.vertx(), "knowledge", Runtime.getRuntime().availableProcessors(), WAITING);
    }

    @Override
    public Future<?> start() {
        PassageStore store = new PassageStore(postgres, engine, new Ids());
        Searcher searcher = new Searcher(store, embedder, computation);
        Indexing work = new Indexing(store, embedder, computation, () -> stopping);
        consumers.add(
                bus.serve(KnowledgeAddresses.SEARCH, MAX_SEARCHES, (wanted, deadline) -> searcher.search(wanted)));
        consumers.add(bus.hear(KnowledgeAddresses.INDEX, hint -> claim(store, work)));
        poll(store, work);
        return Future.succeededFuture();
    }

    private void poll(PassageStore store, Indexing work) {
        claim(store, work);
        vertx.setTimer(ThreadLocalRandom.current().nextInt(POLL_MS / 2, POLL_MS), fired -> {
            if (!stopping) {
                rounds++;
                if (rounds % ORPHAN_ROUNDS == 0) {
                    giveBackOrphans(store);
                }
                poll(store, work);
            }
        });
    }

    /**
     * Gives back what the database says is ours and we know nothing of: the answer to a claim was lost, or a result could not
     * be written. No claim may be in progress meanwhile.
     */
    private void giveBackOrphans(PassageStore store) {
        if (claiming) {
            return;
        }
        claiming = true;
        store.releaseOrphans(session.get(), indexing, ATTEMPTS).onComplete(released -> {
            claiming = false;
            if (released.succeeded() && released.result() > 0) {
                LOG.atWarn().addKeyValue("documents", released.result()).log("documents.orphans_released");
            }
        });
    }

    private void claim(PassageStore store, Indexing work) {
        if (stopping || claiming || indexing.size() >= AT_ONCE) {
            return;
        }
        claiming = true;
        store.claim(session.get(), AT_ONCE - indexing.size()).onComplete(claimed -> {
            claiming = false;
            idleYet();
            if (claimed.failed()) {
                LOG.atWarn().addKeyValue("cause", claimed.cause().getMessage()).log("documents.claim_failed");
                return;
            }
            for (Claimed document : claimed.result()) {
                indexing.add(document.document());
                context.runOnContext(go -> {
                    try {
                        work.index(document);
                    } finally {
                        indexing.remove(document.document());
                        idleYet();
                        claim(store, work);
                    }
                });
            }
        });
    }

    /**
     * Indexes no more; documents in progress are left at the next batch of passages, freed with the session and indexed
     * elsewhere. Completes when none is in progress. Searches go on.
     */
    public Future<Void> drain() {
        stopping = true;
        context.runOnContext(go -> idleYet());
        return idle.future();
    }

    private void idleYet() {
        if (stopping && !claiming && indexing.isEmpty()) {
            idle.tryComplete();
        }
    }

    /** Answers no more. */
    @Override
    public Future<?> stop() {
        return Future.join(consumers.stream().map(MessageConsumer::unregister).toList())
                .otherwiseEmpty()
                .compose(done -> computation.close());
    }
}
