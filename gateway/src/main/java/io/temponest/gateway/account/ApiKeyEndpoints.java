package io.temponest.gateway.account;

import io.temponest.account.ApiKey;
import io.temponest.account.ApiKeyStore;
import io.temponest.account.NewApiKey;
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
import io.temponest.gateway.http.Query;
import io.temponest.gateway.limit.RouteClass;
import io.temponest.identity.KeyLimits;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.TypeId;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Issuing, listing and revoking API keys. */
public final class ApiKeyEndpoints {

    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_LIFE_DAYS = 3_650;
    private static final int HIGHEST_LIMIT = 1_000_000_000;

    private final ApiKeyStore keys;
    private final Changes changes;
    private final AccessLog log;
    private final InstantSource clock;

    public ApiKeyEndpoints(ApiKeyStore keys, Changes changes, AccessLog log, InstantSource clock) {
        this.keys = keys;
        this.changes = changes;
        this.log = log;
        this.clock = clock;
    }

    public List<Endpoint> all() {
        Access manage = Access.needs(Permission.API_KEYS_MANAGE);
        return List.of(
                Endpoint.post("/v1/api-keys", manage, BodyKind.JSON, this::create)
                        .creating()
                        .limited(RouteClass.API_KEY_CREATE),
                Endpoint.get("/v1/api-keys", manage, this::list)
                        .with(Query.PAGE)
                        .limited(RouteClass.API_KEY_LIST),
                Endpoint.post("/v1/api-keys/{api_key}/rotate", manage, BodyKind.NONE, this::rotate)
                        .creating()
                        .limited(RouteClass.API_KEY_CREATE),
                Endpoint.delete("/v1/api-keys/{api_key}", manage, this::revoke).limited(RouteClass.API_KEY_REVOKE));
    }

    private record CreateApiKey(
            Optional<String> name,
            Optional<List<String>> scopes,
            Optional<Integer> expiresInDays,
            Optional<KeyLimits> limits) {}

    private record ApiKeyView(
            TypeId id,
            String object,
            String name,
            String prefix,
            Optional<String> key,
            List<String> scopes,
            Optional<TypeId> userId,
            Optional<Instant> expiresAt,
            Optional<Instant> lastUsedAt,
            Instant createdAt,
            KeyLimits limits) {

        static ApiKeyView of(ApiKey apiKey, Optional<String> key) {
            return new ApiKeyView(
                    apiKey.id(),
                    "api_key",
                    apiKey.name(),
                    apiKey.prefix(),
                    key,
                    Rights.names(apiKey.scopes()),
                    apiKey.user(),
                    apiKey.expiresAt(),
                    apiKey.lastUsedAt(),
                    apiKey.createdAt(),
                    apiKey.limits());
        }
    }

    private Future<Answer> create(Call call) {
        return call.body(CreateApiKey.class).compose(wanted -> {
            String name = Fields.text("name", wanted.name(), LONGEST_NAME);
            Set<Permission> scopes = Rights.read("scopes", Fields.required("scopes", wanted.scopes()));
            if (scopes.isEmpty()) {
                throw Fields.invalid("scopes", "must name at least one permission");
            }
            Rights.require(call.principal(), scopes, Optional.of("scopes"), "A key cannot be given these");
            wanted.expiresInDays()
                    .ifPresent(days ->
                            Fields.number("expires_in_days", wanted.expiresInDays(), 1, LONGEST_LIFE_DAYS, days));
            Optional<Instant> expiresAt =
                    wanted.expiresInDays().map(days -> clock.instant().plus(Duration.ofDays(days)));
            NewApiKey key = new NewApiKey(name, scopes, expiresAt, limits(wanted.limits()));
            return changes.create(
                    call,
                    sql -> caller(sql, call)
                            .map(maker -> maker.map(key::atMost).orElse(key))
                            .compose(
                                    bounded -> keys.insert(sql, call.principal().user(), bounded))
                            .map(issued -> issued(call, issued)));
        });
    }

    /** The key that the caller has, if it is one. */
    private Future<Optional<ApiKey>> caller(SqlConnection sql, Call call) {
        return call.principal()
                .apiKey()
                .map(id -> keys.hold(sql, id).map(found -> Optional.of(found.orElseThrow(() -> missing(id)))))
                .orElseGet(() -> Future.succeededFuture(Optional.empty()));
    }

