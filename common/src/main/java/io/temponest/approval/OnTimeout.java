package io.temponest.approval;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What becomes of an approval that nobody decides in time. */
public enum OnTimeout {
    /** It is as if somebody had refused. */
    REJECT,
    /** Everybody is told once more and has the same time again; then it is refused. */
    ESCALATE,
    /** It is as if somebody had agreed; what needs two people is refused all the same. */
    APPROVE;

    @JsonCreator
    public static OnTimeout parse(String text) {
        for (OnTimeout policy : values()) {
            if (policy.toString().equals(text)) {
                return policy;
            }
        }
        throw new IllegalArgumentException("approvals.on_timeout must be one of reject, escalate, approve");
    }

    @Override
    @JsonValue
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
