package io.temponest.account;

import io.temponest.audit.Actor;
import io.temponest.identity.Sha256;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

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

    private static final String SUCCEEDED = "select sign_in_succeeded($1)";

    private static final String NOTE =
            "insert into login_attempts (account, address, user_agent, outcome) values ($1, $2, $3, $4)";

    private final Postgres postgres;

    public SignInLockStore(Postgres postgres) {
        this.postgres = postgres;
    }

    /** Who is trying: an e-mail address, from a client. */
    public record Attempt(String email, Actor from) {

        private Buffer account() {
            return Buffer.buffer(Sha256.of("account:" + email.toLowerCase(Locale.ROOT)));
        }

        private Optional<Buffer> address() {
            return from.address().map(address -> Buffer.buffer(Sha256.of("address:" + address)));
        }
    }

    /** How long an attempt has to wait; noted where that is not nothing. */
    public Future<Duration> wait(Attempt attempt) {
        Buffer[] subjects = attempt.address()
                .map(address -> new Buffer[] {attempt.account(), address})
                .orElseGet(() -> new Buffer[] {attempt.account()});
        return postgres.withoutTenant(sql -> sql.preparedQuery(WAIT)
                .execute(Tuple.tuple().addArrayOfBuffer(subjects))
                .map(rows -> Duration.ofMillis(rows.iterator().next().getLong("millis")))
                .compose(wait -> wait.isZero()
                        ? Future.succeededFuture(wait)
                        : note(sql, attempt, "locked").map(wait)));
    }

    /** Counts a wrong password. */
    public Future<Void> failed(Attempt attempt) {
        return postgres.withoutTenant(sql -> failed(sql, attempt.account(), FREE_OF_ACCOUNT)
                .compose(done -> attempt.address()
                        .map(address -> failed(sql, address, FREE_OF_ADDRESS))
                        .orElseGet(Future::succeededFuture))
                .compose(done -> note(sql, attempt, "refused")));
    }

    private static Future<Void> failed(SqlConnection sql, Buffer subject, int free) {
        return sql.preparedQuery(FAILED).execute(Tuple.of(subject, free)).mapEmpty();
    }

    /** Forgives the account, not the address, in the caller's transaction. */
    public Future<Void> succeeded(SqlConnection sql, Attempt attempt) {
        return sql.preparedQuery(SUCCEEDED)
                .execute(Tuple.of(attempt.account()))
                .compose(done -> note(sql, attempt, "success"));
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
