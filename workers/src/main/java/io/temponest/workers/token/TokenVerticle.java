package io.temponest.workers.token;

import io.temponest.bus.Bus;
import io.temponest.model.TokenAddresses;
import io.temponest.model.TokenAddresses.Count;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/**
 * Counts tokens for whoever asks on the bus. What one word of a megabyte needs of memory, it needs once: such texts are counted
 * one after the other, beside the others.
 */
public final class TokenVerticle extends VerticleBase {

    private static final int WAITING = 256;
    private static final int WAITING_LONG = 32;

    /** Characters. No other text is longer, as {@link io.temponest.model.TokenCounter} divides them. */
    private static final int LONG = 64 << 10;

    private final Bus bus;

    public TokenVerticle(Bus bus) {
        this.bus = bus;
    }

    private record Queues(CountQueue many, CountQueue single) {}

    @Override
    public Future<?> start() {
        int cores = Runtime.getRuntime().availableProcessors();
        // Loaded beside the rest of the start; whoever asks meanwhile waits for it.
        Future<Queues> queues = vertx.executeBlocking(Tokens::new, false)
                .map(tokens -> new Queues(
                        new CountQueue(vertx, "token-counting", cores, WAITING, tokens),
                        new CountQueue(vertx, "token-counting-long", 1, WAITING_LONG, tokens)));
        bus.serve(
                TokenAddresses.COUNT,
                cores + WAITING,
                (count, deadline) -> queues.compose(
                        ready -> (isLong(count) ? ready.single() : ready.many()).count(count, deadline)));
        return Future.succeededFuture();
    }

    private static boolean isLong(Count count) {
        return count.texts().stream().anyMatch(text -> text.length() > LONG);
    }
}
