package io.temponest.approval;

import java.util.Optional;

/**
 * How long an agent's approvals stay open, and what then.
 *
 * @param timeoutS seconds, from a minute to 30 days
 * @param remindS seconds between reminders; absent: none
 */
public record ApprovalRule(int timeoutS, OnTimeout onTimeout, Optional<Integer> remindS) {

    private static final int SHORTEST = 60;
    private static final int LONGEST = 30 * 86_400;

    /** A day, and nobody's silence is an agreement. */
    public static final ApprovalRule STANDARD = new ApprovalRule(86_400, OnTimeout.REJECT, Optional.empty());

    public ApprovalRule {
        if (timeoutS < SHORTEST || timeoutS > LONGEST) {
            throw new IllegalArgumentException(
                    "approvals.timeout_s must be from %d to %d".formatted(SHORTEST, LONGEST));
        }
        if (remindS.filter(every -> every < SHORTEST || every > LONGEST).isPresent()) {
            throw new IllegalArgumentException("approvals.remind_s must be from %d to %d".formatted(SHORTEST, LONGEST));
        }
    }

    /** What holds at a risk. */
    public OnTimeout onTimeout(Risk risk) {
        return risk == Risk.HIGH && onTimeout == OnTimeout.APPROVE ? OnTimeout.REJECT : onTimeout;
    }
}
