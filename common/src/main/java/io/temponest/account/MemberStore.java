package io.temponest.account;

import io.temponest.identity.Role;
import io.temponest.identity.TypeId;
import io.temponest.store.Keyset;
import io.temponest.store.Page;
import io.temponest.store.PageRequest;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The people of a tenant, as its administrators see and change them. Everything here is done in the caller's transaction. */
public final class MemberStore {

    private static final Keyset LIST = new Keyset(UserStore.SELECT, "u.id", 0);

    /** Whoever changes who is an administrator does it alone: else two could demote each other. */
    private static final String HOLD_ADMINS = "select id from roles where built_in and name = $1 for update";

    private static final String EXISTS = "select from users where id = $1 and deleted_at is null for update";

    private static final String ADMINS = """
            select count(*) as admins from users u join user_roles ur on ur.user_id = u.id join roles r on r.id = ur.role_id
            where u.active and r.built_in and r.name = $1""";

    private static final String UPDATE = """
            update users set full_name = coalesce($2, full_name), active = coalesce($3, active), updated_at = now()
            where id = $1""";

    private static final String CLEAR = "delete from user_roles where user_id = $1";

    private static final String ASSIGN = """
            insert into user_roles (tenant_id, user_id, role_id)
            select current_tenant(), $1, r.id from roles r where r.id = any($2)""";

    private static final String ERASE_INVITATIONS = """
            update invitations i set email = u.id || '@deleted.invalid',
                   revoked_at = case when i.accepted_at is null then coalesce(i.revoked_at, now()) else i.revoked_at end
            from users u where u.id = $1 and lower(i.email collate "C") = lower(u.email collate "C")""";

    private static final String ERASE_SESSIONS =
            "update user_sessions set address = null, user_agent = null where user_id = $1";

    /** What refers to the person stays; who it was does not. */
    private static final String ERASE = """
            update users set active = false, deleted_at = now(), updated_at = now(), full_name = 'Deleted user',
                   email = id || '@deleted.invalid', password_hash = '!'
            where id = $1""";

    private static final String FORGET_IDENTITIES = "delete from user_identities where user_id = $1";

    /** Those who were not deleted. */
    public Future<Page<User>> list(SqlConnection sql, PageRequest page) {
        return LIST.read(sql, page, List.of(), UserStore::user);
    }

    /** Holds a person, and who is an administrator, until the transaction ends. @return whether there is such a person */
    public Future<Boolean> hold(SqlConnection sql, TypeId user) {
        return sql.preparedQuery(HOLD_ADMINS)
                .execute(Tuple.of(Role.ADMIN.id()))
                .compose(held -> sql.preparedQuery(EXISTS).execute(Tuple.of(user.uuid())))
                .map(rows -> rows.size() == 1);
    }

    /** How many active people have the role of administrators. */
    public Future<Long> admins(SqlConnection sql) {
        return sql.preparedQuery(ADMINS)
                .execute(Tuple.of(Role.ADMIN.id()))
                .map(rows -> rows.iterator().next().getLong("admins"));
    }

    /** Changes what is given. */
    public Future<Void> update(SqlConnection sql, TypeId user, Optional<String> fullName, Optional<Boolean> active) {
        return sql.preparedQuery(UPDATE)
                .execute(Tuple.tuple()
                        .addUUID(user.uuid())
                        .addString(fullName.orElse(null))
                        .addBoolean(active.orElse(null)))
                .mapEmpty();
    }

    /** Takes all roles from a person and gives them these. */
    public Future<Void> replaceRoles(SqlConnection sql, TypeId user, List<TypeId> roles) {
        return sql.preparedQuery(CLEAR).execute(Tuple.of(user.uuid())).compose(done -> assign(sql, user, roles));
    }

    static Future<Void> assign(SqlConnection sql, TypeId user, List<TypeId> roles) {
        return sql.preparedQuery(ASSIGN)
                .execute(Tuple.tuple()
                        .addUUID(user.uuid())
                        .addArrayOfUUID(roles.stream().map(TypeId::uuid).toArray(UUID[]::new)))
                .mapEmpty();
    }

    /**
     * Deletes a person: nothing that they made goes, and nothing that names them stays but what the audit log has noted, such as the
     * address of their invitation and where they came from. That goes with its partitions.
     */
    public Future<Void> erase(SqlConnection sql, TypeId user) {
        return replaceRoles(sql, user, List.of())
                .compose(done -> sql.preparedQuery(ERASE_INVITATIONS).execute(Tuple.of(user.uuid())))
                .compose(done -> sql.preparedQuery(ERASE_SESSIONS).execute(Tuple.of(user.uuid())))
                .compose(done -> sql.preparedQuery(FORGET_IDENTITIES).execute(Tuple.of(user.uuid())))
                .compose(done -> sql.preparedQuery(ERASE).execute(Tuple.of(user.uuid())))
                .mapEmpty();
    }
}
