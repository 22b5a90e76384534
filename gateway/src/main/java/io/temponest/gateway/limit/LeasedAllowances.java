package io.temponest.gateway.limit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Windows that all nodes share, from which this one holds leases. */
final class LeasedAllowances implements Allowances {

    private static final int MOST_KEYS = 100_000;
    private static final long REMEMBERED = Duration.ofMinutes(1).toNanos();

    private final Vertx vertx;
    private final LeasedKey.Surroundings around;
    private final Cache<Place, LeasedKey> keys;

    private record Place(LimitKey key, Quota quota) {}

    /** @param nanos a clock that does not go back */
    LeasedAllowances(Vertx vertx, Windows windows, LongSupplier nanos) {
        this.vertx = vertx;
        this.around = new LeasedKey.Surroundings(
                windows, nanos, (millis, action) -> vertx.setTimer(Math.max(1, millis), go -> action.run()));
        this.keys = Caffeine.newBuilder()
                .maximumSize(MOST_KEYS)
                .ticker(nanos::getAsLong)
                .expireAfter(Expiry.<Place, LeasedKey>accessing(
                        (place, key) -> Duration.ofNanos(Math.max(REMEMBERED, key.refusedFor()))))
                .build();
    }

    @Override
    public Future<Allowance> take(LimitKey key, Quota quota, int amount) {
        Place place = new Place(key, quota);
        LeasedKey window = keys.get(place, fresh -> new LeasedKey(around, key, quota));
        Future<Allowance> decided = window.take(amount).onSuccess(said -> {
            if (said instanceof Allowance.Refused) {
                // Put anew, it is kept for as long as the refusal stands.
                keys.put(place, window);
            }
        });
        // An answer that another request has asked for comes on its context: come back to the caller's.
        return decided.isComplete()
                ? decided
                : Future.fromCompletionStage(decided.toCompletionStage(), vertx.getOrCreateContext());
    }
}
