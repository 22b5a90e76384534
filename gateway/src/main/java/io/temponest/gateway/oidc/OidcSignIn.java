package io.temponest.gateway.oidc;

import io.temponest.account.ExternalIdentity;
import io.temponest.account.IdentityHolder;
import io.temponest.account.UserIdentityStore;
import io.temponest.account.UserStore;
import io.temponest.audit.Actor;
import io.temponest.audit.AuditEntry;
import io.temponest.error.ApiException;
import io.temponest.gateway.auth.ConsoleCookie;
import io.temponest.gateway.auth.Sessions;
import io.temponest.gateway.change.Changes;
import io.temponest.gateway.change.Made;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.Call;
import io.temponest.mail.EmailAddress;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs somebody in to the console whom a provider has identified. The first time, the provider's verified e-mail address says who
 * it is; from then on its subject does, whatever becomes of the address. Nobody gets an account here.
 */
public final class OidcSignIn {

    private static final Logger LOG = LoggerFactory.getLogger(OidcSignIn.class);

    private final UserStore users;
    private final UserIdentityStore identities;
    private final Sessions sessions;
    private final Changes changes;

    public OidcSignIn(UserStore users, UserIdentityStore identities, Sessions sessions, Changes changes) {
        this.users = users;
        this.identities = identities;
        this.sessions = sessions;
        this.changes = changes;
    }

    /** A sign-in that a provider has confirmed. */
    record Confirmed(String provider, Claims claims, String returnTo) {

        ExternalIdentity identity() {
            return claims.identity();
        }
    }

    /** Whether a sign-in's state comes back for the first time; it does so once. */
    Future<Boolean> first(Flow flow) {
        return identities.first(flow.stateSha256());
    }

    Future<Answer> signIn(Call call, Confirmed confirmed) {
        return identities
                .find(confirmed.identity())
                .compose(known -> known.map(who -> begin(call, confirmed, who)).orElseGet(() -> link(call, confirmed)));
    }

    private Future<Answer> link(Call call, Confirmed confirmed) {
        Optional<String> email =
                confirmed.claims().email().flatMap(EmailAddress::parse).map(EmailAddress::text);
        return email.map(identities::findByEmail)
                .orElseGet(() -> Future.succeededFuture(Optional.empty()))
                .compose(found -> {
                    if (!confirmed.claims().emailVerified()) {
                        return refuse(call, confirmed, found, Refusal.EMAIL_UNVERIFIED);
                    }
                    return found.map(who -> begin(call, confirmed, who))
                            .orElseGet(() -> refuse(call, confirmed, found, Refusal.ACCOUNT_UNKNOWN));
                });
    }

    private Future<Answer> begin(Call call, Confirmed confirmed, IdentityHolder who) {
        if (!who.active()) {
            return refuse(call, confirmed, Optional.of(who), Refusal.ACCOUNT_INACTIVE);
        }
        return changes.change(
                        who.tenant(),
                        sql -> identified(sql, confirmed, who)
                                .compose(done -> users.signedIn(sql, who.user()))
                                .compose(still -> still
                                        ? sessions.beginConsole(sql, who.user(), call.actor())
                                        : Future.failedFuture(new Refused(Refusal.ACCOUNT_INACTIVE)))
                                .map(cookie -> Made.of(new Answer.SeeOther(
                                                confirmed.returnTo(),
                                                List.of(ConsoleCookie.set(cookie, Sessions.CONSOLE_LIFE))))
                                        .audited(AuditEntry.success(
                                                call.actor().as(who.user()), "login", who.user(), details(confirmed)))))
                .recover(failure -> failure instanceof Refused refused
                        ? refuse(call, confirmed, Optional.of(who), refused.why)
                        : Future.failedFuture(failure));
    }

    private Future<Void> identified(SqlConnection sql, Confirmed confirmed, IdentityHolder who) {
        return identities
                .link(sql, who.user(), confirmed.identity())
                .compose(done -> identities.use(sql, who.user(), confirmed.identity()))
                .compose(theirs -> theirs
                        ? Future.succeededFuture()
                        : Future.failedFuture(new Refused(Refusal.IDENTITY_CONFLICT)));
    }

    /** Undoes a transaction. */
    private static final class Refused extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final Refusal why;

        Refused(Refusal why) {
            super(why.code(), null, false, false);
            this.why = why;
        }
    }

    /** Notes a refusal with the person whom it concerns, where there is one, and answers it. */
    private Future<Answer> refuse(Call call, Confirmed confirmed, Optional<IdentityHolder> whom, Refusal why) {
        ApiException refusal = why.exception();
        LOG.atInfo()
                .addKeyValue("provider", confirmed.provider())
                .addKeyValue("reason", why.code())
                .log("oidc.refused");
        return whom.map(who -> note(call.actor(), confirmed, who, why))
                .orElseGet(Future::succeededFuture)
                .compose(noted -> Future.failedFuture(refusal));
    }

    private Future<Void> note(Actor from, Confirmed confirmed, IdentityHolder who, Refusal why) {
        AuditEntry entry = AuditEntry.failure(
                from,
                "login",
                who.user(),
                Map.of("method", "oidc", "provider", confirmed.provider(), "reason", why.code()));
        return changes.change(
                        who.tenant(),
                        sql -> Future.succeededFuture(
                                Made.of(new Answer.Empty()).audited(entry)))
                .mapEmpty();
    }

    private static Map<String, Object> details(Confirmed confirmed) {
        return Map.of(
                "method",
                "oidc",
                "provider",
                confirmed.provider(),
                "issuer",
                confirmed.identity().issuer(),
                "subject",
                confirmed.identity().subject());
    }
}
