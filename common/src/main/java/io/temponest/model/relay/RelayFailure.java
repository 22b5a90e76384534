package io.temponest.model.relay;

import io.temponest.error.ApiException;
import java.time.Duration;
import java.util.Optional;

/** Nobody answers a call, and trying again at once cannot help: all that could was tried. */
public final class RelayFailure extends ApiException {

    private static final long serialVersionUID = 1L;

    private final transient Fault fault;

    RelayFailure(Fault fault) {
        super(fault.error());
        this.fault = fault;
    }

    /** When to come again, where a provider said so or a budget will have room. */
    public Optional<Duration> retryAfter() {
        return switch (fault.kind()) {
            case RATE_LIMITED, RESTING -> Optional.of(fault.hint().orElse(Duration.ofSeconds(1)));
            case KEY_REFUSED, DENIED, TRANSIENT, NOT_THIS_MODEL, REJECTED, FINAL -> Optional.empty();
        };
    }

    /** Whether the provider is not asked for a while because it failed often; the same call may be made later. */
    public boolean resting() {
        return fault.kind() == Fault.Kind.RESTING;
    }

    /** Whether the same call may succeed later. */
    public boolean passing() {
        return switch (fault.kind()) {
            case RATE_LIMITED, RESTING, TRANSIENT -> true;
            case KEY_REFUSED, DENIED, NOT_THIS_MODEL, REJECTED, FINAL -> false;
        };
    }
}
