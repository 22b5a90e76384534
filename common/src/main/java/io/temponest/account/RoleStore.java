package io.temponest.account;

import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.TypeId;
import io.temponest.store.Keyset;
import io.temponest.store.Page;
import io.temponest.store.PageRequest;
import io.temponest.store.SqlFailure;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The roles of a tenant. Everything here is done in the caller's transaction. */
public final class RoleStore {

    private static final String SELECT = """
            select id, name, description, built_in, created_at,
                   array(select permission from role_permissions rp where rp.role_id = roles.id) as permissions
            from roles where true""";

    private static final Keyset LIST = new Keyset(SELECT, "id", 0);

    private static final String GET = SELECT + " and id = $1";

    private static final String GET_ALL = SELECT + " and id = any($1) order by id";

    // Locked first and read in a statement of its own: one that has waited for a lock sees the locked row as it is now,
    // but
    // what it reads besides, such as permissions, as it was before.
    private static final String LOCK = "select from roles where id = $1 for update";

    private static final String LOCK_FOUND =
            "select id from roles where id = any($1) or name = any($2) order by id for share";

    private static final String INSERT =
            "insert into roles (id, tenant_id, name, description) values ($1, current_tenant(), $2, $3)";

    private static final String UPDATE =
            "update roles set name = coalesce($2, name), description = coalesce($3, description) where id = $1";

    private static final String DELETE = "delete from roles where id = $1";

    private static final String CLEAR = "delete from role_permissions where role_id = $1";

    private static final String GRANT = """
            insert into role_permissions (tenant_id, role_id, permission)
            select current_tenant(), $1, granted from unnest($2::text[]) granted""";

    private final Ids ids;

    public RoleStore(Ids ids) {
        this.ids = ids;
    }

    public Future<Page<TenantRole>> list(SqlConnection sql, PageRequest page) {
        return LIST.read(sql, page, List.of(), RoleStore::role);
    }

    /** The roles with these names or ids, which stay as they are until the transaction ends. */
    public Future<List<TenantRole>> find(SqlConnection sql, List<String> namesOrIds) {
        UUID[] byId = namesOrIds.stream()
                .flatMap(text -> TypeId.parse(Kind.ROLE, text).stream())
                .map(TypeId::uuid)
                .toArray(UUID[]::new);
        return sql.preparedQuery(LOCK_FOUND)
                .execute(Tuple.tuple().addArrayOfUUID(byId).addArrayOfString(namesOrIds.toArray(String[]::new)))
                .map(rows -> stream(rows).map(row -> row.getUUID("id")).toArray(UUID[]::new))
                .compose(
                        held -> sql.preparedQuery(GET_ALL).execute(Tuple.tuple().addArrayOfUUID(held)))
                .map(rows -> stream(rows).map(RoleStore::role).toList());
    }

    private static Stream<Row> stream(RowSet<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false);
    }

    public Future<Optional<TenantRole>> get(SqlConnection sql, TypeId role) {
        return sql.preparedQuery(GET)
                .execute(Tuple.of(role.uuid()))
                .map(rows -> UserStore.first(rows).map(RoleStore::role));
    }

    /** A role that nobody else changes until the transaction ends. */
    public Future<Optional<TenantRole>> hold(SqlConnection sql, TypeId role) {
        return sql.preparedQuery(LOCK).execute(Tuple.of(role.uuid())).compose(held -> get(sql, role));
    }

    /** Makes a role; a name that is taken is a {@code conflict_error}. */
    public Future<TenantRole> create(SqlConnection sql, String name, String description, Set<Permission> permissions) {
        TypeId id = ids.next(Kind.ROLE);
        return sql.preparedQuery(INSERT)
                .execute(Tuple.of(id.uuid(), name, description))
                .recover(failure -> Future.failedFuture(named(name, failure)))
                .compose(done -> grant(sql, id, permissions))
                .compose(done -> get(sql, id))
                .map(Optional::orElseThrow);
    }

    /** Changes a role, and what all who have it may do. */
    public Future<TenantRole> update(
            SqlConnection sql,
            TypeId role,
            Optional<String> name,
            Optional<String> description,
            Optional<Set<Permission>> permissions) {
        return sql.preparedQuery(UPDATE)
                .execute(Tuple.tuple()
                        .addUUID(role.uuid())
                        .addString(name.orElse(null))
                        .addString(description.orElse(null)))
                .recover(failure -> Future.failedFuture(named(name.orElse(""), failure)))
                .compose(done -> permissions
                        .map(wanted -> sql.preparedQuery(CLEAR)
                                .execute(Tuple.of(role.uuid()))
                                .compose(cleared -> grant(sql, role, wanted))
                                .compose(granted -> AccessChangeStore.everyoneWith(sql, role)))
                        .orElseGet(Future::succeededFuture))
                .compose(done -> get(sql, role))
                .map(Optional::orElseThrow);
    }

    /** Deletes a role; whoever had it has it no more. */
    public Future<Void> delete(SqlConnection sql, TypeId role) {
        return AccessChangeStore.everyoneWith(sql, role)
                .compose(done -> sql.preparedQuery(DELETE).execute(Tuple.of(role.uuid())))
                .mapEmpty();
    }

    static Future<Void> grant(SqlConnection sql, TypeId role, Set<Permission> permissions) {
        String[] names = permissions.stream().map(Permission::toString).sorted().toArray(String[]::new);
        return sql.preparedQuery(GRANT)
                .execute(Tuple.tuple().addUUID(role.uuid()).addArrayOfString(names))
                .mapEmpty();
    }

    private static Throwable named(String name, Throwable failure) {
        return SqlFailure.duplicate(failure).isEmpty()
                ? failure
                : new ApiError(
                                ErrorType.CONFLICT_ERROR,
                                "There is a role '%s' already.".formatted(name),
                                Optional.of("name"),
                                "role_exists")
                        .exception();
    }

    private static TenantRole role(Row row) {
        return new TenantRole(
                new TypeId(Kind.ROLE, row.getUUID("id")),
                row.getString("name"),
                row.getString("description"),
                row.getBoolean("built_in"),
                ApiKeyStore.permissions(row.getArrayOfStrings("permissions")),
                row.getOffsetDateTime("created_at").toInstant());
    }
}
