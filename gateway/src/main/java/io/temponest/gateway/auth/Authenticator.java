package io.temponest.gateway.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.temponest.account.AccessChange;
import io.temponest.account.ApiKeyStore;
import io.temponest.account.ApiKeyText;
import io.temponest.account.ConsoleHolder;
import io.temponest.account.KeyHolder;
import io.temponest.account.OpaqueToken;
import io.temponest.account.UserSessionStore;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.gateway.auth.AccessTokens.Verified;
import io.temponest.identity.KeyLimits;
import io.temponest.identity.Permission;
import io.temponest.identity.Principal;
import io.temponest.identity.Sha256;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who makes a request: from {@code Authorization: Bearer} or {@code X-API-Key}, and where there is neither from the
 * console's cookie. What was verified is remembered for a short while; what was revoked counts for each request all the same, and
 * what people may do is what their roles say now, whatever their token says. Safe for use by any context; failures are
 * {@link io.temponest.error.ApiException}s.
 */
public final class Authenticator {

    private static final Duration REMEMBERED = Duration.ofSeconds(30);
    private static final int MOST = 50_000;
    private static final String BEARER = "bearer ";

    private final AccessTokens tokens;
    private final Stores stores;
    private final AccessLog log;
    private final InstantSource clock;
    private final Cache<ByteBuffer, AccessToken.Holder> verified;
    private final Remembered<String, KnownKey> keys;
    private final Remembered<Buffer, ConsoleHolder> consoles;

    /** Without a bound in number: to forget one would be to let somebody in. */
    private final Cache<UUID, Boolean> revoked = Caffeine.newBuilder()
            .expireAfterWrite(AccessTokens.LIFETIME.plusMinutes(2))
            .build();

    /** A key, with whom it stood for when somebody last asked. */
    private static final class KnownKey {

        private final KeyHolder holder;
        private volatile @Nullable Owned latest;

        private record Owned(Set<Permission> may, Principal principal) {}

        KnownKey(KeyHolder holder) {
            this.holder = holder;
        }

        KeyHolder holder() {
            return holder;
        }

        /** @param may what its owner may do; the same set, for as long as that does not change */
        Principal principal(Set<Permission> may) {
            Owned known = latest;
            if (known == null || !known.may().equals(may)) {
                Set<Permission> both = EnumSet.noneOf(Permission.class);
                both.addAll(holder.principal().permissions());
                both.retainAll(may);
                known = new Owned(may, holder.principal().atMost(both));
                latest = known;
            }
            return known.principal();
        }
    }

    /** What it asks, and what it tells. */
    public record Stores(ApiKeyStore keys, UserSessionStore sessions, UserRights rights, UsageStamps stamps) {}

    public Authenticator(Vertx vertx, AccessTokens tokens, Stores stores, AccessLog log, InstantSource clock) {
        this.tokens = tokens;
        this.stores = stores;
        this.log = log;
        this.clock = clock;
        this.verified = Caffeine.newBuilder()
                .maximumSize(MOST)
                .expireAfterWrite(REMEMBERED)
                .build();
        this.keys = new Remembered<>(vertx, REMEMBERED);
        this.consoles = new Remembered<>(vertx, REMEMBERED);
    }

    /** @param attempt is begun before the database is asked about credentials that are not remembered */
    public Future<Principal> authenticate(HttpServerRequest request, Attempt attempt) {
        if (!log.current()) {
            return Future.failedFuture(ApiError.of(
                            ErrorType.OVERLOADED_ERROR,
                            "database_unavailable",
                            "The database is not available; try again shortly.")
                    .exception());
        }
        MultiMap headers = request.headers();
        String authorization = headers.get("authorization");
        String key = headers.get("x-api-key");
        if (authorization == null && key == null) {
            return ConsoleCookie.of(headers)
                    .map(cookie -> byCookie(request, cookie, attempt))
                    .orElseGet(() -> refused("credentials_missing", "This needs an access token or an API key."));
        }
        if (authorization == null) {
            return byKey(key.strip(), attempt);
        }
        if (!authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return refused("credentials_unsupported", "Authorization must be of the form 'Bearer …'.");
        }
        String credential = authorization.substring(BEARER.length()).strip();
        return credential.startsWith(ApiKeyText.START) ? byKey(credential, attempt) : byToken(credential);
    }

