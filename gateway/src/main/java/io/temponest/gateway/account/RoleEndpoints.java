package io.temponest.gateway.account;

import io.temponest.account.InvitationStore;
import io.temponest.account.RoleStore;
import io.temponest.account.TenantRole;
import io.temponest.audit.AuditEntry;
import io.temponest.error.ApiError;
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
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.TypeId;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The roles of a tenant: those that every tenant has, and its own. */
final class RoleEndpoints {

    private static final int LONGEST_NAME = 50;
    private static final int LONGEST_DESCRIPTION = 1_000;

    private final Postgres postgres;
    private final RoleStore roles;
    private final InvitationStore invitations;
    private final Changes changes;
    private final AccessLog log;

    RoleEndpoints(Postgres postgres, RoleStore roles, InvitationStore invitations, Changes changes, AccessLog log) {
        this.postgres = postgres;
        this.roles = roles;
        this.invitations = invitations;
        this.changes = changes;
        this.log = log;
    }

    List<Endpoint> all() {
        Access read = Access.needs(Permission.USERS_READ);
        Access manage = Access.needs(Permission.USERS_MANAGE);
        return List.of(
                Endpoint.post("/v1/roles", manage, BodyKind.JSON, this::create).creating(),
                Endpoint.get("/v1/roles", read, this::list).with(Query.PAGE),
                Endpoint.get("/v1/roles/{role}", read, this::get).single(),
                Endpoint.patch("/v1/roles/{role}", manage, this::patch).single(),
                Endpoint.delete("/v1/roles/{role}", manage, this::delete));
    }

    private record RoleView(
            TypeId id,
            String object,
            String name,
            String description,
            boolean builtIn,
            List<String> permissions,
            Instant createdAt) {

        static RoleView of(TenantRole role) {
            return new RoleView(
                    role.id(),
                    "role",
                    role.name(),
                    role.description(),
                    role.builtIn(),
                    Rights.names(role.permissions()),
                    role.createdAt());
        }
    }

    private record RoleFields(Optional<String> name, Optional<String> description, Optional<List<String>> permissions) {

        void check() {
            name.ifPresent(text -> {
                Fields.text("name", name, LONGEST_NAME);
                if (TypeId.parse(Kind.ROLE, text).isPresent()) {
                    throw Fields.invalid("name", "must not have the form of an id");
                }
            });
            if (description.orElse("").length() > LONGEST_DESCRIPTION) {
                throw Fields.invalid("description", "must have at most %d characters".formatted(LONGEST_DESCRIPTION));
            }
        }
    }

    private static Set<Permission> given(Call call, List<String> names) {
        Set<Permission> permissions = Rights.read("permissions", names);
        Rights.require(call.principal(), permissions, Optional.of("permissions"), "The role cannot be given these");
        return permissions;
    }

    private Future<Answer> create(Call call) {
        return call.body(RoleFields.class).compose(wanted -> {
            wanted.check();
            String name = Fields.required("name", wanted.name());
            Set<Permission> permissions = given(call, Fields.required("permissions", wanted.permissions()));
            return changes.create(
                    call,
                    sql -> roles.create(sql, name, wanted.description().orElse(""), permissions)
                            .map(role -> Made.of(Answer.created("/v1/roles/" + role.id(), RoleView.of(role)))
                                    .audited(AuditEntry.success(call.actor(), "role.create", role.id(), told(role)))));
        });
    }

    private static Map<String, Object> told(TenantRole role) {
        return Map.of("name", role.name(), "permissions", Rights.names(role.permissions()));
    }

    private Future<Answer> list(Call call) {
        return postgres.inTenant(
                        call.tenant(), sql -> roles.list(sql, call.query().page(Kind.ROLE)))
                .map(page -> Answer.page(page, RoleView::of, view -> view.id().toString()));
    }

    private Future<Answer> get(Call call) {
        TypeId id = call.id(Kind.ROLE);
        return postgres.inTenant(call.tenant(), sql -> roles.get(sql, id))
                .map(found -> Answer.ok(RoleView.of(found.orElseThrow(
                        () -> ApiError.notFound("role", id.toString()).exception()))));
    }

    private Future<Answer> patch(Call call) {
        return call.body(RoleFields.class)
                .compose(wanted -> {
                    wanted.check();
                    Optional<Set<Permission>> permissions = wanted.permissions().map(names -> given(call, names));
                    return changes.change(
                            call,
                            sql -> held(sql, call)
                                    .compose(role -> narrowed(sql, role, permissions))
                                    .compose(role -> roles.update(
                                            sql, role.id(), wanted.name(), wanted.description(), permissions))
                                    .map(role -> Made.of(Answer.ok(RoleView.of(role)))
                                            .audited(AuditEntry.success(
                                                    call.actor(), "role.update", role.id(), told(role)))));
                })
                .compose(answer -> log.changed(call.tenant()).map(answer));
    }

    /** Those who may do less from now on have not invited anybody any more. */
    private Future<TenantRole> narrowed(SqlConnection sql, TenantRole role, Optional<Set<Permission>> permissions) {
        boolean less = permissions
                .filter(wanted -> !wanted.containsAll(role.permissions()))
                .isPresent();
        return (less ? invitations.revokeOfRole(sql, role.id()) : Future.<Void>succeededFuture()).map(role);
    }

    /** A role of the tenant's own that goes no further than the caller does. */
    private Future<TenantRole> held(SqlConnection sql, Call call) {
        TypeId id = call.id(Kind.ROLE);
        return roles.hold(sql, id).map(found -> {
            TenantRole role = found.orElseThrow(
                    () -> ApiError.notFound("role", id.toString()).exception());
            call.ifMatch().check(RoleView.of(role));
            if (role.builtIn()) {
                throw ApiError.of(
                                ErrorType.UNPROCESSABLE_ERROR,
                                "role_built_in",
                                "The role '%s' is every tenant's and stays as it is.".formatted(role.name()))
                        .exception();
            }
            Rights.require(
                    call.principal(), role.permissions(), Optional.empty(), "This role cannot be changed by you");
            return role;
        });
    }

    private Future<Answer> delete(Call call) {
        return changes.change(
                        call,
                        sql -> held(sql, call)
                                .compose(role -> narrowed(sql, role, Optional.of(Set.of())))
                                .compose(role -> roles.delete(sql, role.id())
                                        .map(done -> Made.of(new Answer.Empty())
                                                .audited(AuditEntry.success(
                                                        call.actor(), "role.delete", role.id(), told(role))))))
                .compose(answer -> log.changed(call.tenant()).map(answer));
    }
}
