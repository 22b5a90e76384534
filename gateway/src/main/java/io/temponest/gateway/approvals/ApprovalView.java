package io.temponest.gateway.approvals;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.approval.Approval;
import io.temponest.approval.Decision;
import io.temponest.approval.OnTimeout;
import io.temponest.approval.Risk;
import io.temponest.identity.TypeId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** An approval as clients see it. */
record ApprovalView(
        TypeId id,
        String object,
        TypeId runId,
        int step,
        String agent,
        String kind,
        Optional<String> tool,
        Risk risk,
        int required,
        JsonNode arguments,
        @JsonProperty("arguments_sha256") String argumentsSha256,
        int revision,
        String status,
        Optional<String> answer,
        List<VoteView> votes,
        Optional<TypeId> requestedBy,
        OnTimeout onTimeout,
        Instant expiresAt,
        Optional<Instant> escalatedAt,
        int reminders,
        Instant createdAt,
        Optional<Instant> decidedAt) {

    /** Void where its revision is not the approval's. */
    record VoteView(TypeId userId, Decision decision, int revision, Optional<String> comment, Instant createdAt) {}

    static ApprovalView of(Approval approval) {
        return new ApprovalView(
                approval.id(),
                "approval",
                approval.run(),
                approval.seq(),
                approval.agent(),
                approval.kind(),
                approval.tool(),
                approval.risk(),
                approval.required(),
                approval.arguments(),
                approval.argumentsSha256(),
                approval.revision(),
                approval.status(),
                approval.answer(),
                approval.votes().stream()
                        .map(vote -> new VoteView(
                                vote.user(), vote.decision(), vote.revision(), vote.comment(), vote.createdAt()))
                        .toList(),
                approval.requestedBy(),
                approval.onTimeout(),
                approval.expiresAt(),
                approval.escalatedAt(),
                approval.reminders(),
                approval.createdAt(),
                approval.decidedAt());
    }
}
