package io.temponest.model.relay;

import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.model.ModelName;
import io.temponest.model.relay.Fault.Kind;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The attempts at one call: who is asked next after a failure, and when nobody is. What a key cannot do another may; what a
 * provider in trouble cannot do it may a moment later, or another provider at once; what is wrong with the request nobody
 * can. Lives on one event loop.
 *
 * @param <T> what an attempt brings
 */
final class Pursuit<T> {

    private static final int MOST_ATTEMPTS = 8;
    private static final int TRIES_OF_THE_LAST = 3;
    private static final int TRIES_OF_OTHERS = 2;
    private static final long FIRST_PAUSE_MS = 50;
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final Duration REST_OF_REFUSED_KEY = Duration.ofMinutes(5);
    private static final Duration REST_OF_LIMITED_KEY = Duration.ofSeconds(1);
    private static final String CIRCUIT_OPEN = "provider_circuit_open";

    private static final Fault LATE = Fault.of(
            Kind.FINAL,
            ApiError.of(
                    ErrorType.TIMEOUT_ERROR, "deadline_exceeded", "No provider could be asked within the deadline."));

    private final Means<T> means;
    private final List<ModelName> targets;
    private final Promise<T> result = Promise.promise();
    private int target;
    private int attempts;
    private int tries;
    private int keysTried;
    private final Set<KeyRing.Key> denied = new HashSet<>();
    private @Nullable Fault denial;
    private @Nullable Fault latest;
    private boolean hedging;
    private boolean awaitsHedge;
    private @Nullable Throwable exhausted;

    /** What it needs of its surroundings. */
    interface Means<T> {

        Optional<KeyRing> keys(ModelName target);

        /** Whether a target failed so often that it is not asked for a while. */
        boolean resting(ModelName target);

        /** Asks; fails with a {@link Fault.Failure}. */
        Future<T> attempt(ModelName target, KeyRing.Key key);

        /** How long somebody still waits for the call; zero or less when nobody does. */
        long leftMs();

        /** Goes on later, on the same event loop. */
        void later(long millis, Runnable action);
    }

    Pursuit(Means<T> means, List<ModelName> targets) {
        this.means = means;
        this.targets = List.copyOf(targets);
    }

    /** Fails with a {@link Fault.Failure}, the last attempt's. */
    Future<T> start() {
        next();
        return result.future();
    }

    int attempts() {
        return attempts;
    }

    /** Asks the second target as well, unless it is its turn anyway or it cannot be asked at once. */
    void hedge() {
        if (over() || target > 0 || targets.size() < 2 || means.leftMs() <= 0) {
            return;
        }
        ModelName model = targets.get(1);
        Optional<KeyRing> ring = means.keys(model);
        if (ring.isEmpty() || means.resting(model)) {
            return;
        }
        KeyRing keys = ring.get();
        keys.next(model.model(), Set.of())
                .filter(key -> keys.rest(key, model.model()).isEmpty())
                .ifPresent(key -> {
                    attempts++;
                    hedging = true;
                    means.attempt(model, key).onComplete(done -> {
                        hedging = false;
                        if (done.succeeded()) {
                            result.tryComplete(done.result());
                        } else {
                            hedgeFailed(done.cause(), model, keys, key);
                        }
                    });
                });
    }

    private void hedgeFailed(Throwable cause, ModelName model, KeyRing keys, KeyRing.Key key) {
        Throwable before = exhausted;
        if (before != null) {
            result.tryFail(before);
        } else if (!awaitsHedge) {
            if (cause instanceof Fault.Failure failure) {
                rest(failure.fault(), model, keys, key);
            }
        } else {
            awaitsHedge = false;
            failed(cause, model, keys, key);
        }
    }

    private void next() {
        if (over()) {
            return;
        }
        if (means.leftMs() <= 0) {
            lose(Objects.requireNonNullElse(latest, LATE).failure());
            return;
        }
        if (hedging && target == 1) {
            awaitsHedge = true;
            return;
        }
        ModelName model = targets.get(target);
        Optional<KeyRing> keys = means.keys(model);
        if (keys.isEmpty()) {
            pass(unknown(model));
        } else if (means.resting(model)) {
            pass(resting(model));
        } else {
            ask(model, keys.get());
        }
    }

    private void ask(ModelName model, KeyRing keys) {
        Optional<KeyRing.Key> next = keys.next(model.model(), denied);
        if (next.isEmpty()) {
            pass(Objects.requireNonNull(denial));
            return;
        }
        Optional<KeyRing.Rest> rest = keys.rest(next.get(), model.model());
        if (rest.isEmpty()) {
            ask(model, keys, next.get());
        } else {
            Fault why = rest.get().why();
            // A key that is only limited may still be allowed what the others are not.
            Fault told = denial == null || why.kind() == Kind.RATE_LIMITED ? why : denial;
            await(rest.get().left(), told);
        }
    }

