package io.temponest.gateway.account;

import io.temponest.account.Invitation;
import io.temponest.account.InvitationStore;
import io.temponest.account.InvitationStore.Open;
import io.temponest.account.InvitationStore.Wanted;
import io.temponest.account.NewUser;
import io.temponest.account.OpaqueToken;
import io.temponest.account.OpaqueToken.Use;
import io.temponest.account.RoleStore;
import io.temponest.account.TenantRole;
import io.temponest.account.TenantStore;
import io.temponest.account.UserStore;
import io.temponest.audit.AuditEntry;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
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
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.mail.EmailAddress;
import io.temponest.mail.Mail;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Inviting people into a tenant by mail, and accepting it. */
final class InvitationEndpoints {

    private static final Logger LOG = LoggerFactory.getLogger(InvitationEndpoints.class);
    private static final Duration LIFE = Duration.ofDays(7);
    private static final int LONGEST_NAME = 200;
    private static final int LONGEST_TOKEN = 200;

    private final Postgres postgres;
    private final Stores stores;
    private final Passwords passwords;
    private final Changes changes;
    private final PasswordEndpoints.Post post;

    /** Where invitations, and what they name, are kept. */
    record Stores(InvitationStore invitations, RoleStore roles, UserStore users) {}

    InvitationEndpoints(
            Postgres postgres, Stores stores, Passwords passwords, Changes changes, PasswordEndpoints.Post post) {
        this.postgres = postgres;
        this.stores = stores;
        this.passwords = passwords;
        this.changes = changes;
        this.post = post;
    }

    List<Endpoint> all() {
        Access manage = Access.needs(Permission.USERS_MANAGE);
        return List.of(
                Endpoint.post("/v1/invitations", manage, BodyKind.JSON, this::create)
                        .creating()
                        .limited(RouteClass.INVITE),
                Endpoint.get("/v1/invitations", Access.needs(Permission.USERS_READ), this::list)
                        .with(Query.PAGE),
                Endpoint.delete("/v1/invitations/{invitation}", manage, this::revoke),
                Endpoint.post("/v1/invitations/accept", Access.PUBLIC, BodyKind.JSON, this::accept)
                        .limited(RouteClass.REFRESH));
    }

    private record Invite(Optional<String> email, Optional<List<String>> roles) {}

    private record InvitationView(
            TypeId id,
            String object,
            String email,
            List<String> roles,
            Optional<TypeId> invitedBy,
            Instant createdAt,
            Instant expiresAt) {

        static InvitationView of(Invitation invitation) {
            return new InvitationView(
                    invitation.id(),
                    "invitation",
                    invitation.email(),
                    invitation.roles(),
                    invitation.invitedBy(),
                    invitation.createdAt(),
                    invitation.expiresAt());
        }
    }

    private Future<Answer> create(Call call) {
        return call.body(Invite.class).compose(wanted -> {
            String email = Emails.read("email", wanted.email());
            List<String> names = Fields.required("roles", wanted.roles());
            if (names.isEmpty()) {
                throw Fields.invalid("roles", "must name at least one role");
            }
            UserEndpoints.checkRoles(names);
            // Whoever is invited by many tenants is mailed by us each time.
            return call.limitAccount(EmailAddress.key(email))
                    .compose(within -> changes.create(
                            call,
                            sql -> stores.roles().find(sql, names).compose(found -> {
                                Rights.requireRoles(call.principal(), names, found);
                                List<TypeId> roles =
                                        found.stream().map(TenantRole::id).toList();
                                return invite(
                                        sql,
                                        call,
                                        new Wanted(
                                                email, roles, call.principal().user(), LIFE));
                            })));
        });
    }

