package io.temponest.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temponest.identity.Permission;
import io.temponest.identity.TenantId;
import io.temponest.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The wall between tenants, tested on every table that the catalogue knows, so that a new table cannot be forgotten. */
class TenantWallTest {

    private static final String TENANT_TABLES = """
            select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'public' and c.relkind in ('r', 'p')
              and (c.relname = 'tenants' or exists (
                  select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped))
            order by 1""";

    /** Whoever adds a table here says why its rows are no tenant's. */
    private static final List<String> OF_NO_TENANT = List.of(
            "flyway_schema_history", // the schema's own
            "login_attempts", // with addresses that may be nobody's; the service can only add to it
            "oidc_states", // sign-ins of people who are not known yet; the service cannot touch it but by its function
            "permissions", // the closed set of the code
            "sign_in_locks", // the same; the service cannot touch it but by its functions
            "spend_nodes", // processes, which spend for all tenants
            "worker_sessions"); // processes, which serve all tenants

    private static final String OTHER_TABLES = """
            select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'public' and c.relkind in ('r', 'p', 'f', 'm') and c.relname <> 'tenants'
              and not c.relispartition
              and not exists (
                  select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
            order by 1""";

    /** A view reads with the rights of its owner, past the wall, unless it is told not to. */
    private static final String OPEN_VIEWS = """
            select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'public' and c.relkind in ('v', 'm')
              and not coalesce(c.reloptions @> array ['security_invoker=true'], false)""";

    private static final TestDatabase DATABASE = TestDatabase.create();
    private static TenantId one;
    private static TenantId other;

    @BeforeAll
    static void seedEveryTableForOneTenant() throws SQLException {
        one = DATABASE.tenant();
        other = DATABASE.tenant();
        DATABASE.execute("set session_replication_role = replica; " + String.join("; ", seeds(one)));
    }