    private void ask(ModelName model, KeyRing keys, KeyRing.Key key) {
        attempts++;
        means.attempt(model, key).onComplete(done -> {
            if (done.succeeded()) {
                // Only now is it the keys that were at fault, and not the request.
                Fault why = denial;
                if (why != null) {
                    denied.forEach(other -> keys.rest(other, model.model(), REST_OF_REFUSED_KEY, why));
                }
                result.tryComplete(done.result());
            } else {
                failed(done.cause(), model, keys, key);
            }
        });
    }

    private void failed(Throwable cause, ModelName model, KeyRing keys, KeyRing.Key key) {
        if (!(cause instanceof Fault.Failure failure)) {
            lose(cause);
            return;
        }
        Fault fault = failure.fault();
        latest = fault;
        Duration rest = rest(fault, model, keys, key);
        if (attempts >= MOST_ATTEMPTS || means.leftMs() <= 0) {
            lose(failure);
            return;
        }
        switch (fault.kind()) {
            case KEY_REFUSED -> otherKey(keys, () -> pass(fault));
            case DENIED -> {
                denied.add(key);
                denial = fault;
                otherKey(keys, () -> pass(fault));
            }
            case RATE_LIMITED -> otherKey(keys, () -> await(rest, fault));
            case TRANSIENT -> again(fault);
            case RESTING, NOT_THIS_MODEL -> pass(fault);
            case REJECTED, FINAL -> lose(failure);
        }
    }

    /** Lets a key rest that a provider did not like, and says for how long. */
    private Duration rest(Fault fault, ModelName model, KeyRing keys, KeyRing.Key key) {
        Duration span = switch (fault.kind()) {
            case KEY_REFUSED -> fault.hint().orElse(REST_OF_REFUSED_KEY);
            case RATE_LIMITED -> fault.hint().orElse(REST_OF_LIMITED_KEY.multipliedBy(1L << Math.min(keysTried, 4)));
            case DENIED, TRANSIENT, RESTING, NOT_THIS_MODEL, REJECTED, FINAL -> Duration.ZERO;
        };
        if (fault.kind() == Kind.KEY_REFUSED) {
            keys.rest(key, span, fault);
        } else if (fault.kind() == Kind.RATE_LIMITED) {
            keys.rest(key, model.model(), span, fault);
        }
        return span;
    }

    /** Nobody else is asked; what is still being asked may yet answer. */
    private void lose(Throwable cause) {
        if (hedging) {
            exhausted = cause;
        } else {
            result.tryFail(cause);
        }
    }

    private boolean over() {
        return result.future().isComplete();
    }

    private void otherKey(KeyRing keys, Runnable otherwise) {
        keysTried++;
        if (keysTried < keys.size()) {
            next();
        } else {
            otherwise.run();
        }
    }

    /** All keys of a target rest: another target, or the end of the rest where it is near. */
    private void await(Duration rest, Fault fault) {
        boolean worthIt = rest.compareTo(LONGEST_PAUSE) <= 0 && rest.toMillis() < means.leftMs();
        if (!last() || !worthIt || tries >= TRIES_OF_THE_LAST) {
            pass(fault);
            return;
        }
        tries++;
        keysTried = 0;
        means.later(Math.max(1, rest.toMillis()) + jitter(FIRST_PAUSE_MS), this::next);
    }

    private void again(Fault fault) {
        tries++;
        if (tries >= (last() ? TRIES_OF_THE_LAST : TRIES_OF_OTHERS)) {
            pass(fault);
            return;
        }
        long pause = fault.hint()
                .map(hint -> Math.min(hint.toMillis(), LONGEST_PAUSE.toMillis()))
                .orElse(FIRST_PAUSE_MS << tries);
        if (pause >= means.leftMs()) {
            pass(fault);
        } else {
            means.later(pause + jitter(pause), this::next);
        }
    }

    /** On to the next target, if there is one. */
    private void pass(Fault fault) {
        latest = fault;
        if (last()) {
            lose(fault.failure());
            return;
        }
        target++;
        tries = 0;
        keysTried = 0;
        denied.clear();
        denial = null;
        next();
    }

    private boolean last() {
        return target == targets.size() - 1;
    }

    private static long jitter(long most) {
        return ThreadLocalRandom.current().nextLong(Math.max(1, most));
    }

    static Fault resting(ModelName model) {
        return Fault.of(
                Kind.RESTING,
                ApiError.of(
                        ErrorType.OVERLOADED_ERROR,
                        CIRCUIT_OPEN,
                        "Provider '%s' failed repeatedly and is not asked for some seconds."
                                .formatted(model.provider())));
    }

    static boolean resting(ApiError error) {
        return error.code().equals(CIRCUIT_OPEN);
    }

    private static Fault unknown(ModelName model) {
        return Fault.of(
                Kind.REJECTED,
                ApiError.invalid("model", "model_not_found", "No provider for the model '%s'.".formatted(model)));
    }
}
