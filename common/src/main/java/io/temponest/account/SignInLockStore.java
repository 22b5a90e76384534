package io.temponest.account;

import io.temponest.audit.Actor;
import io.temponest.identity.Sha256;
import io.temponest.mail.EmailAddress;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;

/**
 * Slows down whoever guesses passwords: after some failures of an account or from an address each further one doubles the time
 * until the next attempt is looked at. An account that does not exist is treated as one that does.
 */
public final class SignInLockStore {

    private static final int FREE_OF_ACCOUNT = 5;

    /** Many people may come from one address. */
    private static final int FREE_OF_ADDRESS = 20;

    private static final String WAIT = "select sign_in_wait($1) as millis";

    private static final String FAILED = "select sign_in_failed($1, $2)";

    private static final String FIRST_REFUSAL = "select sign_in_refused($1) as first";

    private static final String SUCCEEDED = "select sign_in_succeeded($1)";

    private static final String NOTE =
            "insert into login_attempts (account, address, user_agent, outcome) values ($1, $2, $3, $4)";

    private final Postgres postgres;

    public SignInLockStore(Postgres postgres) {
        this.postgres = postgres;
    }

    /**
     * Who is trying.
     *
     * @param email what was given as an address, in any spelling
     * @param site what the client's site has: an address, or a network of IPv6
     */
    public record Attempt(String email, String site, Actor from) {

        private Buffer account() {
            return SignInLockStore.account(email);
        }

        private Buffer address() {
            return Buffer.buffer(Sha256.of("address:" + site));
        }

        private Tuple subjects() {
            return Tuple.tuple().addArrayOfBuffer(new Buffer[] {account(), address()});
        }
    }

    private static Buffer account(String email) {
        return Buffer.buffer(Sha256.of("account:" + EmailAddress.key(email)));
    }

    /** How long an attempt has to wait; noted where that is not nothing. */
    public Future<Duration> wait(Attempt attempt) {
        return postgres.withoutTenant(sql -> sql.preparedQuery(WAIT)
                .execute(attempt.subjects())
                .map(rows -> Duration.ofMillis(rows.iterator().next().getLong("millis")))
                .compose(wait -> wait.isZero()
                        ? Future.succeededFuture(wait)
                        : note(sql, attempt, "locked").map(wait)));
    }

    /** Counts a wrong password. */
    public Future<Void> failed(Attempt attempt) {
        return postgres.withoutTenant(sql -> failed(sql, attempt.account(), FREE_OF_ACCOUNT)
                .compose(done -> failed(sql, attempt.address(), FREE_OF_ADDRESS))
                .compose(done -> note(sql, attempt, "refused")));
    }

    private static Future<Void> failed(SqlConnection sql, Buffer subject, int free) {
        return sql.preparedQuery(FAILED).execute(Tuple.of(subject, free)).mapEmpty();
    }

    /** Whether an attempt that had to wait is the first that a lock refuses; from now on none is. */
    public Future<Boolean> firstRefusal(Attempt attempt) {
        return postgres.withoutTenant(sql -> sql.preparedQuery(FIRST_REFUSAL)
                .execute(attempt.subjects())
                .map(rows -> rows.iterator().next().getBoolean("first")));
    }

    /** Forgives the account, not the address, in the caller's transaction. */
    public Future<Void> succeeded(SqlConnection sql, Attempt attempt) {
        return lift(sql, attempt.email()).compose(done -> note(sql, attempt, "success"));
    }

    /** Forgives an account in the caller's transaction: its person has proved who they are in another way. */
    public Future<Void> lift(SqlConnection sql, String email) {
        return sql.preparedQuery(SUCCEEDED).execute(Tuple.of(account(email))).mapEmpty();
    }

    private static Future<Void> note(SqlConnection sql, Attempt attempt, String outcome) {
        return sql.preparedQuery(NOTE)
                .execute(Tuple.tuple()
                        .addBuffer(attempt.account())
                        .addString(attempt.from().address().orElse(null))
                        .addString(attempt.from().userAgent().orElse(null))
                        .addString(outcome))
                .mapEmpty();
    }
}
