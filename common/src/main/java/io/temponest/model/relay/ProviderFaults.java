package io.temponest.model.relay;

import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.model.relay.Fault.Kind;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What goes wrong between here and a provider, in words for clients. Hosts and addresses are for those who run the server, and
 * stand in the log alone.
 */
final class ProviderFaults {

    private static final Logger LOG = LoggerFactory.getLogger(ProviderFaults.class);

    private final String provider;

    ProviderFaults(String provider) {
        this.provider = provider;
    }

    /** @param begun whether something of the answer has been passed on, after which nothing is tried again */
    Fault silent(Duration patience, boolean begun) {
        ApiError error = ApiError.of(
                ErrorType.TIMEOUT_ERROR,
                "provider_timeout",
                "Provider '%s' was silent for %d s.".formatted(provider, patience.toSeconds()));
        return Fault.of(begun ? Kind.FINAL : Kind.TRANSIENT, error);
    }

    /** The client has no room for more, so that nobody knows what the provider has to say. */
    Fault stalled(Duration patience) {
        ApiError error = ApiError.of(
                ErrorType.REQUEST_TIMEOUT_ERROR,
                "client_stalled",
                "The client took nothing of the answer for %d s.".formatted(patience.toSeconds()));
        return Fault.of(Kind.FINAL, error);
    }

    Fault late() {
        ApiError error = ApiError.of(
                ErrorType.TIMEOUT_ERROR,
                "deadline_exceeded",
                "Provider '%s' did not finish within the deadline.".formatted(provider));
        return Fault.of(Kind.FINAL, error);
    }

    Fault unreachable(Throwable cause) {
        log(cause, "provider.unreachable");
        return upstream("provider_unreachable", "cannot be reached", Kind.TRANSIENT);
    }

    Fault broken(Throwable cause) {
        log(cause, "provider.broken");
        return upstream("provider_stream_broken", "broke the connection off", Kind.TRANSIENT);
    }

    Fault garbled(RuntimeException cause) {
        log(cause, "provider.garbled");
        return upstream("provider_stream_broken", "sent what cannot be read", Kind.TRANSIENT);
    }

    Fault endedEarly() {
        return upstream("provider_stream_broken", "ended the stream too early", Kind.TRANSIENT);
    }

    /** An answer of another kind than was asked for, or a failure that calls itself a success. */
    Fault unreadable() {
        return upstream("provider_answer_unreadable", "sent something else than an answer", Kind.TRANSIENT);
    }

    Fault tooLarge() {
        return upstream("provider_answer_too_large", "sent an answer above 32 MiB", Kind.FINAL);
    }

    private void log(Throwable cause, String event) {
        LOG.atWarn()
                .addKeyValue("provider", provider)
                .addKeyValue("cause", String.valueOf(cause.getMessage()))
                .log(event);
    }

    private Fault upstream(String code, String what, Kind kind) {
        return Fault.of(
                kind, ApiError.of(ErrorType.UPSTREAM_ERROR, code, "Provider '%s' %s.".formatted(provider, what)));
    }
}
