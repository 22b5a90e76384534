package io.temponest.gateway.limit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Windows of this process alone. */
final class MemoryAllowances implements Allowances {

    /** Beyond it the windows that were not asked for longest are forgotten. */
    private static final int MOST_WINDOWS = 200_000;

    private final LongSupplier millis;
    private final Cache<Place, Window> windows = Caffeine.newBuilder()
            // To wake another thread costs more than what is to be done.
            .executor(Runnable::run)
            .maximumSize(MOST_WINDOWS)
            .expireAfter(Expiry.<Place, Window>accessing((place, window) -> place.life()))
            .build();

    /** Not of the limit's number: one that changes does not begin the window anew. Slots of another width are other slots. */
    private record Place(LimitKey key, long slotMillis, long counted) {

        static Place of(LimitKey key, Quota quota) {
            return new Place(key, quota.slotMillis(), quota.counted());
        }

        Duration life() {
            return Duration.ofMillis((counted + 1) * slotMillis);
        }
    }

    /** @param millis a clock that does not go back */
    MemoryAllowances(LongSupplier millis) {
        this.millis = millis;
    }

    @Override
    public Future<Allowance> take(LimitKey key, Quota quota, int amount) {
        Window window = windows.get(Place.of(key, quota), fresh -> new Window());
        Window.Taken taken = window.take(millis.getAsLong(), quota, amount, amount);
        Usage usage = new Usage(quota, taken.remaining(), Duration.ofMillis(taken.resetMillis()));
        return Future.succeededFuture(
                taken.granted() > 0
                        ? new Allowance.Granted(
                                usage, Allowance.Where.LOCAL, () -> window.giveBack(taken.slot(), amount))
                        : new Allowance.Refused(usage, retryAfter(taken, quota), Allowance.Where.LOCAL));
    }

    static Duration retryAfter(Window.Taken taken, Quota quota) {
        return taken.retryMillis() > 0
                ? Duration.ofMillis(taken.retryMillis())
                : quota.window().multipliedBy(2);
    }
}
