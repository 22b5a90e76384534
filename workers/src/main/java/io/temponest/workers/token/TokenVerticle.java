package io.temponest.workers.token;

import io.temponest.bus.Bus;
import io.temponest.model.TokenAddresses;
import io.temponest.workers.computation.Computation;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/** Counts tokens for whoever asks on the bus. */
public final class TokenVerticle extends VerticleBase {

    private static final int WAITING = 256;

    private final Bus bus;

    public TokenVerticle(Bus bus) {
        this.bus = bus;
    }

    @Override
    public Future<?> start() {
        int cores = Runtime.getRuntime().availableProcessors();
        Computation computation = new Computation(vertx, "token-counting", cores, WAITING);
        // Loaded beside the rest of the start; whoever asks meanwhile waits for it.
        Future<Tokens> tokens = computation.run(Tokens::new);
        bus.serve(
                TokenAddresses.COUNT,
                cores + WAITING,
                (count, deadline) -> tokens.compose(
                        loaded -> computation.run(() -> loaded.count(count.model(), count.texts(), count.overhead()))));
        return Future.succeededFuture();
    }
}
