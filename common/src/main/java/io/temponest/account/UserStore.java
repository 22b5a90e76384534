package io.temponest.account;

import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.Role;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.store.Postgres;
import io.temponest.store.SqlFailure;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** People. */
public final class UserStore {

    private static final String INSERT = """
            insert into users (id, tenant_id, email, full_name, password_hash)
            values ($1, current_tenant(), $2, $3, $4)""";

    private static final String ASSIGN = """
            insert into user_roles (tenant_id, user_id, role_id)
            select current_tenant(), $1, r.id from roles r where r.built_in and r.name = any($2)""";

    /** Those who were not deleted. */
    static final String SELECT = """
            select u.id, u.tenant_id, u.email, u.full_name, u.active, u.created_at,
                   array(select r.name from user_roles ur join roles r on r.id = ur.role_id
                         where ur.user_id = u.id order by r.name) as roles,
                   array(select distinct rp.permission from user_roles ur join role_permissions rp on rp.role_id = ur.role_id
                         where ur.user_id = u.id order by rp.permission) as permissions
            from users u where u.deleted_at is null""";

    private static final String GET = SELECT + " and u.id = $1";

    private static final String FIND_BY_EMAIL = "select id, tenant_id, password_hash, active from user_by_email($1)";

    /** Only where the password that was checked is still the password. */
    private static final String SIGNED_IN =
            "update users set last_login_at = now() where id = $1 and password_hash = $2 and active";

    private static final String SIGNED_IN_ELSEWHERE = "update users set last_login_at = now() where id = $1 and active";

    private static final String SET_PASSWORD =
            "update users set password_hash = $2, updated_at = now() where id = $1 and active";

    /** Only where the password that was checked is still the password. */
    private static final String CHANGE_PASSWORD = """
            update users set password_hash = $3, updated_at = now()
            where id = $1 and active and password_hash = $2""";

    private static final String PASSWORD = "select email, password_hash from users where id = $1 and active";

    private static final String MAY = """
            select array(select distinct rp.permission from user_roles ur join role_permissions rp on rp.role_id = ur.role_id
                         where ur.user_id = u.id) as permissions
            from users u join tenants t on t.id = u.tenant_id where u.id = $1 and u.active and t.active""";

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

    /** Inserts a person with any roles of the tenant, in the caller's transaction. An address that is taken fails. */
    public Future<TypeId> insert(SqlConnection sql, NewUser user, List<TypeId> roles) {
        return insert(sql, user)
                .compose(id -> MemberStore.assign(sql, id, roles).map(id));
    }

    /** Whether a failed insert failed because somebody has the address already. */
    public static boolean emailTaken(Throwable failure) {
        return SqlFailure.duplicate(failure).filter("users_email"::equals).isPresent();
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

    /** A person who was not deleted. */
    public Future<Optional<User>> get(TenantId tenant, TypeId user) {
        return postgres.inTenant(tenant, sql -> get(sql, user));
    }

    /** The same in the caller's transaction. */
    public Future<Optional<User>> get(SqlConnection sql, TypeId user) {
        return sql.preparedQuery(GET)
                .execute(Tuple.of(user.uuid()))
                .map(rows -> first(rows).map(UserStore::user));
    }

    /** What a person may do now; empty where they may not sign in. */
    public Future<Optional<Set<Permission>>> may(TenantId tenant, TypeId user) {
        return postgres.inTenant(
                tenant,
                sql -> sql.preparedQuery(MAY)
                        .execute(Tuple.of(user.uuid()))
                        .map(rows ->
                                first(rows).map(row -> ApiKeyStore.permissions(row.getArrayOfStrings("permissions")))));
    }

    /** An e-mail address and the hash that its person's password is checked against. */
    public record Password(String email, String hash) {

        @Override
        public String toString() {
            return "Password[***]";
        }
    }

    public Future<Optional<Password>> password(SqlConnection sql, TypeId user) {
        return sql.preparedQuery(PASSWORD)
                .execute(Tuple.of(user.uuid()))
                .map(rows ->
                        first(rows).map(row -> new Password(row.getString("email"), row.getString("password_hash"))));
    }

    /** The same in a transaction of its own. */
    public Future<Optional<Password>> password(TenantId tenant, TypeId user) {
        return postgres.inTenant(tenant, sql -> password(sql, user));
    }

    /** Changes a password in the caller's transaction. @return whether the person may sign in */
    public Future<Boolean> setPassword(SqlConnection sql, TypeId user, String hash) {
        return sql.preparedQuery(SET_PASSWORD)
                .execute(Tuple.of(user.uuid(), hash))
                .map(rows -> rows.rowCount() == 1);
    }

    /**
     * Changes a password in the caller's transaction.
     *
     * @param from what the old password was checked against
     * @return whether that is still the person's hash
     */
    public Future<Boolean> changePassword(SqlConnection sql, TypeId user, String from, String to) {
        return sql.preparedQuery(CHANGE_PASSWORD)
                .execute(Tuple.of(user.uuid(), from, to))
                .map(rows -> rows.rowCount() == 1);
    }

    /**
     * Notes in the caller's transaction that a person has signed in now.
     *
     * @param hash what the password was checked against
     * @return whether the person may still sign in with that password
     */
    public Future<Boolean> signedIn(SqlConnection sql, TypeId user, String hash) {
        return sql.preparedQuery(SIGNED_IN).execute(Tuple.of(user.uuid(), hash)).map(rows -> rows.rowCount() == 1);
    }

    /** The same where another than us has found out who it is. @return whether the person may still sign in */
    public Future<Boolean> signedIn(SqlConnection sql, TypeId user) {
        return sql.preparedQuery(SIGNED_IN_ELSEWHERE)
                .execute(Tuple.of(user.uuid()))
                .map(rows -> rows.rowCount() == 1);
    }

    static User user(Row row) {
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

    static Optional<Row> first(RowSet<Row> rows) {
        return rows.size() == 0 ? Optional.empty() : Optional.of(rows.iterator().next());
    }
}
