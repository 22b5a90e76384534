package io.temponest.account;

import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;

/** The identities that people have with OpenID Connect providers. */
public final class UserIdentityStore {

    private static final String FIND = "select id, tenant_id, active from user_by_identity($1, $2)";

    private static final String FIND_BY_EMAIL = "select id, tenant_id, active from user_by_exact_email($1)";

    private static final String LINK = """
            insert into user_identities (tenant_id, user_id, issuer, subject) values (current_tenant(), $1, $2, $3)
            on conflict do nothing""";

    private static final String USE =
            "update user_identities set last_used_at = now() where user_id = $1 and issuer = $2 and subject = $3";

    private static final String FIRST = "select oidc_state_first($1) as first";

    private final Postgres postgres;

    public UserIdentityStore(Postgres postgres) {
        this.postgres = postgres;
    }

    /** Who has an identity, in any tenant. */
    public Future<Optional<IdentityHolder>> find(ExternalIdentity identity) {
        return find(FIND, Tuple.of(identity.issuer(), identity.subject()));
    }

    /** Who has an address, in any tenant. Case counts for nothing, but of ASCII letters alone. */
    public Future<Optional<IdentityHolder>> findByEmail(String email) {
        return find(FIND_BY_EMAIL, Tuple.of(email));
    }

    private Future<Optional<IdentityHolder>> find(String query, Tuple wanted) {
        return postgres.withoutTenant(sql -> sql.preparedQuery(query)
                .execute(wanted)
                .map(rows -> UserStore.first(rows).map(UserIdentityStore::holder)));
    }

    private static IdentityHolder holder(Row row) {
        return new IdentityHolder(
                new TypeId(Kind.USER, row.getUUID("id")),
                new TenantId(row.getUUID("tenant_id")),
                row.getBoolean("active"));
    }

    /** Gives a person an identity in the caller's transaction, where neither has another; {@link #use} then says whether it is so. */
    public Future<Void> link(SqlConnection sql, TypeId user, ExternalIdentity identity) {
        return sql.preparedQuery(LINK)
                .execute(Tuple.of(user.uuid(), identity.issuer(), identity.subject()))
                .mapEmpty();
    }

    /** Notes in the caller's transaction that an identity was used now. @return whether it is the person's */
    public Future<Boolean> use(SqlConnection sql, TypeId user, ExternalIdentity identity) {
        return sql.preparedQuery(USE)
                .execute(Tuple.of(user.uuid(), identity.issuer(), identity.subject()))
                .map(rows -> rows.rowCount() == 1);
    }

    /** Whether the state of a sign-in, by its digest, comes back for the first time; from now on it does not. */
    public Future<Boolean> first(Buffer sha256) {
        return postgres.withoutTenant(sql -> sql.preparedQuery(FIRST)
                .execute(Tuple.of(sha256))
                .map(rows -> rows.iterator().next().getBoolean("first")));
    }
}
