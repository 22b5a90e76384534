package io.temponest.gateway.account;

import io.temponest.account.NewTenant;
import io.temponest.account.NewUser;
import io.temponest.account.TenantStore;
import io.temponest.account.UserStore;
import io.temponest.agent.AgentStore;
import io.temponest.agent.BuiltInAgents;
import io.temponest.audit.AuditEntry;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.gateway.change.Changes;
import io.temponest.gateway.change.Made;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.BodyKind;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.Fields;
import io.temponest.gateway.limit.RouteClass;
import io.temponest.identity.Ids;
import io.temponest.identity.Role;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Making a tenant, whose first person is its administrator. To join one that there is takes an invitation. */
final class RegisterEndpoint {

    private static final int LONGEST_NAME = 200;
    private static final int SLUG_STEM = 40;
    private static final int SLUG_TAIL = 8;
    private static final String FIRST_PLAN = "free";

    private final TenantStore tenants;
    private final UserStore users;
    private final AgentStore agents;
    private final Passwords passwords;
    private final Changes changes;
    private final Ids ids = new Ids();

    RegisterEndpoint(Stores stores, Passwords passwords, Changes changes) {
        this.tenants = stores.tenants();
        this.users = stores.users();
        this.agents = stores.agents();
        this.passwords = passwords;
        this.changes = changes;
    }

    /** What a new tenant is made of. */
    record Stores(TenantStore tenants, UserStore users, AgentStore agents) {}

    List<Endpoint> all() {
        return List.of(Endpoint.post("/v1/auth/register", Access.PUBLIC, BodyKind.JSON, this::register)
                .limited(RouteClass.REGISTER));
    }

    private record Register(
            Optional<String> email,
            Optional<String> password,
            Optional<String> fullName,
            Optional<String> tenantName) {}

    private record Registered(UserView user, TenantView tenant) {}

    private Future<Answer> register(Call call) {
        return call.body(Register.class).compose(wanted -> {
            String email = Emails.read("email", wanted.email());
            String fullName = Fields.line("full_name", wanted.fullName(), LONGEST_NAME);
            String name = Fields.line("tenant_name", wanted.tenantName(), LONGEST_NAME);
            return passwords.hash(call, "password", wanted.password(), email).compose(hash -> {
                TenantId tenant = ids.nextTenant();
                NewTenant made = new NewTenant(name, slug(name, tenant), FIRST_PLAN);
                NewUser admin = new NewUser(email, fullName, hash, Set.of(Role.ADMIN));
                return changes.change(tenant, sql -> make(sql, call, made, admin))
                        .recover(failure ->
                                Future.failedFuture(UserStore.emailTaken(failure) ? taken().exception() : failure));
            });
        });
    }

    private Future<Made> make(SqlConnection sql, Call call, NewTenant tenant, NewUser admin) {
        return tenants.insert(sql, tenant)
                .compose(done -> BuiltInAgents.install(agents, sql))
                .compose(done -> users.insert(sql, admin))
                .compose(user -> users.get(sql, user))
                .compose(user -> TenantStore.get(sql)
                        .map(own -> made(call, new Registered(UserView.of(user.orElseThrow()), TenantView.of(own)))));
    }

    private static Made made(Call call, Registered registered) {
        TypeId user = registered.user().id();
        return Made.of(Answer.created("/v1/tenant", registered))
                .audited(AuditEntry.success(call.actor().as(user), "register", user, Map.of()));
    }

    /** Of the name, as far as its letters go, and of the id, so that none is taken. */
    private static String slug(String name, TenantId tenant) {
        String stem =
                name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
        String id = tenant.toString();
        String tail = id.substring(id.length() - SLUG_TAIL);
        return stem.isEmpty()
                ? tail
                : stem.substring(0, Math.min(SLUG_STEM, stem.length())).replaceAll("-$", "") + "-" + tail;
    }

    static ApiError taken() {
        return new ApiError(
                ErrorType.CONFLICT_ERROR, "This e-mail address is taken.", Optional.of("email"), "email_taken");
    }
}
