package io.temponest.gateway.account;

import io.temponest.account.ApiKeyStore;
import io.temponest.account.OpaqueToken;
import io.temponest.account.OpaqueToken.Use;
import io.temponest.account.PasswordResetStore;
import io.temponest.account.PasswordResetStore.Open;
import io.temponest.account.SignIn;
import io.temponest.account.UserSessionStore;
import io.temponest.account.UserStore;
import io.temponest.account.UserStore.Password;
import io.temponest.audit.AuditEntry;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.temponest.gateway.auth.AccessLog;
import io.temponest.gateway.change.Changes;
import io.temponest.gateway.change.Made;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.BodyKind;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.Fields;
import io.temponest.gateway.limit.RouteClass;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.mail.EmailAddress;
import io.temponest.mail.Mail;
import io.temponest.mail.Mailer;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Choosing another password, with the old one or with what was sent by mail. It ends all other sessions. What was sent by mail is
 * for accounts that others may have got into, so it ends the person's keys too, and lets them in at once.
 */
final class PasswordEndpoints {

    private static final Logger LOG = LoggerFactory.getLogger(PasswordEndpoints.class);
    private static final Duration RESET_LIFE = Duration.ofHours(1);
    private static final int LONGEST_TOKEN = 200;

    private final Stores stores;
    private final Passwords passwords;
    private final Changes changes;
    private final AccessLog log;
    private final Post post;

    /** Where people, their sessions and their resets are. */
    record Stores(UserStore users, UserSessionStore sessions, PasswordResetStore resets, ApiKeyStore keys) {}

    /** How tokens are made and sent. */
    record Post(Mailer mailer, RandomGenerator random) {}

    PasswordEndpoints(Stores stores, Passwords passwords, Changes changes, AccessLog log, Post post) {
        this.stores = stores;
        this.passwords = passwords;
        this.changes = changes;
        this.log = log;
        this.post = post;
    }

    List<Endpoint> all() {
        return List.of(
                Endpoint.post("/v1/auth/password", Access.SELF, BodyKind.JSON, this::change)
                        .limited(RouteClass.RESET),
                Endpoint.post("/v1/auth/password-reset", Access.PUBLIC, BodyKind.JSON, this::ask)
                        .limited(RouteClass.RESET),
                Endpoint.post("/v1/auth/password-reset/confirm", Access.PUBLIC, BodyKind.JSON, this::confirm)
                        .limited(RouteClass.REFRESH));
    }

    private record ChangePassword(Optional<String> oldPassword, Optional<String> newPassword) {}

    private Future<Answer> change(Call call) {
        SignedIn who = SignedIn.of(call);
        return call.body(ChangePassword.class)
                .compose(given -> {
                    String old = Fields.text("old_password", given.oldPassword(), Passwords.LONGEST);
                    return stores.users().password(call.tenant(), who.user()).compose(found -> {
                        Password known = found.orElseThrow(PasswordSignIn::refused);
                        return passwords
                                .matches(call, Passwords.attempt(call, known.email()), old, Optional.of(known.hash()))
                                .compose(matches -> matches
                                        ? passwords.hash(call, "new_password", given.newPassword(), known.email())
                                        : Future.failedFuture(wrong()))
                                .compose(hash -> changes.change(
                                        call,
                                        sql -> change(sql, who, known.hash(), hash)
                                                .map(done -> made(call, who.user(), "password.change"))));
                    });
                })
                .compose(answer -> log.changed(call.tenant()).map(answer));
    }

    private static ApiException wrong() {
        return ApiError.invalid("old_password", "password_wrong", "'old_password' is not the password.")
                .exception();
    }

    /** Hashing takes its time: what was checked before, and the session, may have been another's to end meanwhile. */
    private Future<Void> change(SqlConnection sql, SignedIn who, String from, String to) {
        return stores.users()
                .changePassword(sql, who.user(), from, to)
                .compose(same -> same ? Future.succeededFuture() : Future.failedFuture(wrong()))
                .compose(done -> stores.sessions().hold(sql, who.user(), who.session()))
                .compose(goesOn -> goesOn ? Future.succeededFuture() : Future.failedFuture(ended()))
                .compose(done -> end(sql, who.user(), Optional.of(who.session())));
    }

    private static ApiException ended() {
        return ApiError.of(ErrorType.AUTHENTICATION_ERROR, "session_ended", "The session has ended; sign in again.")
                .exception();
    }

