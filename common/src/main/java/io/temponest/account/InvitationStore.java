package io.temponest.account;

import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.store.Keyset;
import io.temponest.store.Page;
import io.temponest.store.PageRequest;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Invitations to join a tenant. An address has one at a time. */
public final class InvitationStore {

    private static final String SELECT = """
            select i.id, i.email, i.invited_by, i.created_at, i.expires_at, i.roles as role_ids,
                   array(select r.name from roles r where r.id = any(i.roles) order by r.name) as roles
            from invitations i where i.accepted_at is null and i.revoked_at is null""";

    private static final Keyset LIST = new Keyset(SELECT, "i.id", 0);

    private static final String GET = SELECT + " and i.id = $1";

    /** Of somebody who was shut out while they invited it is worth nothing either. */
    private static final String OPEN = SELECT
            + " and i.sha256 = $1 and i.expires_at > now()"
            + " and not exists (select from users u where u.id = i.invited_by and not u.active) for update of i";

    private static final String REPLACE = """
            update invitations set revoked_at = now()
            where lower(email) = lower($1) and accepted_at is null and revoked_at is null""";

    private static final String INSERT = """
            insert into invitations (id, tenant_id, email, roles, sha256, invited_by, expires_at)
            values ($1, current_tenant(), $2, $3, $4, $5, now() + $6::int8 * interval '1 second')""";

    private static final String REVOKE = """
            update invitations set revoked_at = now()
            where id = $1 and accepted_at is null and revoked_at is null""";

    private static final String REVOKE_OF = """
            update invitations set revoked_at = now()
            where invited_by = $1 and accepted_at is null and revoked_at is null""";

    private static final String REVOKE_OF_ROLE = """
            update invitations set revoked_at = now()
            where invited_by in (select user_id from user_roles where role_id = $1)
              and accepted_at is null and revoked_at is null""";

    private static final String ACCEPT = "update invitations set accepted_at = now() where id = $1";

    private static final String TENANT = "select tenant_of_invitation($1) as tenant_id";

    private final Postgres postgres;
    private final Ids ids;

    public InvitationStore(Postgres postgres, Ids ids) {
        this.postgres = postgres;
        this.ids = ids;
    }

    /** An invitation that can be accepted, and the ids of its roles. */
    public record Open(Invitation invitation, List<TypeId> roles) {
        public Open {
            roles = List.copyOf(roles);
        }
    }

    /** Whom to invite. */
    public record Wanted(String email, List<TypeId> roles, Optional<TypeId> by, Duration life) {
        public Wanted {
            roles = List.copyOf(roles);
        }
    }

    /** Invites in the caller's transaction, in place of an earlier invitation of the address. */
    public Future<Invitation> insert(SqlConnection sql, Wanted wanted, OpaqueToken token) {
        UUID id = ids.next(Kind.INVITATION).uuid();
        return sql.preparedQuery(REPLACE)
                .execute(Tuple.of(wanted.email()))
                .compose(done -> sql.preparedQuery(INSERT)
                        .execute(Tuple.tuple()
                                .addUUID(id)
                                .addString(wanted.email())
                                .addArrayOfUUID(wanted.roles().stream()
                                        .map(TypeId::uuid)
                                        .toArray(UUID[]::new))
                                .addBuffer(token.sha256())
                                .addUUID(wanted.by().map(TypeId::uuid).orElse(null))
                                .addLong(wanted.life().toSeconds())))
                .compose(done -> sql.preparedQuery(GET).execute(Tuple.of(id)))
                .map(rows -> invitation(rows.iterator().next()));
    }

    /** Those that are open, expired ones too. */
    public Future<Page<Invitation>> list(SqlConnection sql, PageRequest page) {
        return LIST.read(sql, page, List.of(), InvitationStore::invitation);
    }

    /** @return whether there was an open one */
    public Future<Boolean> revoke(SqlConnection sql, TypeId invitation) {
        return sql.preparedQuery(REVOKE).execute(Tuple.of(invitation.uuid())).map(rows -> rows.rowCount() == 1);
    }

    /** Revokes what a person has invited to, in the caller's transaction: they may not any more. */
    public Future<Void> revokeOf(SqlConnection sql, TypeId inviter) {
        return sql.preparedQuery(REVOKE_OF).execute(Tuple.of(inviter.uuid())).mapEmpty();
    }

    /** The same for all who have a role, before it is taken from them. */
    public Future<Void> revokeOfRole(SqlConnection sql, TypeId role) {
        return sql.preparedQuery(REVOKE_OF_ROLE).execute(Tuple.of(role.uuid())).mapEmpty();
    }

    /** The tenant that a token invites to; empty where it is no invitation. */
    public Future<Optional<TenantId>> tenantOf(OpaqueToken token) {
        return RefreshTokenStore.tenantOf(postgres, TENANT, token);
    }

    /** The same in a transaction of its own: it may be another's a moment later. */
    public Future<Optional<Open>> open(TenantId tenant, OpaqueToken token) {
        return postgres.inTenant(tenant, sql -> open(sql, token));
    }

    /** A token's invitation where it can be accepted, which the caller's transaction then holds alone. */
    public Future<Optional<Open>> open(SqlConnection sql, OpaqueToken token) {
        return sql.preparedQuery(OPEN)
                .execute(Tuple.of(token.sha256()))
                .map(rows -> UserStore.first(rows)
                        .map(row -> new Open(
                                invitation(row),
                                Arrays.stream(row.getArrayOfUUIDs("role_ids"))
                                        .map(role -> new TypeId(Kind.ROLE, role))
                                        .toList())));
    }

    /** Marks an invitation as accepted in the caller's transaction. */
    public Future<Void> accept(SqlConnection sql, TypeId invitation) {
        return sql.preparedQuery(ACCEPT).execute(Tuple.of(invitation.uuid())).mapEmpty();
    }

    private static Invitation invitation(Row row) {
        return new Invitation(
                new TypeId(Kind.INVITATION, row.getUUID("id")),
                row.getString("email"),
                List.of(row.getArrayOfStrings("roles")),
                Optional.ofNullable(row.getUUID("invited_by")).map(user -> new TypeId(Kind.USER, user)),
                row.getOffsetDateTime("created_at").toInstant(),
                row.getOffsetDateTime("expires_at").toInstant());
    }
}
