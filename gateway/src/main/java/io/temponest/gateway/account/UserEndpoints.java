package io.temponest.gateway.account;

import io.temponest.account.AccessChangeStore;
import io.temponest.account.ApiKeyStore;
import io.temponest.account.InvitationStore;
import io.temponest.account.MemberStore;
import io.temponest.account.RoleStore;
import io.temponest.account.TenantRole;
import io.temponest.account.User;
import io.temponest.account.UserSessionStore;
import io.temponest.account.UserStore;
import io.temponest.audit.AuditEntry;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.gateway.auth.AccessLog;
import io.temponest.gateway.change.Changes;
import io.temponest.gateway.change.Made;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.Fields;
import io.temponest.gateway.http.Query;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.TypeId;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The people of a tenant. What is taken from somebody is gone on all nodes within a second. */
final class UserEndpoints {

    private static final int LONGEST_NAME = 200;
    private static final int MOST_ROLES = 20;

    private final Postgres postgres;
    private final Stores stores;
    private final Changes changes;
    private final AccessLog log;

    /** Where people, and what they have, are kept. */
    record Stores(
            UserStore users,
            MemberStore members,
            RoleStore roles,
            UserSessionStore sessions,
            ApiKeyStore keys,
            InvitationStore invitations) {}

    UserEndpoints(Postgres postgres, Stores stores, Changes changes, AccessLog log) {
        this.postgres = postgres;
        this.stores = stores;
        this.changes = changes;
        this.log = log;
    }

    List<Endpoint> all() {
        Access read = Access.needs(Permission.USERS_READ);
        Access manage = Access.needs(Permission.USERS_MANAGE);
        return List.of(
                Endpoint.get("/v1/users", read, this::list).with(Query.PAGE),
                Endpoint.get("/v1/users/{user}", read, this::get).single(),
                Endpoint.patch("/v1/users/{user}", manage, this::patch).single(),
                Endpoint.delete("/v1/users/{user}", manage, this::delete));
    }

    private Future<Answer> list(Call call) {
        return postgres.inTenant(
                        call.tenant(),
                        sql -> stores.members().list(sql, call.query().page(Kind.USER)))
                .map(page -> Answer.page(page, UserView::of, view -> view.id().toString()));
    }

    private Future<Answer> get(Call call) {
        TypeId id = call.id(Kind.USER);
        return stores.users()
                .get(call.tenant(), id)
                .map(found -> Answer.ok(UserView.of(found.orElseThrow(
                        () -> ApiError.notFound("user", id.toString()).exception()))));
    }

    private record PatchUser(Optional<String> fullName, Optional<List<String>> roles, Optional<Boolean> active) {}

    private Future<Answer> patch(Call call) {
        TypeId id = call.id(Kind.USER);
        return call.body(PatchUser.class)
                .compose(wanted -> {
                    wanted.fullName().ifPresent(name -> Fields.line("full_name", wanted.fullName(), LONGEST_NAME));
                    wanted.roles().ifPresent(UserEndpoints::checkRoles);
                    return changes.change(
                            call, sql -> held(sql, call, id).compose(user -> apply(sql, call, user, wanted)));
                })
                .compose(answer -> log.changed(call.tenant()).map(answer));
    }

    static void checkRoles(List<String> roles) {
        if (roles.size() > MOST_ROLES || new HashSet<>(roles).size() < roles.size()) {
            throw Fields.invalid("roles", "must name at most %d roles, none twice".formatted(MOST_ROLES));
        }
    }

    /** The person, whom nobody else changes until the transaction ends, if the caller may change them at all. */
    private Future<User> held(SqlConnection sql, Call call, TypeId id) {
        return stores.members().hold(sql, id).compose(there -> {
            if (!there) {
                return Future.failedFuture(
                        ApiError.notFound("user", id.toString()).exception());
            }
            return stores.users().get(sql, id).map(found -> {
                User user = found.orElseThrow();
                call.ifMatch().check(UserView.of(user));
                Rights.require(
                        call.principal(), user.permissions(), Optional.empty(), "This person cannot be changed by you");
                return user;
            });
        });
    }

    private Future<Made> apply(SqlConnection sql, Call call, User user, PatchUser wanted) {
        boolean shutOut = user.active() && !wanted.active().orElse(true);
        return stores.members()
                .update(sql, user.id(), wanted.fullName(), wanted.active())
                .compose(done -> wanted.roles()
                        .map(roles -> giveRoles(sql, call, user.id(), roles))
                        .orElseGet(Future::succeededFuture))
                .compose(done -> shutOut ? end(sql, user.id()) : Future.succeededFuture())
                .compose(done -> requireAdmin(sql))
                .compose(done -> AccessChangeStore.user(sql, user.id()))
                .compose(done -> stores.users().get(sql, user.id()))
                .map(Optional::orElseThrow)
                .compose(changed -> endInvitations(sql, user, changed).map(changed))
                .map(changed -> Made.of(Answer.ok(UserView.of(changed)))
                        .audited(AuditEntry.success(call.actor(), "user.update", user.id(), told(wanted))));
    }

    /** Whoever may do less than before has not invited anybody any more, for their invitations may go further than they do. */
    private Future<Void> endInvitations(SqlConnection sql, User before, User after) {
        boolean less = (before.active() && !after.active())
                || !after.permissions().containsAll(before.permissions())
                || !after.roles().containsAll(before.roles());
        return less ? stores.invitations().revokeOf(sql, before.id()) : Future.succeededFuture();
    }

    private static Map<String, Object> told(PatchUser wanted) {
        Map<String, Object> told = new TreeMap<>();
        wanted.roles().ifPresent(roles -> told.put("roles", roles));
        wanted.active().ifPresent(active -> told.put("active", active));
        wanted.fullName().ifPresent(name -> told.put("full_name", name));
        return told;
    }

    private Future<Void> giveRoles(SqlConnection sql, Call call, TypeId user, List<String> wanted) {
        return stores.roles().find(sql, wanted).compose(found -> {
            Rights.requireRoles(call.principal(), wanted, found);
            return stores.members()
                    .replaceRoles(sql, user, found.stream().map(TenantRole::id).toList());
        });
    }

    private Future<Void> end(SqlConnection sql, TypeId user) {
        return stores.sessions().revokeAll(sql, user, Optional.empty()).mapEmpty();
    }

    private Future<Void> requireAdmin(SqlConnection sql) {
        return stores.members()
                .admins(sql)
                .compose(admins -> admins > 0
                        ? Future.succeededFuture()
                        : Future.failedFuture(ApiError.of(
                                        ErrorType.UNPROCESSABLE_ERROR,
                                        "last_admin",
                                        "A tenant must have an active administrator; make somebody else one first.")
                                .exception()));
    }

    private Future<Answer> delete(Call call) {
        TypeId id = call.id(Kind.USER);
        return changes.change(
                        call,
                        sql -> held(sql, call, id)
                                .compose(user -> stores.members().erase(sql, id))
                                .compose(done -> end(sql, id))
                                .compose(done -> stores.keys().revokeOf(sql, id))
                                .compose(done -> stores.invitations().revokeOf(sql, id))
                                .compose(done -> requireAdmin(sql))
                                .compose(done -> AccessChangeStore.user(sql, id))
                                .map(done -> Made.of(new Answer.Empty())
                                        .audited(AuditEntry.success(call.actor(), "user.delete", id, Map.of()))))
                .compose(answer -> log.changed(call.tenant()).map(answer));
    }
}