    /** A row per table, foreign keys aside. */
    private static List<String> seeds(TenantId tenant) throws SQLException {
        String id = "'" + tenant.uuid() + "'::uuid";
        String any = "gen_random_uuid()";
        String now = "uuid_v7_floor(now())";
        return List.of(
                "insert into users (id, tenant_id, email, full_name, password_hash) values (%s, %s, 'a@b.c', 'A', 'x')"
                        .formatted(any, id),
                "insert into roles (id, tenant_id, name) values (%s, %s, 'r')".formatted(any, id),
                "insert into role_permissions values (%s, %s, 'runs:read')".formatted(id, any),
                "insert into user_roles values (%s, %s, %s)".formatted(id, any, any),
                "insert into api_keys (id, tenant_id, name, prefix, secret_sha256, scopes) values (%s, %s, 'k', 'p', sha256('x'), '{}')"
                        .formatted(any, id),
                "insert into projects (id, tenant_id, slug, name) values (%s, %s, 'p', 'P')".formatted(any, id),
                "insert into agents (id, tenant_id, slug, name) values (%s, %s, 'a', 'A')".formatted(any, id),
                "insert into agent_versions (id, tenant_id, agent_id, version, spec) values (%s, %s, %s, 1, '{}')"
                        .formatted(any, id, any),
                "insert into runs (id, tenant_id, agent_id, agent_version_id, request, model, deadline_at) values (%s, %s, %s, %s, '{}', 'm', now())"
                        .formatted(any, id, any, any),
                "insert into run_ready (run_id, tenant_id) values (%s, %s)".formatted(any, id),
                "insert into run_steps (run_id, seq, phase, tenant_id, epoch, kind, name, payload) values (%s, 1, 'done', %s, 1, 'llm', 'n', '{}')"
                        .formatted(now, id),
                "insert into run_events (run_id, seq, tenant_id, type, data) values (%s, 1, %s, 't', '{}')"
                        .formatted(now, id),
                "insert into run_gates (run_id, seq, tenant_id, kind) values (%s, 1, %s, 'timer')".formatted(any, id),
                "insert into approvals (id, tenant_id, run_id, seq, agent_id, kind, risk, required, arguments, arguments_sha256, on_timeout, patience, expires_at) values (%s, %s, %s, 1, %s, 'tool', 'high', 2, '{}', sha256('x'), 'reject', '1 day', now())"
                        .formatted(any, id, any, any),
                "insert into approval_votes (approval_id, revision, user_id, tenant_id, decision, arguments_sha256) values (%s, 1, %s, %s, 'approve', sha256('x'))"
                        .formatted(any, any, id),
                "insert into usage_ledger (id, tenant_id, provider, model, status, latency_ms) values (%s, %s, 'p', 'm', 'failed', 1)"
                        .formatted(now, id),
                "insert into usage_hourly values (%s, now(), null, null, null, null, 'p', 'm', 1, 0, 0, 0, 0, 0, 0, 0)"
                        .formatted(id),
                "insert into usage_reservations (id, node_id, tenant_id, provider, model, floor_usd, created_at) values (%s, %s, %s, 'p', 'm', 0, now())"
                        .formatted(any, any, id),
                "insert into budgets (id, tenant_id, scope, period, limit_usd, hard) values (%s, %s, 'tenant', 'total', 1, true)"
                        .formatted(any, id),
                "insert into budget_periods values (%s, now(), %s, 0, 0)".formatted(any, id),
                "insert into budget_leases values (%s, now(), %s, %s, 0)".formatted(any, any, id),
                "insert into budget_alerts (id, tenant_id, budget_id, period_start, threshold, severity, limit_usd, settled) values (%s, %s, %s, now(), 1, 'exceeded', 1, 1)"
                        .formatted(any, id, any),
                "insert into tenant_prices (id, tenant_id, model, effective_from, input_usd, cached_input_usd, output_usd) values (%s, %s, 'p/m', now(), 1, 1, 1)"
                        .formatted(any, id),
                "insert into idempotency_keys (tenant_id, principal, key, request_sha256) values (%s, %s, 'k', sha256('x'))"
                        .formatted(id, any),
                "insert into audit_heads values (%s, 1, 1, sha256('x'))".formatted(id),
                "insert into audit_log (tenant_id, seq, id, created_at, action, resource_type, outcome, details, prev_hash, hash) values (%s, 1, %s, now(), 'a', 't', 'success', '{}', sha256('x'), sha256('x'))"
                        .formatted(id, now),
                "insert into collections (id, tenant_id, name, embedding_model, dimension) values (%s, %s, 'c', 'e', 1)"
                        .formatted(any, id),
                "insert into documents (id, tenant_id, collection_id, filename, media_type, size_bytes, sha256) values (%s, %s, %s, 'f', 't', 1, 'x')"
                        .formatted(any, id, any),
                "insert into user_sessions (id, tenant_id, user_id, kind, expires_at) values (%s, %s, %s, 'token', now())"
                        .formatted(any, id, any),
                "insert into refresh_tokens (id, tenant_id, session_id, sha256, expires_at) values (%s, %s, %s, sha256('x'), now())"
                        .formatted(any, id, any),
                "insert into invitations (id, tenant_id, email, roles, sha256, expires_at) values (%s, %s, 'a@b.c', '{}', sha256('x'), now())"
                        .formatted(any, id),
                "insert into password_resets (id, tenant_id, user_id, sha256, expires_at) values (%s, %s, %s, sha256('x'), now())"
                        .formatted(any, id, any),
                "insert into user_identities (tenant_id, user_id, issuer, subject) values (%s, %s, 'i', 's')"
                        .formatted(id, any),
                "insert into access_changes (tenant_id, kind, subject) values (%s, 'user', 'x')".formatted(id),
                "insert into webhook_endpoints (id, tenant_id, name, url, events, timeout_s, retry_s, secret) values (%s, %s, 'w', 'u', '{*}', 1, '{}', 'x')"
                        .formatted(any, id),
                "insert into webhook_standings (endpoint_id, tenant_id) values (%s, %s)".formatted(any, id),
                "insert into webhook_deliveries (id, tenant_id, endpoint_id, event_id, event_type, payload) values (%s, %s, %s, %s, 't', '{}')"
                        .formatted(now, id, any, any),
                "insert into webhook_attempts (delivery_id, attempt, tenant_id, outcome) values (%s, 1, %s, 'failed')"
                        .formatted(now, id),
                "insert into webhook_queue (delivery_id, endpoint_id, tenant_id) values (%s, %s, %s)"
                        .formatted(any, any, id),
                "insert into document_contents values (%s, %s, 'x')".formatted(any, id),
                "insert into chunks values (%s, %s, %s, %s, 0, 't', '{}', 1, 'x')".formatted(any, id, any, any));
    }

