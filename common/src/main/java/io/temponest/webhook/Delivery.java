package io.temponest.webhook;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.temponest.identity.TypeId;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * An event on its way to an endpoint, or at its end.
 *
 * @param event the same for all endpoints, and for a delivery that repeats another
 * @param payload the body, as it is sent
 * @param attempts that have begun
 * @param nextAttemptAt while it is pending
 */
public record Delivery(
        TypeId id,
        TypeId webhook,
        TypeId event,
        String type,
        Status status,
        String payload,
        Optional<TypeId> redeliveryOf,
        int attempts,
        Optional<Instant> nextAttemptAt,
        Instant createdAt,
        Optional<Instant> endedAt) {

    /** Where it stands. */
    public enum Status {
        PENDING,
        DELIVERED,
        FAILED;

        public static Set<String> names() {
            return Arrays.stream(values()).map(Status::toString).collect(Collectors.toSet());
        }

        @JsonCreator
        static Status parse(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }

        @Override
        @JsonValue
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One time that it was sent.
     *
     * @param outcome {@code delivered}, {@code failed}, or {@code lost} with the process that sent it
     * @param statusCode of the answer
     * @param response the answer's first characters
     */
    public record Attempt(
            int attempt,
            String outcome,
            Optional<Integer> statusCode,
            Optional<String> error,
            Optional<String> response,
            Optional<Integer> durationMs,
            Instant createdAt) {}

    /**
     * Which deliveries.
     *
     * @param type of the event
     */
    public record Filter(Optional<String> status, Optional<String> type) {}

    /** A delivery with its attempts, in order. */
    public record Traced(Delivery delivery, List<Attempt> attempts) {
        public Traced {
            attempts = List.copyOf(attempts);
        }
    }
}
