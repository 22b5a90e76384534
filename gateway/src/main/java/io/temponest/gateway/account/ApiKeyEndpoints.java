package io.temponest.gateway.account;

import io.temponest.account.AccountAddresses;
import io.temponest.account.AccountAddresses.KeyRevoked;
import io.temponest.account.ApiKey;
import io.temponest.account.ApiKeyStore;
import io.temponest.account.NewApiKey;
import io.temponest.bus.Bus;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.gateway.auth.Authenticator;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.BodyKind;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.Fields;
import io.temponest.gateway.http.Query;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.TypeId;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Issuing, listing and revoking API keys. */
public final class ApiKeyEndpoints {

    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_LIFE_DAYS = 3_650;

    private final ApiKeyStore keys;
    private final Authenticator authenticator;
    private final Bus bus;
    private final InstantSource clock;

    public ApiKeyEndpoints(ApiKeyStore keys, Authenticator authenticator, Bus bus, InstantSource clock) {
        this.keys = keys;
        this.authenticator = authenticator;
        this.bus = bus;
        this.clock = clock;
    }

    public List<Endpoint> all() {
        Access manage = Access.needs(Permission.API_KEYS_MANAGE);
        return List.of(
                Endpoint.post("/v1/api-keys", manage, BodyKind.JSON, this::create),
                Endpoint.get("/v1/api-keys", manage, this::list).with(Query.PAGE),
                Endpoint.delete("/v1/api-keys/{api_key}", manage, this::revoke));
    }

    private record CreateApiKey(
            Optional<String> name, Optional<List<String>> scopes, Optional<Integer> expiresInDays) {}

    private record ApiKeyView(
            TypeId id,
            String object,
            String name,
            String prefix,
            Optional<String> key,
            List<String> scopes,
            Optional<TypeId> userId,
            Optional<Instant> expiresAt,
            Instant createdAt) {

        static ApiKeyView of(ApiKey apiKey, Optional<String> key) {
            return new ApiKeyView(
                    apiKey.id(),
                    "api_key",
                    apiKey.name(),
                    apiKey.prefix(),
                    key,
                    SignInEndpoints.names(apiKey.scopes()),
                    apiKey.user(),
                    apiKey.expiresAt(),
                    apiKey.createdAt());
        }
    }

    private Future<Answer> create(Call call) {
        return call.body(CreateApiKey.class).compose(wanted -> {
            String name = Fields.text("name", wanted.name(), LONGEST_NAME);
            Set<Permission> scopes = scopes(call, Fields.required("scopes", wanted.scopes()));
            wanted.expiresInDays()
                    .ifPresent(days ->
                            Fields.number("expires_in_days", wanted.expiresInDays(), 1, LONGEST_LIFE_DAYS, days));
            Optional<Instant> expiresAt =
                    wanted.expiresInDays().map(days -> clock.instant().plus(Duration.ofDays(days)));
            return keys.create(call.principal(), new NewApiKey(name, scopes, expiresAt))
                    .map(issued -> Answer.created(
                            "/v1/api-keys/" + issued.apiKey().id(),
                            ApiKeyView.of(
                                    issued.apiKey(), Optional.of(issued.key().reveal()))));
        });
    }

    /** Nobody can give away what they do not have. */
    private static Set<Permission> scopes(Call call, List<String> names) {
        Set<Permission> scopes = EnumSet.noneOf(Permission.class);
        for (String name : names) {
            Permission scope = Permission.find(name)
                    .orElseThrow(() -> Fields.invalid("scopes", "holds '%s', which is no permission".formatted(name)));
            if (!call.principal().may(scope)) {
                throw new ApiError(
                                ErrorType.PERMISSION_ERROR,
                                "A key cannot be given '%s', which you do not have yourself.".formatted(name),
                                Optional.of("scopes"),
                                "scope_not_held")
                        .exception();
            }
            scopes.add(scope);
        }
        if (scopes.isEmpty()) {
            throw Fields.invalid("scopes", "must name at least one permission");
        }
        return scopes;
    }

    private Future<Answer> list(Call call) {
        return keys.list(call.tenant(), call.query().page(Kind.API_KEY))
                .map(page -> Answer.page(
                        page,
                        key -> ApiKeyView.of(key, Optional.empty()),
                        view -> view.id().toString()));
    }

    /** At once on this node, as soon as they hear of it on the others, within 30 s in any case. */
    private Future<Answer> revoke(Call call) {
        TypeId id = call.id(Kind.API_KEY);
        return keys.revoke(call.tenant(), id).map(revoked -> {
            String prefix = revoked.orElseThrow(
                    () -> ApiError.notFound("api_key", id.toString()).exception());
            authenticator.forget(prefix);
            bus.nudgeAll(AccountAddresses.KEY_REVOKED, new KeyRevoked(prefix));
            return new Answer.Empty();
        });
    }
}