    /** @param stays the session that goes on */
    private Future<Void> end(SqlConnection sql, TypeId user, Optional<TypeId> stays) {
        return stores.resets()
                .spend(sql, user)
                .compose(done -> stores.sessions().revokeAll(sql, user, stays))
                .mapEmpty();
    }

    private static Made made(Call call, TypeId user, String action) {
        return Made.of(new Answer.Empty())
                .audited(AuditEntry.success(call.actor().as(user), action, user, Map.of()));
    }

    private record AskReset(Optional<String> email) {}

    private record Asked(String object, String status) {}

    /** Answered before anything is looked up: neither words nor time tell whether there is such an account. */
    private Future<Answer> ask(Call call) {
        return call.body(AskReset.class).compose(given -> {
            String email = Emails.read("email", given.email());
            return call.limitAccount(EmailAddress.key(email)).map(within -> {
                stores.users()
                        .findByEmail(email)
                        .compose(found -> found.filter(SignIn::active)
                                .map(user -> send(call, user))
                                .orElseGet(Future::succeededFuture))
                        .onFailure(PasswordEndpoints::notSent);
                return new Answer.Json(202, new Asked("password_reset", "accepted"), Map.of());
            });
        });
    }

    /** To the address that the account has, not to a spelling of it that somebody has typed. */
    private Future<Void> send(Call call, SignIn user) {
        OpaqueToken token = OpaqueToken.make(Use.PASSWORD_RESET, post.random());
        return changes.change(
                        user.tenant(),
                        sql -> stores.resets()
                                .insert(sql, user.user(), token, RESET_LIFE)
                                .compose(done -> stores.users().password(sql, user.user()))
                                .map(found -> mail(
                                        found.orElseThrow(PasswordSignIn::refused)
                                                .email(),
                                        token))
                                .map(mail -> Made.of(new Answer.Empty())
                                        .audited(AuditEntry.success(
                                                call.actor(), "password_reset.ask", user.user(), Map.of()))
                                        .then(() -> post.mailer().send(mail).onFailure(PasswordEndpoints::notSent))))
                .mapEmpty();
    }

    private static void notSent(Throwable failure) {
        LOG.atWarn().addKeyValue("cause", failure.getMessage()).log("password.reset_not_sent");
    }

    private static Mail mail(String to, OpaqueToken token) {
        return new Mail(
                to, "Choose another password", """
                Somebody asked to choose another password for your account at TempoNest. If it was not you, ignore this message.

                The token for POST /v1/auth/password-reset/confirm, good for one hour and once:

                %s
                """.formatted(token.text().reveal()));
    }

    private record Confirm(Optional<String> token, Optional<String> password) {}

    private Future<Answer> confirm(Call call) {
        return call.body(Confirm.class).compose(given -> {
            OpaqueToken token = OpaqueToken.parse(
                            Use.PASSWORD_RESET, Fields.text("token", given.token(), LONGEST_TOKEN))
                    .orElseThrow(PasswordEndpoints::spent);
            return stores.resets().tenantOf(token).compose(found -> {
                TenantId tenant = found.orElseThrow(PasswordEndpoints::spent);
                return stores.resets()
                        .open(tenant, token)
                        .compose(open -> passwords.hash(
                                call,
                                "password",
                                given.password(),
                                open.orElseThrow(PasswordEndpoints::spent).email()))
                        .compose(hash -> changes.change(tenant, sql -> confirmed(sql, call, token, hash)))
                        .compose(answer -> log.changed(tenant).map(answer));
            });
        });
    }

    private Future<Made> confirmed(SqlConnection sql, Call call, OpaqueToken token, String hash) {
        return stores.resets().open(sql, token).compose(open -> {
            Open reset = open.orElseThrow(PasswordEndpoints::spent);
            return stores.users()
                    .setPassword(sql, reset.user(), hash)
                    .compose(active -> active ? Future.succeededFuture() : Future.failedFuture(spent()))
                    .compose(done -> end(sql, reset.user(), Optional.empty()))
                    .compose(done -> stores.keys().revokeOf(sql, reset.user()))
                    .compose(done -> passwords.locks().lift(sql, reset.email()))
                    .map(done -> made(call, reset.user(), "password.reset"));
        });
    }

    private static ApiException spent() {
        return ApiError.invalid("token", "token_invalid", "'token' is not valid, or not any more.")
                .exception();
    }
}