    private Future<Principal> byToken(String text) {
        Instant now = clock.instant();
        ByteBuffer digest = ByteBuffer.wrap(Sha256.of(text));
        AccessToken.Holder known = verified.getIfPresent(digest);
        if (known != null && known.expiresAt().isAfter(now)) {
            return signedIn(known.tenant(), known.user(), known.session());
        }
        return switch (tokens.verify(text, now)) {
            case Verified.Valid(AccessToken.Holder holder) -> {
                verified.put(digest, holder);
                yield signedIn(holder.tenant(), holder.user(), holder.session());
            }
            case Verified.Expired() -> refused("token_expired", "The access token has expired.");
            case Verified.Invalid() -> refused("token_invalid", "The access token is not valid.");
        };
    }

    private Future<Principal> signedIn(TenantId tenant, TypeId user, TypeId session) {
        if (revoked.getIfPresent(session.uuid()) != null) {
            return refusedSession();
        }
        return stores.rights()
                .of(tenant, user)
                .compose(rightsNow -> rightsNow
                        .map(may -> Future.succeededFuture(new Principal(
                                tenant,
                                Optional.of(user),
                                Optional.empty(),
                                Optional.of(session),
                                may,
                                KeyLimits.NONE)))
                        .orElseGet(Authenticator::refusedSession));
    }

    private Future<Principal> byCookie(HttpServerRequest request, OpaqueToken cookie, Attempt attempt) {
        Buffer digest = cookie.sha256();
        return consoles.get(digest, attempt::begin, () -> stores.sessions().findConsole(digest))
                .compose(holder -> {
                    if (holder.filter(found -> found.expiresAt().isAfter(clock.instant()))
                            .isEmpty()) {
                        return refusedSession();
                    }
                    Optional<ApiError> forged = ConsoleCookie.refusal(
                            request.method(), Objects.toString(request.authority(), ""), request.headers(), cookie);
                    if (forged.isPresent()) {
                        return Future.failedFuture(forged.get().exception());
                    }
                    stores.stamps().session(holder.get().session());
                    return signedIn(
                            holder.get().tenant(),
                            holder.get().user(),
                            holder.get().session());
                });
    }

    private Future<Principal> byKey(String text, Attempt attempt) {
        Optional<ApiKeyText> key = ApiKeyText.parse(text);
        if (key.isEmpty()) {
            return refusedKey();
        }
        String prefix = key.get().prefix();
        return keys.get(prefix, attempt::begin, () -> stores.keys().find(prefix).map(found -> found.map(KnownKey::new)))
                .compose(known -> known.filter(found -> found.holder().matches(key.get())
                                && !found.holder().expired(clock.instant()))
                        .map(this::asOwner)
                        .orElseGet(Authenticator::refusedKey));
    }

    /** A person's key may do no more than the person. */
    private Future<Principal> asOwner(KnownKey key) {
        Principal by = key.holder().principal();
        by.apiKey().ifPresent(stores.stamps()::key);
        if (by.user().isEmpty()) {
            return Future.succeededFuture(by);
        }
        return stores.rights()
                .of(by.tenant(), by.user().get())
                .compose(owner -> owner.map(may -> Future.succeededFuture(key.principal(may)))
                        .orElseGet(Authenticator::refusedKey));
    }

    /** Takes note of a change; from here on it counts. */
    public void forget(AccessChange change) {
        switch (change.what()) {
            case SESSION -> revoked.put(UUID.fromString(change.subject()), true);
            case USER -> stores.rights().changed(change.tenant(), UUID.fromString(change.subject()));
            case KEY -> keys.forget(change.subject());
        }
    }

    private static Future<Principal> refusedSession() {
        return refused("session_ended", "The session has ended; sign in again.");
    }

    /** Forgets every access token that was verified: a key may be gone. */
    public void forgetTokens() {
        verified.invalidateAll();
    }

    private static Future<Principal> refusedKey() {
        return refused("api_key_invalid", "The API key is not valid.");
    }

    private static Future<Principal> refused(String code, String message) {
        return Future.failedFuture(
                ApiError.of(ErrorType.AUTHENTICATION_ERROR, code, message).exception());
    }
}
