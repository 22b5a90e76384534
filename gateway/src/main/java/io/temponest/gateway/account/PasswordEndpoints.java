package io.temponest.gateway.account;

import io.temponest.account.OpaqueToken;
import io.temponest.account.OpaqueToken.Use;
import io.temponest.account.PasswordResetStore;
import io.temponest.account.SignIn;
import io.temponest.account.SignInLockStore.Attempt;
import io.temponest.account.UserSessionStore;
import io.temponest.account.UserStore;
import io.temponest.account.UserStore.Password;
import io.temponest.audit.AuditEntry;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
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

/** Choosing another password, with the old one or with what was sent by mail. It ends all other sessions. */
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
    record Stores(UserStore users, UserSessionStore sessions, PasswordResetStore resets) {}

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
                                .matches(call, new Attempt(known.email(), call.actor()), old, Optional.of(known.hash()))
                                .compose(matches -> matches
                                        ? passwords.hash(call, "new_password", given.newPassword(), known.email())
                                        : Future.failedFuture(wrong()))
                                .compose(hash -> changes.change(
                                        call,
                                        sql -> set(sql, who.user(), hash, Optional.of(who.session()))
                                                .map(done -> made(call, who.user(), "password.change"))));
                    });
                })
                .compose(answer -> log.changed(call.tenant()).map(answer));
    }

    private static ApiException wrong() {
        return ApiError.invalid("old_password", "password_wrong", "'old_password' is not the password.")
                .exception();
    }

    /** @param stays the session that goes on */
    private Future<Void> set(SqlConnection sql, TypeId user, String hash, Optional<TypeId> stays) {
        return stores.users()
                .setPassword(sql, user, hash)
                .compose(active -> active ? Future.succeededFuture() : Future.failedFuture(PasswordSignIn.refused()))
                .compose(done -> stores.resets().spend(sql, user))
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
            return call.limitAccount(email).map(within -> {
                stores.users()
                        .findByEmail(email)
                        .compose(found -> found.filter(SignIn::active)
                                .map(user -> send(call, user, email))
                                .orElseGet(Future::succeededFuture))
                        .onFailure(failure -> LOG.atWarn()
                                .addKeyValue("cause", failure.getMessage())
                                .log("password.reset_not_sent"));
                return new Answer.Json(202, new Asked("password_reset", "accepted"), Map.of());
            });
        });
    }

    private Future<Void> send(Call call, SignIn user, String email) {
        OpaqueToken token = OpaqueToken.make(Use.PASSWORD_RESET, post.random());
        Mail mail = new Mail(
                email, "Choose another password", """
                Somebody asked to choose another password for your account at TempoNest. If it was not you, ignore this message.

                The token for POST /v1/auth/password-reset/confirm, good for one hour and once:

                %s
                """.formatted(token.text().reveal()));
        return changes.change(
                        user.tenant(),
                        sql -> stores.resets()
                                .insert(sql, user.user(), token, RESET_LIFE)
                                .map(done -> Made.of(new Answer.Empty())
                                        .audited(AuditEntry.success(
                                                call.actor(), "password_reset.ask", user.user(), Map.of()))))
                .compose(done -> post.mailer().send(mail));
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
            TypeId user = open.orElseThrow(PasswordEndpoints::spent).user();
            return set(sql, user, hash, Optional.empty()).map(done -> made(call, user, "password.reset"));
        });
    }

    private static ApiException spent() {
        return ApiError.invalid("token", "token_invalid", "'token' is not valid, or not any more.")
                .exception();
    }
}
