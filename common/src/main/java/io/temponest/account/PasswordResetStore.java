package io.temponest.account;

import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Optional;

/** Permissions to set a password without knowing the old one, for whoever reads the person's mail. */
public final class PasswordResetStore {

    private static final String INSERT = """
            insert into password_resets (id, tenant_id, user_id, sha256, expires_at)
            values ($1, current_tenant(), $2, $3, now() + $4::int8 * interval '1 second')""";

    private static final String TENANT = "select tenant_of_password_reset($1) as tenant_id";

    private static final String OPEN = """
            select r.user_id, u.email from password_resets r join users u on u.id = r.user_id
            where r.sha256 = $1 and r.used_at is null and r.expires_at > now() and u.active for update of r""";

    private static final String SPEND =
            "update password_resets set used_at = now() where user_id = $1 and used_at is null";

    private final Postgres postgres;
    private final Ids ids;

    public PasswordResetStore(Postgres postgres, Ids ids) {
        this.postgres = postgres;
        this.ids = ids;
    }

    /** Whose password a token may set. */
    public record Open(TypeId user, String email) {}

    public Future<Void> insert(SqlConnection sql, TypeId user, OpaqueToken token, Duration life) {
        return sql.preparedQuery(INSERT)
                .execute(Tuple.of(ids.next(Kind.REQUEST).uuid(), user.uuid(), token.sha256(), life.toSeconds()))
                .mapEmpty();
    }

    /** The tenant of a token's person; empty where it is no such token. */
    public Future<Optional<TenantId>> tenantOf(OpaqueToken token) {
        return RefreshTokenStore.tenantOf(postgres, TENANT, token);
    }

    /** The same in a transaction of its own: it may be another's a moment later. */
    public Future<Optional<Open>> open(TenantId tenant, OpaqueToken token) {
        return postgres.inTenant(tenant, sql -> open(sql, token));
    }

    /** What a token is good for, if anything; the caller's transaction then holds it alone. */
    public Future<Optional<Open>> open(SqlConnection sql, OpaqueToken token) {
        return sql.preparedQuery(OPEN)
                .execute(Tuple.of(token.sha256()))
                .map(rows -> UserStore.first(rows)
                        .map(row -> new Open(new TypeId(Kind.USER, row.getUUID("user_id")), row.getString("email"))));
    }

    /** Makes all of a person's tokens worthless in the caller's transaction. */
    public Future<Void> spend(SqlConnection sql, TypeId user) {
        return sql.preparedQuery(SPEND).execute(Tuple.of(user.uuid())).mapEmpty();
    }
}
