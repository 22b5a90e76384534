package io.temponest.model.relay;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.temponest.model.ModelName;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/** How long models usually take to begin: the 95th percentile of the last {@value #KEPT} answers. Safe for any thread. */
final class FirstTokens {

    static final int KEPT = 64;
    static final int LEAST = 20;

    private static final int MOST_MODELS = 1_000;

    private final Cache<ModelName, Times> models = Caffeine.newBuilder()
            // To wake another thread costs more than what is to be done.
            .executor(Runnable::run)
            .maximumSize(MOST_MODELS)
            .build();

    private static final class Times {

        private final long[] nanos = new long[KEPT];
        private int count;

        synchronized void add(long taken) {
            nanos[count % KEPT] = taken;
            count++;
        }

        synchronized Optional<Duration> usual() {
            if (count < LEAST) {
                return Optional.empty();
            }
            long[] sorted = Arrays.copyOf(nanos, Math.min(count, KEPT));
            Arrays.sort(sorted);
            return Optional.of(Duration.ofNanos(sorted[(int) Math.ceil(sorted.length * 0.95) - 1]));
        }
    }

    void took(ModelName model, Duration time) {
        Objects.requireNonNull(models.get(model, fresh -> new Times())).add(time.toNanos());
    }

    /** Empty until there is enough to go by. */
    Optional<Duration> usual(ModelName model) {
        Times times = models.getIfPresent(model);
        return times == null ? Optional.empty() : times.usual();
    }
}
