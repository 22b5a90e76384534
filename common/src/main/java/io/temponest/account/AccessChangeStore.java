package io.temponest.account;

import io.temponest.account.AccessChange.What;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.StreamSupport;

/**
 * The log of what gateways must forget. An entry is written in the transaction that it tells of, so that neither is without the
 * other, and last, so that it is seen soon after the moment that its id names.
 */
public final class AccessChangeStore {

    private static final String INSERT =
            "insert into access_changes (tenant_id, kind, subject) select current_tenant(), $1, unnest($2::text[])";

    private static final String INSERT_OF_ROLE = """
            insert into access_changes (tenant_id, kind, subject)
            select current_tenant(), 'user', ur.user_id::text from user_roles ur where ur.role_id = $1""";

    private static final String WITHIN =
            "select id, tenant_id, kind, subject from access_changes_within($1::int8 * interval '1 millisecond')";

    private final Postgres postgres;

    public AccessChangeStore(Postgres postgres) {
        this.postgres = postgres;
    }

    /** Notes, in the caller's transaction, that sessions were revoked. */
    public static Future<Void> sessions(SqlConnection sql, List<TypeId> revoked) {
        return append(
                sql, What.SESSION, revoked.stream().map(AccessChangeStore::text).toList());
    }

    /** Notes, in the caller's transaction, that a person's rights have changed. */
    public static Future<Void> user(SqlConnection sql, TypeId user) {
        return append(sql, What.USER, List.of(text(user)));
    }

    /** Notes, in the caller's transaction, that keys were revoked or got other secrets. */
    public static Future<Void> keys(SqlConnection sql, List<String> prefixes) {
        return append(sql, What.KEY, prefixes);
    }

    /** Notes, in the caller's transaction, that the rights of all who have a role have changed. */
    public static Future<Void> everyoneWith(SqlConnection sql, TypeId role) {
        return sql.preparedQuery(INSERT_OF_ROLE).execute(Tuple.of(role.uuid())).mapEmpty();
    }

    private static String text(TypeId id) {
        return id.uuid().toString();
    }

    private static Future<Void> append(SqlConnection sql, What what, List<String> subjects) {
        if (subjects.isEmpty()) {
            return Future.succeededFuture();
        }
        return sql.preparedQuery(INSERT)
                .execute(Tuple.tuple()
                        .addString(what.name().toLowerCase(Locale.ROOT))
                        .addArrayOfString(subjects.toArray(String[]::new)))
                .mapEmpty();
    }

    /** The entries of all tenants that are no older than this by the database's clock, oldest first. */
    public Future<List<AccessChange>> within(Duration window) {
        return postgres.withoutTenant(sql -> sql.preparedQuery(WITHIN)
                .execute(Tuple.of(window.toMillis()))
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(AccessChangeStore::change)
                        .toList()));
    }

    private static AccessChange change(Row row) {
        return new AccessChange(
                row.getUUID("id"),
                new TenantId(row.getUUID("tenant_id")),
                What.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                row.getString("subject"));
    }
}
