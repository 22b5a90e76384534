package io.temponest.gateway.limit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;

/** Windows that all nodes share, from which this one holds leases. */
final class LeasedAllowances implements Allowances {

    private static final int MOST_KEYS = 100_000;
    private static final Duration REMEMBERED = Duration.ofMinutes(1);

    private final Vertx vertx;
    private final LeasedKey.Surroundings around;
    private final Cache<Place, LeasedKey> keys = Caffeine.newBuilder()
            .maximumSize(MOST_KEYS)
            .expireAfterAccess(REMEMBERED)
            .build();

    private record Place(LimitKey key, Quota quota) {}

    LeasedAllowances(Vertx vertx, Windows windows) {
        this.vertx = vertx;
        this.around = new LeasedKey.Surroundings(
                windows, System::nanoTime, (millis, action) -> vertx.setTimer(Math.max(1, millis), go -> action.run()));
    }

    @Override
    public Future<Allowance> take(LimitKey key, Quota quota, int amount) {
        Future<Allowance> decided = keys.get(new Place(key, quota), place -> new LeasedKey(around, key, quota))
                .take(amount);
        // An answer that another request has asked for comes on its context: come back to the caller's.
        return decided.isComplete()
                ? decided
                : Future.fromCompletionStage(decided.toCompletionStage(), vertx.getOrCreateContext());
    }
}
