package io.temponest.gateway.auth;

import io.temponest.account.OpaqueToken;
import io.temponest.account.OpaqueToken.Use;
import io.temponest.account.RefreshTokenStore;
import io.temponest.account.RefreshTokenStore.Presented;
import io.temponest.account.User;
import io.temponest.account.UserSessionStore;
import io.temponest.account.UserStore;
import io.temponest.audit.Actor;
import io.temponest.audit.AuditEntry;
import io.temponest.audit.AuditStore;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Begins and continues the sessions of people who have proved who they are. */
public final class Sessions {

    /** How long a console session lasts, and a session with tokens after its last refresh. */
    public static final Duration CONSOLE_LIFE = Duration.ofHours(12);

    static final Duration REFRESH_LIFE = Duration.ofDays(30);

    private final Postgres postgres;
    private final Stores stores;
    private final AccessTokens tokens;
    private final AccessLog log;
    private final Minting minting;

    /** Where sessions are kept. */
    public record Stores(UserStore users, UserSessionStore sessions, RefreshTokenStore refreshTokens) {}

    /** @param random a source of secrets, such as {@link java.security.SecureRandom} */
    public record Minting(Ids ids, RandomGenerator random, InstantSource clock) {}

    /**
     * What a client goes on with.
     *
     * @param expiresIn seconds that the access token is good for
     */
    public record Tokens(String accessToken, String refreshToken, String tokenType, long expiresIn) {

        @Override
        public String toString() {
            return "Tokens[***]";
        }
    }

    public Sessions(Postgres postgres, Stores stores, AccessTokens tokens, AccessLog log, Minting minting) {
        this.postgres = postgres;
        this.stores = stores;
        this.tokens = tokens;
        this.log = log;
        this.minting = minting;
    }

    /** What came of a refresh token, once the transaction is through. */
    private sealed interface Refresh {
        record Renewed(Tokens tokens) implements Refresh {}

        record Reused() implements Refresh {}

        record Over() implements Refresh {}
    }

    /** Begins a session with tokens in the caller's transaction of the person's tenant. */
    public Future<Tokens> begin(SqlConnection sql, TypeId user, Actor from) {
        return stores.sessions()
                .begin(sql, user, Optional.empty(), REFRESH_LIFE, from)
                .compose(session -> issue(sql, user, session.orElseThrow(Sessions::over)));
    }

    /** Begins a console session in the caller's transaction of the person's tenant. @return what its cookie holds */
    public Future<OpaqueToken> beginConsole(SqlConnection sql, TypeId user, Actor from) {
        OpaqueToken cookie = OpaqueToken.make(Use.CONSOLE, minting.random());
        return stores.sessions()
                .begin(sql, user, Optional.of(cookie.sha256()), CONSOLE_LIFE, from)
                .map(session -> session.map(begun -> cookie).orElseThrow(Sessions::over));
    }

    private Future<Tokens> issue(SqlConnection sql, TypeId user, TypeId session) {
        OpaqueToken refresh = OpaqueToken.make(Use.REFRESH, minting.random());
        return stores.refreshTokens()
                .insert(sql, session, refresh, REFRESH_LIFE)
                .compose(done -> stores.users().get(sql, user))
                .map(found -> new Tokens(
                        tokens.sign(accessToken(found.orElseThrow(Sessions::over), session)),
                        refresh.text().reveal(),
                        "Bearer",
                        AccessTokens.LIFETIME.toSeconds()));
    }

    private AccessToken accessToken(User user, TypeId session) {
        Instant now = minting.clock().instant();
        return new AccessToken(
                minting.ids().next(Kind.REQUEST).uuid().toString(),
                session,
                user.id(),
                user.tenant(),
                user.roles(),
                user.permissions(),
                now,
                now.plus(AccessTokens.LIFETIME));
    }

    /** New tokens for a refresh token, which is good once. Whoever brings one again ends the session: one of two has stolen it. */
    public Future<Tokens> refresh(String text, Actor from) {
        Optional<OpaqueToken> token = OpaqueToken.parse(Use.REFRESH, text);
        if (token.isEmpty()) {
            return Future.failedFuture(over());
        }
        return stores.refreshTokens()
                .tenantOf(token.get())
                .compose(tenant -> tenant.map(known -> refresh(known, token.get(), from))
                        .orElseGet(() -> Future.failedFuture(over())));
    }

    private Future<Tokens> refresh(TenantId tenant, OpaqueToken token, Actor from) {
        return postgres.inTenant(
                        tenant,
                        sql -> stores.refreshTokens()
                                .present(sql, token)
                                .compose(presented -> presented
                                        .map(known -> judge(sql, known, from))
                                        .orElseGet(() -> Future.succeededFuture(new Refresh.Over()))))
                .compose(outcome -> switch (outcome) {
                    case Refresh.Renewed(Tokens renewed) -> Future.succeededFuture(renewed);
                    case Refresh.Reused() -> log.changed(tenant).compose(done -> Future.failedFuture(over()));
                    case Refresh.Over() -> Future.failedFuture(over());
                });
    }

    private Future<Refresh> judge(SqlConnection sql, Presented presented, Actor from) {
        TypeId session = presented.session();
        TypeId user = presented.user();
        if (presented.used()) {
            return stores.sessions()
                    .revoke(sql, user, session)
                    .compose(done -> AuditStore.append(
                            sql, AuditEntry.failure(from, "refresh_token.reuse", session, Map.of("user", user))))
                    .map(new Refresh.Reused());
        }
        if (!presented.good()) {
            return Future.succeededFuture(new Refresh.Over());
        }
        return stores.users().get(sql, user).compose(found -> {
            if (found.filter(User::active).isEmpty()) {
                return Future.succeededFuture(new Refresh.Over());
            }
            return stores.refreshTokens()
                    .use(sql, presented.id())
                    .compose(done -> stores.sessions().usedAgain(sql, session, REFRESH_LIFE))
                    .compose(done -> issue(sql, user, session))
                    .map(Refresh.Renewed::new);
        });
    }

    private static ApiException over() {
        return ApiError.of(
                        ErrorType.AUTHENTICATION_ERROR,
                        "refresh_token_invalid",
                        "The refresh token is not valid, or not any more; sign in again.")
                .exception();
    }
}