    @Test
    void everyTenantTableHasForcedRowSecurityAndAPolicy() throws SQLException {
        try (Connection owner = TestDatabase.connection(DATABASE.ownerUrl())) {
            assertThat(open(owner)).isEmpty();
        }
    }

    private static List<String> open(Connection connection) throws SQLException {
        List<String> open = new ArrayList<>();
        for (String table : strings(connection, TENANT_TABLES)) {
            boolean walled = bool(
                    connection,
                    "select relrowsecurity and relforcerowsecurity from pg_class where oid = 'public.%s'::regclass"
                            .formatted(table));
            boolean partition = bool(
                    connection,
                    "select relispartition from pg_class where oid = 'public.%s'::regclass".formatted(table));
            boolean policy = bool(
                    connection,
                    "select exists (select from pg_policy where polrelid = 'public.%s'::regclass and polname = 'tenant')"
                            .formatted(table));
            // A partition is reached through its parent, whose policy holds; by itself it has no policy, so shows
            // nothing.
            if (!walled || policy == partition) {
                open.add(table);
            }
        }
        return open;
    }

    @Test
    void aTableWithoutATenantIsOneThatWasArguedFor() throws SQLException {
        try (Connection owner = TestDatabase.connection(DATABASE.ownerUrl())) {
            assertThat(strings(owner, OTHER_TABLES)).containsExactlyElementsOf(OF_NO_TENANT);
            assertThat(strings(owner, OPEN_VIEWS)).isEmpty();
        }
    }

    /** Otherwise the tests below would say nothing of it. */
    @Test
    void everyTenantTableHasARowOfTheFirstTenant() throws SQLException {
        List<String> unseeded = new ArrayList<>();
        try (Connection onlooker = TestDatabase.connection(DATABASE.superuserUrl())) {
            for (String table : strings(onlooker, TENANT_TABLES)) {
                String whose = table.equals("tenants") ? "id" : "tenant_id";
                boolean partition = bool(
                        onlooker,
                        "select relispartition from pg_class where oid = 'public.%s'::regclass".formatted(table));
                if (!partition
                        && !bool(
                                onlooker,
                                "select exists (select from %s where %s = '%s')".formatted(table, whose, one.uuid()))) {
                    unseeded.add(table);
                }
            }
        }
        assertThat(unseeded).isEmpty();
    }

    /** The wall's own test can fail: it finds a table that somebody forgot to wall in. */
    @Test
    void aTableWithATenantAndWithoutAWallIsFound() throws SQLException {
        DATABASE.execute("create table forgotten (tenant_id uuid not null)");
        DATABASE.execute("create table global (x int)");
        try (Connection owner = TestDatabase.connection(DATABASE.superuserUrl())) {
            assertThat(open(owner)).containsExactly("forgotten");
            assertThat(strings(owner, OTHER_TABLES)).contains("global");
        } finally {
            DATABASE.execute("drop table forgotten, global");
        }
    }

    @Test
    void withoutATenantEveryTableIsEmpty() throws SQLException {
        try (Connection app = TestDatabase.connection(DATABASE.appUrl())) {
            assertThat(visible(app)).as("rows seen without a tenant").isEmpty();
        }
    }

