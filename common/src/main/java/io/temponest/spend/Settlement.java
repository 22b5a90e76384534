package io.temponest.spend;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Duration;
import java.util.Locale;

/**
 * How a call ended.
 *
 * @param cost what it did cost; recorded as it is, even where it is more than what was granted
 * @param latency from its opening to its end
 */
public record Settlement(Status status, Usage usage, Usd cost, Duration latency) {

    /** The ledger's statuses. {@link #LOST}: nobody knows how it ended, because the process that made it died. */
    public enum Status {
        SUCCEEDED((byte) 's'),
        FAILED((byte) 'f'),
        CANCELLED((byte) 'c'),
        LOST((byte) 'l');

        private final byte code;

        Status(byte code) {
            this.code = code;
        }

        /** In the journal. */
        byte code() {
            return code;
        }

        static Status of(byte code) {
            for (Status status : values()) {
                if (status.code == code) {
                    return status;
                }
            }
            throw new IllegalArgumentException("no status has the code " + code);
        }

        @Override
        @JsonValue
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
