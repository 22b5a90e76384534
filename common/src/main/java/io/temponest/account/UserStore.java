package io.temponest.account;

import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.Role;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;

/** People. */
public final class UserStore {

    private static final String INSERT = """
            insert into users (id, tenant_id, email, full_name, password_hash)
            values ($1, current_tenant(), $2, $3, $4)""";

    private static final String ASSIGN = """
            insert into user_roles (tenant_id, user_id, role_id)
            select current_tenant(), $1, r.id from roles r where r.built_in and r.name = any($2)""";

    private static final String GET = """
            select u.id, u.tenant_id, u.email, u.full_name, u.active, u.created_at,
                   array(select r.name from user_roles ur join roles r on r.id = ur.role_id
                         where ur.user_id = u.id order by r.name) as roles,
                   array(select distinct rp.permission from user_roles ur join role_permissions rp on rp.role_id = ur.role_id
                         where ur.user_id = u.id order by rp.permission) as permissions
            from users u where u.id = $1""";

    private static final String FIND_BY_EMAIL = "select id, tenant_id, password_hash, active from user_by_email($1)";

    private static final String SIGNED_IN = "update users set last_login_at = now() where id = $1";

    private final Postgres postgres;
    private final Ids ids;

    public UserStore(Postgres postgres, Ids ids) {
        this.postgres = postgres;
        this.ids = ids;
    }

    /** Inserts a person in the caller's transaction. */
    public Future<TypeId> insert(SqlConnection sql, NewUser user) {
        TypeId id = ids.next(Kind.USER);
        String[] roles = user.roles().stream().map(Role::id).sorted().toArray(String[]::new);
        return sql.preparedQuery(INSERT)
                .execute(Tuple.of(id.uuid(), user.email(), user.fullName(), user.passwordHash()))
                .compose(done -> sql.preparedQuery(ASSIGN)
                        .execute(Tuple.tuple().addUUID(id.uuid()).addArrayOfString(roles)))
                .map(id);
    }

    /** Who signs in with this address, in any tenant. */
    public Future<Optional<SignIn>> findByEmail(String email) {
        return postgres.withoutTenant(sql -> sql.preparedQuery(FIND_BY_EMAIL)
                .execute(Tuple.of(email))
                .map(rows -> first(rows)
                        .map(row -> new SignIn(
                                new TypeId(Kind.USER, row.getUUID("id")),
                                new TenantId(row.getUUID("tenant_id")),
                                row.getString("password_hash"),
                                row.getBoolean("active")))));
    }

    public Future<Optional<User>> get(TenantId tenant, TypeId user) {
        return postgres.inTenant(tenant, sql -> get(sql, user));
    }

    /** The same in the caller's transaction. */
    public Future<Optional<User>> get(SqlConnection sql, TypeId user) {
        return sql.preparedQuery(GET)
                .execute(Tuple.of(user.uuid()))
                .map(rows -> first(rows).map(UserStore::user));
    }

    /** Notes in the caller's transaction that a person has signed in now. */
    public Future<Void> signedIn(SqlConnection sql, TypeId user) {
        return sql.preparedQuery(SIGNED_IN).execute(Tuple.of(user.uuid())).mapEmpty();
    }

    private static User user(Row row) {
        return new User(
                new TypeId(Kind.USER, row.getUUID("id")),
                new TenantId(row.getUUID("tenant_id")),
                row.getString("email"),
                row.getString("full_name"),
                row.getBoolean("active"),
                List.of(row.getArrayOfStrings("roles")),
                ApiKeyStore.permissions(row.getArrayOfStrings("permissions")),
                row.getOffsetDateTime("created_at").toInstant());
    }

    private static Optional<Row> first(RowSet<Row> rows) {
        return rows.size() == 0 ? Optional.empty() : Optional.of(rows.iterator().next());
    }
}