    private Future<Made> invite(SqlConnection sql, Call call, Wanted wanted) {
        OpaqueToken token = OpaqueToken.make(Use.INVITATION, post.random());
        return stores.invitations()
                .insert(sql, wanted, token)
                .compose(made -> TenantStore.get(sql)
                        .map(tenant -> Made.of(Answer.created("/v1/invitations/" + made.id(), InvitationView.of(made)))
                                .audited(AuditEntry.success(
                                        call.actor(),
                                        "invitation.create",
                                        made.id(),
                                        Map.of("email", made.email(), "roles", made.roles())))
                                .then(() -> send(made, tenant.name(), token))));
    }

    /** The invitation stands whether or not its message arrives: it can be made anew. */
    private void send(Invitation invitation, String tenant, OpaqueToken token) {
        Mail mail = new Mail(invitation.email(), "You are invited to TempoNest", """
                You are invited to join '%s' at TempoNest.

                The token for POST /v1/invitations/accept, good until %s and once:

                %s
                """.formatted(
                        tenant, invitation.expiresAt(), token.text().reveal()));
        post.mailer()
                .send(mail)
                .onFailure(failure -> LOG.atWarn()
                        .addKeyValue("invitation", invitation.id())
                        .addKeyValue("cause", failure.getMessage())
                        .log("invitation.not_sent"));
    }

    private Future<Answer> list(Call call) {
        return postgres.inTenant(
                        call.tenant(),
                        sql -> stores.invitations().list(sql, call.query().page(Kind.INVITATION)))
                .map(page ->
                        Answer.page(page, InvitationView::of, view -> view.id().toString()));
    }

    private Future<Answer> revoke(Call call) {
        TypeId id = call.id(Kind.INVITATION);
        return changes.change(
                call,
                sql -> stores.invitations().revoke(sql, id).map(revoked -> {
                    if (!revoked) {
                        throw ApiError.notFound("invitation", id.toString()).exception();
                    }
                    return Made.of(new Answer.Empty())
                            .audited(AuditEntry.success(call.actor(), "invitation.revoke", id, Map.of()));
                }));
    }

    private record Accept(Optional<String> token, Optional<String> password, Optional<String> fullName) {}

    private Future<Answer> accept(Call call) {
        return call.body(Accept.class).compose(given -> {
            String fullName = Fields.line("full_name", given.fullName(), LONGEST_NAME);
            OpaqueToken token = OpaqueToken.parse(Use.INVITATION, Fields.text("token", given.token(), LONGEST_TOKEN))
                    .orElseThrow(InvitationEndpoints::spent);
            return stores.invitations().tenantOf(token).compose(found -> {
                TenantId tenant = found.orElseThrow(InvitationEndpoints::spent);
                return stores.invitations()
                        .open(tenant, token)
                        .compose(open -> passwords.hash(
                                call,
                                "password",
                                given.password(),
                                open.orElseThrow(InvitationEndpoints::spent)
                                        .invitation()
                                        .email()))
                        .compose(hash -> changes.change(tenant, sql -> join(sql, call, token, fullName, hash)))
                        .recover(failure -> Future.failedFuture(
                                UserStore.emailTaken(failure)
                                        ? RegisterEndpoint.taken().exception()
                                        : failure));
            });
        });
    }

    private Future<Made> join(SqlConnection sql, Call call, OpaqueToken token, String fullName, String hash) {
        return stores.invitations().open(sql, token).compose(found -> {
            Open open = found.orElseThrow(InvitationEndpoints::spent);
            NewUser user = new NewUser(open.invitation().email(), fullName, hash, Set.of());
            return stores.users()
                    .insert(sql, user, open.roles())
                    .compose(id -> stores.invitations()
                            .accept(sql, open.invitation().id())
                            .compose(done -> stores.users().get(sql, id)))
                    .map(joined -> UserView.of(joined.orElseThrow()))
                    .map(view -> Made.of(Answer.created("/v1/users/" + view.id(), view))
                            .audited(AuditEntry.success(
                                    call.actor().as(view.id()),
                                    "invitation.accept",
                                    open.invitation().id(),
                                    Map.of("user", view.id()))));
        });
    }

    private static ApiException spent() {
        return ApiError.invalid("token", "token_invalid", "'token' is not valid, or not any more.")
                .exception();
    }
}
