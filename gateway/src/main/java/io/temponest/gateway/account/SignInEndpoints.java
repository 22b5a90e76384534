package io.temponest.gateway.account;

import io.temponest.account.SignIn;
import io.temponest.account.User;
import io.temponest.account.UserStore;
import io.temponest.audit.AuditEntry;
import io.temponest.bus.Bus;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.temponest.gateway.auth.AccessToken;
import io.temponest.gateway.auth.AccessTokens;
import io.temponest.gateway.auth.JwtKeys;
import io.temponest.gateway.change.Changes;
import io.temponest.gateway.change.Made;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.BodyKind;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.Fields;
import io.temponest.gateway.limit.RouteClass;
import io.temponest.identity.HashingAddresses;
import io.temponest.identity.HashingAddresses.Verify;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.Principal;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.SqlConnection;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Signing in with a password, who one is, and the keys that tokens are verified with. */
public final class SignInEndpoints {

    private static final Logger LOG = LoggerFactory.getLogger(SignInEndpoints.class);
    private static final int LONGEST_EMAIL = 254;
    private static final int LONGEST_PASSWORD = 1_024;

    private final UserStore users;
    private final Bus bus;
    private final Ids ids;
    private final Changes changes;
    private final InstantSource clock;
    private final AccessTokens tokens;
    private final Buffer jwks;

    /** What signing in needs. */
    public record Parts(UserStore users, Bus bus, Ids ids, Changes changes) {}

    public SignInEndpoints(Parts parts, InstantSource clock, JwtKeys keys) {
        this.users = parts.users();
        this.bus = parts.bus();
        this.ids = parts.ids();
        this.changes = parts.changes();
        this.clock = clock;
        this.tokens = new AccessTokens(keys);
        this.jwks = Buffer.buffer(keys.jwks());
    }

    public List<Endpoint> all() {
        return List.of(
                Endpoint.post("/v1/auth/login", Access.PUBLIC, BodyKind.JSON, this::login)
                        .limited(RouteClass.LOGIN),
                Endpoint.get("/v1/auth/me", Access.SELF, this::me),
                Endpoint.get(
                        "/.well-known/jwks.json",
                        Access.PUBLIC,
                        call -> Future.succeededFuture(new Answer.Ready(
                                "application/json", jwks, Map.of("cache-control", "public, max-age=300")))));
    }

    private record Login(Optional<String> email, Optional<String> password) {}

    private record Token(String accessToken, String tokenType, long expiresIn) {}

    /** An address that nobody has takes as long as a wrong password, and is answered in the same words. */
    private Future<Answer> login(Call call) {
        return call.body(Login.class).compose(given -> {
            String email = Fields.text("email", given.email(), LONGEST_EMAIL);
            String password = Fields.text("password", given.password(), LONGEST_PASSWORD);
            return call.limitAccount(email)
                    .compose(within -> users.findByEmail(email))
                    .compose(found -> bus.ask(
                                    HashingAddresses.VERIFY,
                                    new Verify(password, found.map(SignIn::passwordHash)),
                                    call.deadline())
                            .map(verified -> {
                                if (found.isPresent()
                                        && !(verified.matches() && found.get().active())) {
                                    noteRefusal(call, found.get(), verified.matches());
                                }
                                return found.filter(user -> verified.matches() && user.active())
                                        .orElseThrow(SignInEndpoints::refused);
                            }))
                    .compose(user -> changes.change(user.tenant(), sql -> signIn(sql, call, user)));
        });
    }

    private Future<Made> signIn(SqlConnection sql, Call call, SignIn user) {
        return users.signedIn(sql, user.user())
                .compose(done -> users.get(sql, user.user()))
                .map(found -> Made.of(Answer.ok(token(found.orElseThrow(SignInEndpoints::refused))))
                        .audited(AuditEntry.success(
                                call.actor().as(user.user()), "login", user.user(), Map.of("method", "password"))));
    }

    /** Not waited for: the time of the answer must not tell whether there is such an account. */
    private void noteRefusal(Call call, SignIn user, boolean matches) {
        AuditEntry entry = AuditEntry.failure(
                call.actor(), "login", user.user(), Map.of("reason", matches ? "inactive" : "password_wrong"));
        changes.change(
                        user.tenant(),
                        sql -> Future.succeededFuture(
                                Made.of(new Answer.Empty()).audited(entry)))
                .onFailure(failure -> LOG.atError()
                        .addKeyValue("tenant", user.tenant())
                        .addKeyValue("cause", failure.getMessage())
                        .log("audit.append_failed"));
    }

    private static ApiException refused() {
        return ApiError.of(
                        ErrorType.AUTHENTICATION_ERROR,
                        "credentials_invalid",
                        "The e-mail address or password is wrong.")
                .exception();
    }

    private Token token(User user) {
        Instant now = clock.instant();
        AccessToken token = new AccessToken(
                ids.next(Kind.REQUEST).uuid().toString(),
                user.id(),
                user.tenant(),
                user.roles(),
                user.permissions(),
                now,
                now.plus(AccessTokens.LIFETIME));
        return new Token(tokens.sign(token), "Bearer", AccessTokens.LIFETIME.toSeconds());
    }

    private record Me(
            String object,
            TypeId id,
            Optional<String> email,
            Optional<String> fullName,
            TenantId tenantId,
            List<String> roles,
            List<String> permissions) {}

    private Future<Answer> me(Call call) {
        Principal by = call.principal();
        List<String> permissions = names(by.permissions());
        if (by.user().isEmpty()) {
            return Future.succeededFuture(Answer.ok(new Me(
                    "api_key",
                    by.apiKey().orElseThrow(),
                    Optional.empty(),
                    Optional.empty(),
                    by.tenant(),
                    List.of(),
                    permissions)));
        }
        return users.get(by.tenant(), by.user().get()).map(found -> {
            User user = found.orElseThrow(SignInEndpoints::refused);
            return Answer.ok(new Me(
                    "user",
                    user.id(),
                    Optional.of(user.email()),
                    Optional.of(user.fullName()),
                    user.tenant(),
                    user.roles(),
                    permissions));
        });
    }

    static List<String> names(Set<Permission> permissions) {
        return permissions.stream().sorted().map(Permission::toString).toList();
    }
}
