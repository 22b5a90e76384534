package io.temponest.approval;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.identity.TypeId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A question that a run has for people.
 *
 * @param seq of the step that waits
 * @param kind {@code start}, {@code tool} or {@code in_doubt}
 * @param required how many have to agree
 * @param arguments that they agree to
 * @param argumentsSha256 of the canonical text of the arguments, in hexadecimal
 * @param revision of the arguments, from 1
 * @param status pending, approved, rejected, answered, expired or cancelled
 * @param answer about an effect that was in doubt
 * @param requestedBy the person whose run it is
 * @param reminders how often people were reminded
 */
public record Approval(
        TypeId id,
        TypeId run,
        int seq,
        String agent,
        String kind,
        Optional<String> tool,
        Risk risk,
        int required,
        JsonNode arguments,
        String argumentsSha256,
        int revision,
        String status,
        Optional<String> answer,
        Optional<TypeId> requestedBy,
        OnTimeout onTimeout,
        Instant expiresAt,
        Optional<Instant> escalatedAt,
        int reminders,
        List<Vote> votes,
        Instant createdAt,
        Optional<Instant> decidedAt) {

    public Approval {
        votes = List.copyOf(votes);
    }

    /**
     * What one person has said.
     *
     * @param revision that it was said about; a vote for an earlier one than the approval's is void
     */
    public record Vote(TypeId user, Decision decision, int revision, Optional<String> comment, Instant createdAt) {}
}
