package io.temponest.gateway.approvals;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.temponest.approval.ApprovalStore;
import io.temponest.approval.ApprovalStore.NewVote;
import io.temponest.approval.Decision;
import io.temponest.gateway.http.Fields;
import io.temponest.identity.Principal;
import io.temponest.identity.TypeId;
import java.util.List;
import java.util.Optional;

/** What a person says of an approval, as the path lets them. */
sealed interface DecisionFields {

    int LONGEST_COMMENT = 2_000;

    /** The same as a vote of those who call. */
    NewVote of(Principal who, TypeId approval);

    /**
     * Yes.
     *
     * @param revision of the arguments that they have seen
     * @param argumentsSha256 of those arguments
     */
    record Approve(
            Optional<Integer> revision,
            @JsonProperty("arguments_sha256") Optional<String> argumentsSha256,
            Optional<String> comment)
            implements DecisionFields {

        @Override
        public NewVote of(Principal who, TypeId approval) {
            return vote(who, approval, Decision.APPROVE, new Seen(revision, argumentsSha256), remark(comment));
        }
    }

    /** No, and why: the model is told. */
    record Reject(
            Optional<Integer> revision,
            @JsonProperty("arguments_sha256") Optional<String> argumentsSha256,
            Optional<String> reason)
            implements DecisionFields {

        @Override
        public NewVote of(Principal who, TypeId approval) {
            String why = Fields.text("reason", reason, LONGEST_COMMENT);
            return vote(who, approval, Decision.REJECT, new Seen(revision, argumentsSha256), Optional.of(why));
        }
    }

    /** What became of an effect in doubt, whose arguments nobody changes. */
    record InDoubt(Optional<Integer> revision, Optional<String> answer, Optional<String> comment)
            implements DecisionFields {

        private static final List<Decision> ANSWERS =
                List.of(Decision.HAPPENED, Decision.DID_NOT_HAPPEN, Decision.TRY_AGAIN);

        @Override
        public NewVote of(Principal who, TypeId approval) {
            String said = Fields.required("answer", answer);
            Decision decision = ANSWERS.stream()
                    .filter(known -> known.toString().equals(said))
                    .findFirst()
                    .orElseThrow(() -> Fields.invalid("answer", "must be one of happened, did_not_happen, try_again"));
            return vote(who, approval, decision, new Seen(revision, Optional.empty()), remark(comment));
        }
    }

    /** What they had before them. */
    record Seen(Optional<Integer> revision, Optional<String> sha256) {

        private Optional<byte[]> hash() {
            return sha256.map(text -> ApprovalStore.sha256(text)
                    .orElseThrow(
                            () -> Fields.invalid("arguments_sha256", "must be a SHA-256 of 64 hexadecimal digits")));
        }
    }

    private static NewVote vote(
            Principal who, TypeId approval, Decision decision, Seen seen, Optional<String> comment) {
        return new NewVote(
                approval,
                who.user(),
                who.apiKey(),
                decision,
                Fields.required("revision", seen.revision()),
                seen.hash(),
                comment);
    }

    private static Optional<String> remark(Optional<String> comment) {
        return comment.map(text -> Fields.text("comment", comment, LONGEST_COMMENT));
    }
}
