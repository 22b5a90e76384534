package io.temponest.gateway.account;

import io.temponest.account.OpaqueToken;
import io.temponest.account.User;
import io.temponest.account.UserStore;
import io.temponest.gateway.auth.ConsoleCookie;
import io.temponest.gateway.auth.JwtKeys;
import io.temponest.gateway.auth.Sessions;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.BodyKind;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.Fields;
import io.temponest.gateway.limit.RouteClass;
import io.temponest.identity.Principal;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Signing in with a password and going on with a refresh token, who one is, and the keys that tokens are verified with. */
public final class SignInEndpoints {

    private static final int LONGEST_TOKEN = 200;

    private final UserStore users;
    private final PasswordSignIn signIn;
    private final Sessions sessions;
    private final JwtKeys keys;

    public SignInEndpoints(UserStore users, PasswordSignIn signIn, Sessions sessions, JwtKeys keys) {
        this.users = users;
        this.signIn = signIn;
        this.sessions = sessions;
        this.keys = keys;
    }

    public List<Endpoint> all() {
        return List.of(
                Endpoint.post("/v1/auth/login", Access.PUBLIC, BodyKind.JSON, this::login)
                        .limited(RouteClass.LOGIN),
                Endpoint.post("/v1/auth/refresh", Access.PUBLIC, BodyKind.JSON, this::refresh)
                        .limited(RouteClass.REFRESH),
                Endpoint.get("/v1/auth/me", Access.SELF, this::me),
                Endpoint.get(
                        "/.well-known/jwks.json",
                        Access.PUBLIC,
                        call -> Future.succeededFuture(new Answer.Ready(
                                "application/json",
                                Buffer.buffer(keys.jwks()),
                                Map.of("cache-control", "public, max-age=300")))));
    }

    private Future<Answer> login(Call call) {
        return signIn.signIn(
                call,
                user -> sql -> sessions.begin(sql, user.user(), call.actor()).map(Answer::ok));
    }

    private record Refresh(Optional<String> refreshToken) {}

    private Future<Answer> refresh(Call call) {
        return call.body(Refresh.class)
                .compose(given -> sessions.refresh(
                        Fields.text("refresh_token", given.refreshToken(), LONGEST_TOKEN), call.actor()))
                .map(Answer::ok);
    }

    /** Who makes the request. */
    record Me(
            String object,
            TypeId id,
            Optional<String> email,
            Optional<String> fullName,
            TenantId tenantId,
            List<String> roles,
            List<String> permissions,
            Optional<String> csrfToken) {

        static Me of(User user, List<String> permissions, Optional<OpaqueToken> cookie) {
            return new Me(
                    "user",
                    user.id(),
                    Optional.of(user.email()),
                    Optional.of(user.fullName()),
                    user.tenant(),
                    user.roles(),
                    permissions,
                    cookie.map(ConsoleCookie::csrfToken));
        }
    }

    private Future<Answer> me(Call call) {
        Principal by = call.principal();
        List<String> permissions = Rights.names(by.permissions());
        if (by.user().isEmpty()) {
            return Future.succeededFuture(Answer.ok(new Me(
                    "api_key",
                    by.apiKey().orElseThrow(),
                    Optional.empty(),
                    Optional.empty(),
                    by.tenant(),
                    List.of(),
                    permissions,
                    Optional.empty())));
        }
        return users.get(by.tenant(), by.user().get())
                .map(found -> Answer.ok(
                        Me.of(found.orElseThrow(PasswordSignIn::refused), permissions, call.consoleCookie())));
    }
}
