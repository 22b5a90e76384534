package io.temponest.store;

import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import java.io.IOException;
import java.util.Optional;

/** The one place that reads SQLSTATE (PostgreSQL manual, appendix A). */
public final class SqlFailure {

    private static final String UNIQUE_VIOLATION = "23505";
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private SqlFailure() {}

    /** The failure as an answer where it is one (the database is away or busy); else the failure itself, which is a bug. */
    static Throwable translate(Throwable failure) {
        if (failure instanceof ApiException) {
            return failure;
        }
        if (isUnstorableText(failure)) {
            return ApiError.of(
                            ErrorType.INVALID_REQUEST_ERROR,
                            "text_not_storable",
                            "A text holds the character U+0000, which cannot be stored.")
                    .exception();
        }
        return isRetryable(failure) ? new Unavailable(failure) : failure;
    }

    /** PostgreSQL stores no NUL: 22021 says so of a text, 22P05 of one within JSON. */
    private static boolean isUnstorableText(Throwable failure) {
        return failure instanceof PgException pg
                && ("22021".equals(pg.getSqlState()) || "22P05".equals(pg.getSqlState()));
    }

    /** Whether the same work may succeed when it is done again: lost connection, conflict, or a server that starts or stops. */
    public static boolean isRetryable(Throwable failure) {
        if (failure instanceof Unavailable) {
            return true;
        }
        if (failure instanceof PgException pg) {
            String state = pg.getSqlState();
            // 08 connection, 40 rollback, 53 resources, 57 operator intervention (57014 is our own statement time-out)
            return state != null
                    && (state.startsWith("08")
                            || state.startsWith("40")
                            || state.startsWith("53")
                            || state.startsWith("57")
                            || state.equals(LOCK_NOT_AVAILABLE));
        }
        return failure instanceof ClosedConnectionException
                || failure instanceof IOException
                || poolIsFull(String.valueOf(failure.getMessage()));
    }

    /** The client has no types for these. */
    private static boolean poolIsFull(String message) {
        return message.contains("wait queue") || message.startsWith("Timeout");
    }

    /** Whether a lock was not had in the time that the transaction was ready to wait. */
    public static boolean lockTimedOut(Throwable failure) {
        return failure instanceof PgException pg && LOCK_NOT_AVAILABLE.equals(pg.getSqlState());
    }

    /** The name of the unique constraint that a write ran into, if that is what failed. */
    public static Optional<String> duplicate(Throwable failure) {
        return failure instanceof PgException pg && UNIQUE_VIOLATION.equals(pg.getSqlState())
                ? Optional.ofNullable(pg.getConstraint())
                : Optional.empty();
    }

    /** The database did not answer; nothing is known to have happened. */
    public static final class Unavailable extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Unavailable(Throwable cause) {
            super("the database is not available: " + cause.getMessage(), cause);
        }

        public ApiError error() {
            return ApiError.of(
                    ErrorType.OVERLOADED_ERROR,
                    "database_unavailable",
                    "The database is not available; try again shortly.");
        }
    }
}
