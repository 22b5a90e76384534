package io.temponest.egress;

import java.util.Locale;

/** Why there is no answer, in words for the tenant whose address it was. It has no stack trace: it is an answer, not a bug. */
public final class EgressFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What went wrong. */
    public enum Kind {
        /** The URL, or what its name leads to, is out of bounds. Nothing was connected to. */
        REFUSED,
        /** The name leads nowhere. */
        UNRESOLVED,
        /** Nobody took the connection. */
        UNREACHABLE,
        /** The other end did not prove to be who the URL names. */
        UNTRUSTED,
        TIMED_OUT,
        /** The connection was lost, or what came over it was no HTTP. */
        BROKEN;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Kind kind;

    EgressFailure(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    /** @param message goes on after the name of the URL's field */
    static EgressFailure refused(String message) {
        return new EgressFailure(Kind.REFUSED, message);
    }

    public Kind kind() {
        return kind;
    }
}
