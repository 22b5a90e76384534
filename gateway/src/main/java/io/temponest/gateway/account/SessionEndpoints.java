package io.temponest.gateway.account;

import io.temponest.account.UserSession;
import io.temponest.account.UserSessionStore;
import io.temponest.audit.AuditEntry;
import io.temponest.error.ApiError;
import io.temponest.gateway.auth.AccessLog;
import io.temponest.gateway.change.Changes;
import io.temponest.gateway.change.Made;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.BodyKind;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.Listing;
import io.temponest.identity.Kind;
import io.temponest.identity.TypeId;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where one is signed in, and signing out: it counts on this node when it is answered, on the others within a second. */
public final class SessionEndpoints {

    private final UserSessionStore sessions;
    private final Changes changes;
    private final AccessLog log;

    public SessionEndpoints(UserSessionStore sessions, Changes changes, AccessLog log) {
        this.sessions = sessions;
        this.changes = changes;
        this.log = log;
    }

    public List<Endpoint> all() {
        return List.of(
                Endpoint.get("/v1/auth/sessions", Access.SELF, this::list),
                Endpoint.delete("/v1/auth/sessions/{user_session}", Access.SELF, this::revoke),
                Endpoint.post("/v1/auth/logout", Access.SELF, BodyKind.NONE, this::logout),
                Endpoint.post("/v1/auth/logout-all", Access.SELF, BodyKind.NONE, this::logoutAll));
    }

    private record SessionView(
            TypeId id,
            String object,
            String kind,
            boolean current,
            Optional<String> address,
            Optional<String> userAgent,
            Instant createdAt,
            Instant lastUsedAt,
            Instant expiresAt) {

        static SessionView of(UserSession session, TypeId current) {
            return new SessionView(
                    session.id(),
                    "session",
                    session.kind(),
                    session.id().equals(current),
                    session.address(),
                    session.userAgent(),
                    session.createdAt(),
                    session.lastUsedAt(),
                    session.expiresAt());
        }
    }

    private Future<Answer> list(Call call) {
        SignedIn who = SignedIn.of(call);
        return sessions.list(call.tenant(), who.user())
                .map(all -> Answer.ok(Listing.all(
                        all.stream()
                                .map(session -> SessionView.of(session, who.session()))
                                .toList(),
                        view -> view.id().toString())));
    }

    private Future<Answer> revoke(Call call) {
        TypeId id = call.id(Kind.USER_SESSION);
        return end(call, SignedIn.of(call).user(), id, "session.revoke");
    }

    Future<Answer> logout(Call call) {
        SignedIn who = SignedIn.of(call);
        return end(call, who.user(), who.session(), "logout");
    }

    private Future<Answer> end(Call call, TypeId user, TypeId session, String action) {
        return changes.change(
                        call,
                        sql -> sessions.revoke(sql, user, session).map(ended -> {
                            if (!ended) {
                                throw ApiError.notFound("session", session.toString())
                                        .exception();
                            }
                            return Made.of(new Answer.Empty())
                                    .audited(AuditEntry.success(call.actor(), action, session, Map.of()));
                        }))
                .compose(answer -> log.changed(call.tenant()).map(answer));
    }

    private Future<Answer> logoutAll(Call call) {
        TypeId user = SignedIn.of(call).user();
        return changes.change(
                        call,
                        sql -> sessions.revokeAll(sql, user, Optional.empty())
                                .map(ended -> Made.of(new Answer.Empty())
                                        .audited(AuditEntry.success(
                                                call.actor(), "logout_all", user, Map.of("sessions", ended)))))
                .compose(answer -> log.changed(call.tenant()).map(answer));
    }
}
