package io.temponest.model.relay;

import io.temponest.bus.Deadline;
import io.temponest.model.Cancellation;
import io.temponest.model.ModelName;
import io.temponest.model.ProviderKind.Operation;
import io.temponest.model.wire.Form;
import io.temponest.model.wire.RequestScan;
import io.temponest.spend.Account;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/**
 * A call to be relayed.
 *
 * @param form of the client's request, and of the answer that it wants
 * @param body as the client sent it
 * @param requestId as the client knows it
 * @param scan what was read in it
 * @param targets who is asked, in this order; at least one
 * @param wholeToo whether an answer in one piece will do where a stream was asked for
 * @param hedge whether the second is asked as well when the first is slow to begin
 * @param cancellation asked for when the client has gone
 * @param recorded whether the answer is taken down, see {@link Settled#answer}
 */
public record RelayCall(
        Operation operation,
        Form form,
        Buffer body,
        String requestId,
        RequestScan scan,
        Account payer,
        List<ModelName> targets,
        boolean wholeToo,
        boolean hedge,
        Deadline deadline,
        Cancellation cancellation,
        boolean recorded) {

    /** Whether the answer is to be a stream. */
    boolean streams() {
        return operation == Operation.CHAT && scan.stream();
    }

    public RelayCall {
        targets = List.copyOf(targets);
        if (targets.isEmpty()) {
            throw new IllegalArgumentException("a call needs a target");
        }
    }

    /** What of the body is not pictures, whose size says nothing of what they cost. */
    long textBytes() {
        return Math.max(0, body.length() - scan.imageBytes());
    }
}