    private static KeyLimits limits(Optional<KeyLimits> wanted) {
        KeyLimits limits = wanted.orElse(KeyLimits.NONE);
        checkLimit("limits.requests_per_minute", limits.requestsPerMinute());
        checkLimit("limits.tokens_per_minute", limits.tokensPerMinute());
        checkLimit("limits.concurrency", limits.concurrency());
        return limits;
    }

    private static void checkLimit(String field, Optional<Integer> wanted) {
        Fields.number(field, wanted, 1, HIGHEST_LIMIT, 1);
    }

    private static Made issued(Call call, ApiKeyStore.Issued issued) {
        ApiKey key = issued.apiKey();
        Answer answer = Answer.created(
                "/v1/api-keys/" + key.id(),
                ApiKeyView.of(key, Optional.of(issued.key().reveal())));
        return Made.of(answer)
                .withSecret()
                .audited(AuditEntry.success(
                        call.actor(),
                        "api_key.create",
                        key.id(),
                        Map.of("name", key.name(), "prefix", key.prefix(), "scopes", Rights.names(key.scopes()))));
    }

    private Future<Answer> list(Call call) {
        return keys.list(call.tenant(), call.query().page(Kind.API_KEY))
                .map(page -> Answer.page(
                        page,
                        key -> ApiKeyView.of(key, Optional.empty()),
                        view -> view.id().toString()));
    }

    /** At once on this node, within a second on the others. */
    private Future<Answer> revoke(Call call) {
        TypeId id = call.id(Kind.API_KEY);
        return changes.change(
                        call,
                        sql -> keys.revoke(sql, id)
                                .map(revoked -> revoked.orElseThrow(() -> missing(id)))
                                .map(prefix -> Made.of(new Answer.Empty())
                                        .audited(AuditEntry.success(
                                                call.actor(), "api_key.revoke", id, Map.of("prefix", prefix)))))
                .compose(answer -> log.changed(call.tenant()).map(answer));
    }

    /** Another text for the same key; the old one stops working as a revoked one does. */
    private Future<Answer> rotate(Call call) {
        TypeId id = call.id(Kind.API_KEY);
        return changes.create(
                        call,
                        sql -> caller(sql, call)
                                .compose(caller -> keys.hold(sql, id)
                                        .map(found -> found.orElseThrow(() -> missing(id)))
                                        .compose(key -> {
                                            requireOwn(call, caller, key);
                                            return keys.rotate(sql, key);
                                        }))
                                .map(issued -> rotated(call, issued)))
                .compose(answer -> log.changed(call.tenant()).map(answer));
    }

    /** Whoever got the new text of another person's key could act as that person, and of a wider key more than with their own. */
    private static void requireOwn(Call call, Optional<ApiKey> caller, ApiKey key) {
        if (key.user().isPresent() && !key.user().equals(call.principal().user())) {
            throw ApiError.of(
                            ErrorType.PERMISSION_ERROR,
                            "key_of_another",
                            "Only the person whose key it is can rotate it; you can revoke it.")
                    .exception();
        }
        Rights.require(call.principal(), key.scopes(), Optional.empty(), "This key cannot be rotated by you");
        if (caller.filter(by -> !key.within(by)).isPresent()) {
            throw ApiError.of(
                            ErrorType.PERMISSION_ERROR,
                            "key_goes_further",
                            "A key cannot rotate one that lives longer or may use more than itself.")
                    .exception();
        }
    }

    private static Made rotated(Call call, ApiKeyStore.Issued issued) {
        return Made.of(Answer.ok(
                        ApiKeyView.of(issued.apiKey(), Optional.of(issued.key().reveal()))))
                .withSecret()
                .audited(AuditEntry.success(
                        call.actor(),
                        "api_key.rotate",
                        issued.apiKey().id(),
                        Map.of("prefix", issued.apiKey().prefix())));
    }

    private static ApiException missing(TypeId id) {
        return ApiError.notFound("api_key", id.toString()).exception();
    }
}
