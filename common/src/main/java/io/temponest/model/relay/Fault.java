package io.temponest.model.relay;

import io.temponest.bus.Deadline;
import io.temponest.error.ApiError;
import java.time.Duration;
import java.util.Optional;

/**
 * Why a provider gave no answer.
 *
 * @param kind what may help
 * @param error for the client, should nothing help
 * @param hint how long the provider asks to wait
 */
public record Fault(Kind kind, ApiError error, Optional<Duration> hint) {

    /** What may help. */
    public enum Kind {
        /** 401, or a key without money: another key, for all models. */
        KEY_REFUSED,
        /** 402, 403: another key may be allowed what this one is not; where none is, the request is refused. */
        DENIED,
        /** 429: another key, or the same one later. */
        RATE_LIMITED,
        /** 5xx, no connection, silence, a stream that broke off: the same again, or another provider. */
        TRANSIENT,
        /** The request itself is at fault. */
        REJECTED,
        /** The provider failed so often that it is not asked for a while: another provider. */
        RESTING,
        /** This model cannot be asked for this call: another may. */
        NOT_THIS_MODEL,
        /** The caller's deadline has passed, the caller has gone, or a budget is used up: nothing. */
        FINAL
    }

    /** A failure in the workers: nothing helps when it comes from the caller's own deadline. */
    static Fault inWorkers(ApiError error, Deadline deadline) {
        return of(deadline.remainingMillis() <= 1 ? Kind.FINAL : Kind.TRANSIENT, error);
    }

    static Fault of(Kind kind, ApiError error) {
        return new Fault(kind, error, Optional.empty());
    }

    /** Carries a fault through a future. */
    static final class Failure extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final transient Fault fault;

        Failure(Fault fault) {
            super(fault.error().message(), null, false, false);
            this.fault = fault;
        }

        Fault fault() {
            return fault;
        }
    }

    Failure failure() {
        return new Failure(this);
    }

    /** Whether it says nothing about the provider. */
    boolean ours() {
        return kind == Kind.FINAL;
    }

    /** Whether it says that the provider itself is in trouble, not this request or this key. */
    boolean provesTrouble() {
        return kind == Kind.TRANSIENT;
    }
}
