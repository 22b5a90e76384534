package io.temponest.model.relay;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.temponest.config.Secret;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The keys of one provider, used in turn. A key that was refused or limited rests until its time has come, for one model or for
 * all, and is the last to be tried when all rest. Safe for any thread.
 */
final class KeyRing {

    /** Rests of single models; clients name the models, so there is a bound. */
    private static final int MOST_MODELS = 1_000;

    private final List<Secret> keys;
    private final List<Key> all;
    private final LongSupplier nanos;
    private final AtomicInteger turn = new AtomicInteger();
    private final Map<Integer, Until> ofKeys = new ConcurrentHashMap<>();
    private final Cache<Place, Until> ofModels =
            Caffeine.newBuilder().maximumSize(MOST_MODELS).build();

    KeyRing(List<Secret> keys, LongSupplier nanos) {
        this.keys = List.copyOf(keys);
        this.all = keys.isEmpty()
                ? List.of(new Key(0, Optional.empty()))
                : IntStream.range(0, keys.size())
                        .mapToObj(place -> new Key(place, Optional.of(keys.get(place))))
                        .toList();
        this.nanos = nanos;
    }

    /** One of them, by its place. */
    record Key(int place, Optional<Secret> secret) {}

    /**
     * A key's rest.
     *
     * @param left more than zero
     * @param why what the provider said, with what is left as its hint
     */
    record Rest(Duration left, Fault why) {}

    private record Place(int key, String model) {}

    private record Until(long nanos, Fault why) {

        Until orLater(Until other) {
            return other.nanos - nanos > 0 ? other : this;
        }
    }

    /** How many there are to try; a provider without keys has one try. */
    int size() {
        return all.size();
    }

    /**
     * The next key that does not rest for a model; where all do, the one whose rest ends first.
     *
     * @param without keys that are left out; empty is returned where these are all
     */
    Optional<Key> next(String model, Set<Key> without) {
        int first = Math.floorMod(turn.getAndIncrement(), size());
        Optional<Key> best = Optional.empty();
        Duration least = Duration.ZERO;
        for (int i = 0; i < size(); i++) {
            Key key = all.get((first + i) % size());
            if (without.contains(key)) {
                continue;
            }
            Optional<Rest> rest = rest(key, model);
            if (rest.isEmpty()) {
                return Optional.of(key);
            }
            // Of equals the one whose turn it is.
            if (best.isEmpty() || rest.get().left().compareTo(least) < 0) {
                best = Optional.of(key);
                least = rest.get().left();
            }
        }
        return best;
    }

    /** A key's rest; empty where it may be used. */
    Optional<Rest> rest(Key key, String model) {
        if (ofKeys.isEmpty() && ofModels.asMap().isEmpty()) {
            return Optional.empty();
        }
        Place place = new Place(key.place(), model);
        return Stream.of(
                        Optional.ofNullable(ofKeys.get(key.place())), Optional.ofNullable(ofModels.getIfPresent(place)))
                .flatMap(Optional::stream)
                .reduce(Until::orLater)
                .filter(until -> until.nanos() - nanos.getAsLong() > 0)
                .map(until -> {
                    Duration left = Duration.ofNanos(Math.max(1, until.nanos() - nanos.getAsLong()));
                    Fault why = until.why();
                    return new Rest(left, new Fault(why.kind(), why.error(), Optional.of(left)));
                });
    }

    /** Leaves a key out for a while, whatever the model. */
    void rest(Key key, Duration span, Fault why) {
        if (!keys.isEmpty()) {
            ofKeys.merge(key.place(), until(span, why), Until::orLater);
        }
    }

    /** Leaves a key out for a while for one model. */
    void rest(Key key, String model, Duration span, Fault why) {
        if (!keys.isEmpty()) {
            ofModels.asMap().merge(new Place(key.place(), model), until(span, why), Until::orLater);
        }
    }

    private Until until(Duration span, Fault why) {
        return new Until(nanos.getAsLong() + span.toNanos(), why);
    }
}
