package io.temponest.approval;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What a person can say: the first two about what is to be done, the others about an effect that is in doubt. */
public enum Decision {
    APPROVE,
    REJECT,
    HAPPENED,
    DID_NOT_HAPPEN,
    TRY_AGAIN;

    @JsonCreator
    public static Decision parse(String text) {
        for (Decision decision : values()) {
            if (decision.toString().equals(text)) {
                return decision;
            }
        }
        throw new IllegalArgumentException(
                "decision must be one of approve, reject, happened, did_not_happen, try_again");
    }

    @Override
    @JsonValue
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
