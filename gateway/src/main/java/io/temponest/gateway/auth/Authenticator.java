package io.temponest.gateway.auth;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.temponest.account.ApiKeyStore;
import io.temponest.account.ApiKeyText;
import io.temponest.account.KeyHolder;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.gateway.auth.AccessTokens.Verified;
import io.temponest.identity.Principal;
import io.temponest.identity.Sha256;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Finds out who makes a request, from {@code Authorization: Bearer} or {@code X-API-Key}. Remembers for a short while what it
 * has verified. Safe for use by any context; failures are {@link io.temponest.error.ApiException}s of type
 * {@code authentication_error}.
 */
public final class Authenticator {

    private static final Duration REMEMBERED = Duration.ofSeconds(30);
    private static final Duration MISS_REMEMBERED = Duration.ofSeconds(5);

    /** A look-up that hangs must not be joined by all who come with the same key. */
    private static final Duration LOOK_UP = Duration.ofSeconds(5);

    private static final int MOST = 50_000;
    private static final String BEARER = "bearer ";

    private final Vertx vertx;
    private final AccessTokens tokens;
    private final ApiKeyStore keys;
    private final InstantSource clock;
    private final Cache<ByteBuffer, AccessToken> verified;
    private final AsyncCache<String, Optional<KeyHolder>> holders;

    public Authenticator(Vertx vertx, AccessTokens tokens, ApiKeyStore keys, InstantSource clock) {
        this.vertx = vertx;
        this.tokens = tokens;
        this.keys = keys;
        this.clock = clock;
        this.verified = Caffeine.newBuilder()
                .maximumSize(MOST)
                .expireAfterWrite(REMEMBERED)
                .build();
        this.holders = Caffeine.newBuilder()
                .maximumSize(MOST)
                .expireAfter(Expiry.<String, Optional<KeyHolder>>creating(
                        (prefix, holder) -> holder.isPresent() ? REMEMBERED : MISS_REMEMBERED))
                .buildAsync();
    }

    public Future<Principal> authenticate(MultiMap headers) {
        String authorization = headers.get("authorization");
        String key = headers.get("x-api-key");
        if (authorization == null && key == null) {
            return refused("credentials_missing", "This needs an access token or an API key.");
        }
        if (authorization == null) {
            return byKey(key.strip());
        }
        if (!authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return refused("credentials_unsupported", "Authorization must be of the form 'Bearer …'.");
        }
        String credential = authorization.substring(BEARER.length()).strip();
        return credential.startsWith(ApiKeyText.START) ? byKey(credential) : byToken(credential);
    }

    private Future<Principal> byToken(String text) {
        Instant now = clock.instant();
        ByteBuffer digest = ByteBuffer.wrap(Sha256.of(text));
        AccessToken known = verified.getIfPresent(digest);
        if (known != null && known.expiresAt().isAfter(now)) {
            return Future.succeededFuture(known.principal());
        }
        return switch (tokens.verify(text, now)) {
            case Verified.Valid(AccessToken token) -> {
                verified.put(digest, token);
                yield Future.succeededFuture(token.principal());
            }
            case Verified.Expired() -> refused("token_expired", "The access token has expired.");
            case Verified.Invalid() -> refused("token_invalid", "The access token is not valid.");
        };
    }

    private Future<Principal> byKey(String text) {
        Optional<ApiKeyText> key = ApiKeyText.parse(text);
        if (key.isEmpty()) {
            return refusedKey();
        }
        // A look-up that another request has started completes on its own context: come back to the caller's.
        return Future.fromCompletionStage(
                        holders.get(
                                key.get().prefix(),
                                (prefix, executor) -> keys.find(prefix)
                                        .timeout(LOOK_UP.toMillis(), TimeUnit.MILLISECONDS)
                                        .toCompletionStage()
                                        .toCompletableFuture()),
                        vertx.getOrCreateContext())
                .compose(holder -> holder.filter(found -> found.matches(key.get()) && !found.expired(clock.instant()))
                        .map(found -> Future.succeededFuture(found.principal()))
                        .orElseGet(Authenticator::refusedKey));
    }

    /** Forgets what is remembered of a key. */
    public void forget(String prefix) {
        holders.synchronous().invalidate(prefix);
    }

    private static Future<Principal> refusedKey() {
        return refused("api_key_invalid", "The API key is not valid.");
    }

    private static Future<Principal> refused(String code, String message) {
        return Future.failedFuture(
                ApiError.of(ErrorType.AUTHENTICATION_ERROR, code, message).exception());
    }
}