    @Test
    void anotherTenantSeesNoRowOfTheFirst() throws SQLException {
        try (Connection app = TestDatabase.connection(DATABASE.appUrl())) {
            setTenant(app, other);
            assertThat(visible(app)).containsExactly("tenants:1");
        }
    }

    @Test
    void theTenantItselfSeesItsRowInEveryTableThatTheServiceMayRead() throws SQLException {
        try (Connection app = TestDatabase.connection(DATABASE.appUrl())) {
            setTenant(app, one);
            assertThat(visible(app)).hasSize(readable(app).size());
        }
    }

    @Test
    void aRowForAnotherTenantCannotBeWritten() throws SQLException {
        try (Connection app = TestDatabase.connection(DATABASE.appUrl());
                Statement statement = app.createStatement()) {
            setTenant(app, other);
            assertThatThrownBy(() -> statement.execute(
                            "insert into projects (id, tenant_id, slug, name) values (gen_random_uuid(), '%s', 'x', 'X')"
                                    .formatted(one.uuid())))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("row-level security");
        }
    }

    @Test
    void theServiceOwnsNothingAndCannotChangeTheSchemaOrBypassTheWall() throws SQLException {
        try (Connection app = TestDatabase.connection(DATABASE.appUrl());
                Statement statement = app.createStatement()) {
            assertThat(
                            bool(
                                    app,
                                    "select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb from pg_roles where rolname = current_user"))
                    .isFalse();
            assertThat(strings(app, "select relname from pg_class where relowner = current_user::regrole"))
                    .isEmpty();
            assertThatThrownBy(() -> statement.execute("create table mine (x int)"))
                    .hasMessageContaining("permission denied");
            assertThatThrownBy(() -> statement.execute("alter table runs disable row level security"))
                    .hasMessageContaining("must be owner");
        }
    }

    @Test
    void theEngineSeesItsTablesOfAllTenantsAndNoOthers() throws SQLException {
        try (Connection app = TestDatabase.connection(DATABASE.appUrl());
                Statement statement = app.createStatement()) {
            statement.execute("set role temponest_engine");
            assertThat(visible(app))
                    .containsExactlyInAnyOrder(
                            "agent_versions:1",
                            "documents:1",
                            "run_events:1",
                            "run_ready:1",
                            "run_steps:1",
                            "runs:1",
                            "usage_ledger:1",
                            "webhook_attempts:1",
                            "webhook_deliveries:1",
                            "webhook_endpoints:1",
                            "webhook_queue:1",
                            "webhook_standings:1");
        }
    }

    @Test
    void thePermissionsInTheDatabaseAreThoseOfTheCode() throws SQLException {
        try (Connection app = TestDatabase.connection(DATABASE.appUrl())) {
            assertThat(strings(app, "select name from permissions"))
                    .containsExactlyInAnyOrderElementsOf(Arrays.stream(Permission.values())
                            .map(Permission::toString)
                            .toList());
        }
    }

    private static void setTenant(Connection connection, TenantId tenant) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("select set_config('app.current_tenant', '%s', false)".formatted(tenant.uuid()));
        }
    }

    private static List<String> readable(Connection connection) throws SQLException {
        List<String> readable = new ArrayList<>();
        for (String table : strings(connection, TENANT_TABLES)) {
            if (bool(connection, "select has_table_privilege(current_user, 'public.%s', 'select')".formatted(table))) {
                readable.add(table);
            }
        }
        return readable;
    }

    /** The tables in which this connection sees rows, with their number. */
    private static List<String> visible(Connection connection) throws SQLException {
        List<String> visible = new ArrayList<>();
        for (String table : readable(connection)) {
            String count = strings(connection, "select count(*) from " + table).getFirst();
            if (!count.equals("0")) {
                visible.add(table + ":" + count);
            }
        }
        return visible;
    }

    private static List<String> strings(Connection connection, String query) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                values.add(rows.getString(1));
            }
        }
        return values;
    }

    private static boolean bool(Connection connection, String query) throws SQLException {
        return strings(connection, query).getFirst().equals("t");
    }
}
