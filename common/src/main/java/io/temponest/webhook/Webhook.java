package io.temponest.webhook;

import com.fasterxml.jackson.annotation.JsonValue;
import io.temponest.identity.TypeId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * An endpoint that is told of events.
 *
 * @param active whether its tenant wants it to be told
 * @param disabled why the program does not tell it all the same
 * @param previousSecretUntil when the secret before its own stops to sign
 */
public record Webhook(
        TypeId id,
        String name,
        String description,
        String url,
        List<String> events,
        Duration timeout,
        RetryPolicy retries,
        boolean active,
        Optional<Disabled> disabled,
        Optional<Instant> previousSecretUntil,
        Instant createdAt,
        Instant updatedAt) {

    /** Since when, and why. */
    public record Disabled(Instant at, Reason reason) {}

    /** Why the program stopped telling an endpoint. */
    public enum Reason {
        /** It answered 410. */
        GONE,
        /** Nothing was delivered for five days. */
        FAILING;

        @Override
        @JsonValue
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Webhook {
        events = List.copyOf(events);
    }

    /** Whether anything is sent to it. */
    public boolean told() {
        return active && disabled.isEmpty();
    }
}
