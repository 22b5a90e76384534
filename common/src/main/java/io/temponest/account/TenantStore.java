package io.temponest.account;

import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.Role;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.json.Json;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Map;
import java.util.Optional;

/** Tenants. */
public final class TenantStore {

    private static final String INSERT_TENANT =
            "insert into tenants (id, name, slug, plan) values (current_tenant(), $1, $2, $3)";

    private static final String PLAN = "select plan from tenants where id = current_tenant()";

    private static final String INSERT_ROLE =
            "insert into roles (id, tenant_id, name, built_in) values ($1, current_tenant(), $2, true)";

    private static final String GET =
            "select id, name, slug, plan, settings::text as settings, created_at, updated_at from tenants where id = current_tenant()";

    private static final String HOLD = GET + " for update";

    private static final String UPDATE = """
            update tenants set name = coalesce($1, name), settings = settings || $2::text::jsonb, updated_at = now()
            where id = current_tenant()""";

    private final Ids ids;

    public TenantStore(Ids ids) {
        this.ids = ids;
    }

    /**
     * Inserts a tenant with the roles that every tenant has, in the caller's transaction, which must be that tenant's: mint
     * its id with {@link Ids#nextTenant} and use it for {@link io.temponest.store.Postgres#inTenant}.
     */
    public Future<Void> insert(SqlConnection sql, NewTenant tenant) {
        return sql.preparedQuery(INSERT_TENANT)
                .execute(Tuple.of(tenant.name(), tenant.slug(), tenant.plan()))
                .compose(done -> insertRoles(sql));
    }

    /** The plan of the transaction's tenant; empty where there is no such tenant. */
    public Future<Optional<String>> plan(SqlConnection sql) {
        return sql.preparedQuery(PLAN)
                .execute()
                .map(rows -> rows.size() == 0
                        ? Optional.empty()
                        : Optional.of(rows.iterator().next().getString("plan")));
    }

    /** Inserts the roles that every tenant has, for a tenant that has none. */
    public Future<Void> insertRoles(SqlConnection sql) {
        Future<?> inserted = Future.succeededFuture();
        for (Role role : Role.values()) {
            inserted = inserted.compose(done -> insertRole(sql, role));
        }
        return inserted.mapEmpty();
    }

    private Future<?> insertRole(SqlConnection sql, Role role) {
        TypeId id = ids.next(Kind.ROLE);
        return sql.preparedQuery(INSERT_ROLE)
                .execute(Tuple.of(id.uuid(), role.id()))
                .compose(done -> RoleStore.grant(sql, id, role.permissions()));
    }

    /** The transaction's own tenant. */
    public static Future<Tenant> get(SqlConnection sql) {
        return read(sql, GET);
    }

    /** The same, which nobody else changes until the transaction ends. */
    public static Future<Tenant> hold(SqlConnection sql) {
        return read(sql, HOLD);
    }

    private static Future<Tenant> read(SqlConnection sql, String query) {
        return sql.preparedQuery(query)
                .execute()
                .map(rows -> tenant(rows.iterator().next()));
    }

    /** Changes the transaction's own tenant: its name, and those of its settings that are given. */
    public static Future<Tenant> update(SqlConnection sql, Optional<String> name, Map<String, String> settings) {
        return sql.preparedQuery(UPDATE)
                .execute(Tuple.tuple().addString(name.orElse(null)).addString(Json.text(settings)))
                .compose(done -> get(sql));
    }

    private static Tenant tenant(Row row) {
        return new Tenant(
                new TenantId(row.getUUID("id")),
                row.getString("name"),
                row.getString("slug"),
                row.getString("plan"),
                Json.tree(row.getString("settings")),
                row.getOffsetDateTime("created_at").toInstant(),
                row.getOffsetDateTime("updated_at").toInstant());
    }
}
