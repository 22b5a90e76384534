package io.temponest.gateway.account;

import io.temponest.account.SignIn;
import io.temponest.account.SignInLockStore.Attempt;
import io.temponest.account.UserStore;
import io.temponest.audit.AuditEntry;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.temponest.gateway.change.Changes;
import io.temponest.gateway.change.Made;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Fields;
import io.temponest.mail.EmailAddress;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Signing in with a password, for whatever kind of session. */
public final class PasswordSignIn {

    private static final Logger LOG = LoggerFactory.getLogger(PasswordSignIn.class);

    private final UserStore users;
    private final Passwords passwords;
    private final Changes changes;

    public PasswordSignIn(UserStore users, Passwords passwords, Changes changes) {
        this.users = users;
        this.passwords = passwords;
        this.changes = changes;
    }

    /** What a person signs in with. */
    record Credentials(Optional<String> email, Optional<String> password) {}

    /** Begins a session in the transaction that notes the sign-in. */
    interface Beginning extends Function<SqlConnection, Future<Answer>> {}

    /** An address that nobody has takes as long as a wrong password, and is answered in the same words. */
    Future<Answer> signIn(Call call, Function<SignIn, Beginning> session) {
        return call.body(Credentials.class).compose(given -> {
            String email = Fields.text("email", given.email(), EmailAddress.LONGEST);
            String password = Fields.text("password", given.password(), Passwords.LONGEST);
            Attempt attempt = Passwords.attempt(call, email);
            return call.limitAccount(EmailAddress.key(email))
                    .compose(within -> find(email))
                    .compose(found -> check(call, attempt, password, found))
                    .compose(user -> changes.change(
                            user.tenant(),
                            sql -> begin(sql, user, attempt)
                                    .compose(done -> session.apply(user).apply(sql))
                                    .map(answer -> Made.of(answer)
                                            .audited(AuditEntry.success(
                                                    call.actor().as(user.user()),
                                                    "login",
                                                    user.user(),
                                                    Map.of("method", "password"))))));
        });
    }

    /** What is no address is nobody's. */
    private Future<Optional<SignIn>> find(String email) {
        return EmailAddress.parse(email)
                .map(address -> users.findByEmail(address.text()))
                .orElseGet(() -> Future.succeededFuture(Optional.empty()));
    }

    /** Whoever may not sign in is checked as nobody is, so that nothing tells one from the other. */
    private Future<SignIn> check(Call call, Attempt attempt, String password, Optional<SignIn> found) {
        Optional<SignIn> able = found.filter(SignIn::active);
        return passwords
                .matches(call, attempt, password, able.map(SignIn::passwordHash))
                .onFailure(refused -> found.ifPresent(user -> noteLocked(call, attempt, user)))
                .map(matches -> {
                    if (!matches) {
                        found.ifPresent(user -> note(call, user, user.active() ? "password_wrong" : "inactive"));
                    }
                    return able.filter(user -> matches).orElseThrow(PasswordSignIn::refused);
                });
    }

    /** The first attempt that a lock refuses is noted, and none after it: they are as many as somebody likes. */
    private void noteLocked(Call call, Attempt attempt, SignIn user) {
        passwords
                .locks()
                .firstRefusal(attempt)
                .onSuccess(first -> {
                    if (first) {
                        note(call, user, "locked");
                    }
                })
                .onFailure(failure -> lost(user, failure));
    }

    private Future<Void> begin(SqlConnection sql, SignIn user, Attempt attempt) {
        return users.signedIn(sql, user.user(), user.passwordHash())
                .compose(still -> still ? passwords.locks().succeeded(sql, attempt) : Future.failedFuture(refused()));
    }

    /** Not waited for: the time of the answer must not tell whether there is such an account. */
    private void note(Call call, SignIn user, String reason) {
        AuditEntry entry = AuditEntry.failure(call.actor(), "login", user.user(), Map.of("reason", reason));
        changes.change(
                        user.tenant(),
                        sql -> Future.succeededFuture(
                                Made.of(new Answer.Empty()).audited(entry)))
                .onFailure(failure -> lost(user, failure));
    }

    private static void lost(SignIn user, Throwable failure) {
        LOG.atError()
                .addKeyValue("tenant", user.tenant())
                .addKeyValue("cause", failure.getMessage())
                .log("audit.append_failed");
    }

    static ApiException refused() {
        return ApiError.of(
                        ErrorType.AUTHENTICATION_ERROR,
                        "credentials_invalid",
                        "The e-mail address or password is wrong.")
                .exception();
    }
}
