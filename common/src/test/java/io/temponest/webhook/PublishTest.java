package io.temponest.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.json.Json;
import io.temponest.run.RunStatus;
import io.temponest.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What happens makes deliveries for whoever wants to hear of it, with it or not at all. */
class PublishTest {

    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final Ids IDS = new Ids();

    private TenantId tenant = IDS.nextTenant();

    @BeforeEach
    void begin() {
        tenant = DATABASE.tenant();
    }

    private static TypeId endpoint(TenantId whose, String events) {
        TypeId id = IDS.next(Kind.WEBHOOK);
        DATABASE.execute(
                "insert into webhook_endpoints (id, tenant_id, name, url, events, timeout_s, retry_s, secret) values"
                        + " (?, ?, 'w', 'https://example.com/', ?::text[], 15, '{5}', 'x')",
                id.uuid(), whose.uuid(), events);
        DATABASE.execute(
                "insert into webhook_standings (endpoint_id, tenant_id) values (?, ?)", id.uuid(), whose.uuid());
        return id;
    }

    /** A run of an agent of the tenant. */
    private TypeId run() {
        UUID agent = IDS.next(Kind.AGENT).uuid();
        DATABASE.execute(
                "insert into agents (id, tenant_id, slug, name) values (?, ?, ?, 'Keeper')",
                agent,
                tenant.uuid(),
                "a" + agent);
        TypeId run = IDS.next(Kind.RUN);
        DATABASE.execute(
                "insert into runs (id, tenant_id, agent_id, agent_version_id, request, model, deadline_at) values (?, ?, ?, ?, '{}', 'm', now())",
                run.uuid(),
                tenant.uuid(),
                agent,
                agent);
        return run;
    }

    private static final String EVENT =
            "insert into run_events (run_id, seq, tenant_id, type, data) values (?, ?, ?, ?, ?::text::jsonb)";

    /** As the engine, as which events are written. */
    private void event(TypeId run, int seq, String type, String data) throws SQLException {
        try (Connection app = TestDatabase.connection(DATABASE.appUrl())) {
            engine(app);
            insert(app, run, seq, type, data);
        }
    }

    private static void engine(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("set role temponest_engine");
        }
    }

    private void insert(Connection connection, TypeId run, int seq, String type, String data) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(EVENT)) {
            insert.setObject(1, run.uuid());
            insert.setInt(2, seq);
            insert.setObject(3, tenant.uuid());
            insert.setString(4, type);
            insert.setString(5, data);
            insert.executeUpdate();
        }
    }

    private record Row(UUID endpoint, UUID event, String type, JsonNode payload) {}

    private List<Row> deliveries() throws SQLException {
        List<Row> rows = new ArrayList<>();
        try (Connection onlooker = TestDatabase.connection(DATABASE.superuserUrl());
                PreparedStatement select = onlooker.prepareStatement(
                        "select d.endpoint_id, d.event_id, d.event_type, d.payload from webhook_deliveries d join webhook_queue q on"
                                + " q.delivery_id = d.id and q.endpoint_id = d.endpoint_id and q.tenant_id = d.tenant_id"
                                + " where d.tenant_id = ? order by d.id")) {
            select.setObject(1, tenant.uuid());
            try (ResultSet found = select.executeQuery()) {
                while (found.next()) {
                    rows.add(new Row(
                            found.getObject(1, UUID.class),
                            found.getObject(2, UUID.class),
                            found.getString(3),
                            Json.tree(found.getString(4))));
                }
            }
        }
        return rows;
    }

    @Test
    void anEventIsDeliveredToEveryEndpointThatWantsIt() throws SQLException {
        TypeId exact = endpoint(tenant, "{run.failed}");
        TypeId family = endpoint(tenant, "{step.completed,run.*}");
        TypeId all = endpoint(tenant, "{*}");
        endpoint(tenant, "{run.succeeded,budget.*}");
        endpoint(DATABASE.tenant(), "{*}");
        TypeId run = run();

        event(run, 1, "run.failed", "{\"status\":\"failed\",\"output\":\"long\",\"error\":{\"code\":\"x\"}}");

        List<Row> made = deliveries();
        assertThat(made.stream().map(Row::endpoint)).containsExactlyInAnyOrder(exact.uuid(), family.uuid(), all.uuid());
        assertThat(made.stream().map(Row::event).distinct()).as("one event").hasSize(1);
        assertThat(made).allSatisfy(row -> {
            assertThat(row.type()).isEqualTo("run.failed");
            assertThat(row.payload().path("type").asText()).isEqualTo("run.failed");
            assertThat(Instant.parse(row.payload().path("timestamp").asText()))
                    .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60));
            JsonNode data = row.payload().path("data");
            assertThat(data.path("run_id").asText()).isEqualTo(run.toString());
            assertThat(data.path("agent_id").asText()).startsWith("agt_");
            assertThat(data.path("agent").asText()).startsWith("a");
            assertThat(data.path("status").asText()).isEqualTo("failed");
            assertThat(data.at("/error/code").asText()).isEqualTo("x");
            assertThat(data.has("output"))
                    .as("what a run says is read from the API")
                    .isFalse();
            assertThat(data.has("project_id")).isFalse();
        });
    }

    @Test
    void whoeverIsSwitchedOffDisabledOrGoneHearsNothing() throws SQLException {
        TypeId off = endpoint(tenant, "{*}");
        TypeId disabled = endpoint(tenant, "{*}");
        TypeId gone = endpoint(tenant, "{*}");
        DATABASE.execute("update webhook_endpoints set active = false where id = ?", off.uuid());
        DATABASE.execute(
                "update webhook_endpoints set disabled_at = now(), disabled_reason = 'gone' where id = ?",
                disabled.uuid());
        DATABASE.execute("update webhook_endpoints set archived_at = now(), secret = null where id = ?", gone.uuid());

        event(run(), 1, "run.failed", "{}");

        assertThat(deliveries()).isEmpty();
    }

    @Test
    void anEventThatIsRolledBackIsNotDelivered() throws SQLException {
        endpoint(tenant, "{*}");
        TypeId run = run();
        try (Connection app = TestDatabase.connection(DATABASE.appUrl())) {
            engine(app);
            app.setAutoCommit(false);
            insert(app, run, 1, "run.started", "{}");
            app.rollback();
        }

        assertThat(deliveries()).isEmpty();
    }

    @Test
    void manyEventsOfOneStatementAreManyEvents() throws SQLException {
        endpoint(tenant, "{run.*}");
        TypeId run = run();
        try (Connection app = TestDatabase.connection(DATABASE.appUrl());
                Statement statement = app.createStatement()) {
            engine(app);
            statement.execute(("insert into run_events (run_id, seq, tenant_id, type, data)"
                            + " select '%s', n, '%s', 'run.queued', '{}' from generate_series(1, 20) n")
                    .formatted(run.uuid(), tenant.uuid()));
        }

        assertThat(deliveries().stream().map(Row::event).distinct()).hasSize(20);
    }

    @Test
    void whatPeopleAreAskedIsAnEvent() throws SQLException {
        endpoint(tenant, "{approval.*}");
        TypeId run = run();

        event(
                run,
                1,
                "approval.requested",
                "{\"approval\":\"apr_1\",\"tool\":\"wait\",\"risk\":\"high\",\"required\":2}");

        assertThat(deliveries()).singleElement().satisfies(row -> {
            assertThat(row.type()).isEqualTo("approval.requested");
            assertThat(row.payload().at("/data/run_id").asText()).isEqualTo(run.toString());
            assertThat(row.payload().at("/data/approval_id").asText()).isEqualTo("apr_1");
            assertThat(row.payload().at("/data/tool").asText()).isEqualTo("wait");
            assertThat(row.payload().at("/data/required").asInt()).isEqualTo(2);
        });
    }

    @Test
    void anAlertOfABudgetIsAnEvent() throws SQLException {
        endpoint(tenant, "{budget.exceeded}");
        UUID budget = IDS.next(Kind.BUDGET).uuid();
        DATABASE.execute(
                "insert into budgets (id, tenant_id, scope, period, limit_usd, hard, thresholds) values (?, ?, 'tenant', 'total', 2.5, false, '{0.5,1}')",
                budget,
                tenant.uuid());
        // As every process does that makes a call; the ledger's trigger raises the alerts.
        try (Connection app = TestDatabase.connection(DATABASE.appUrl());
                Statement statement = app.createStatement()) {
            statement.execute("select set_config('app.current_tenant', '%s', false)".formatted(tenant.uuid()));
            statement.execute(("insert into usage_ledger (id, tenant_id, provider, model, status, latency_ms, cost_usd)"
                            + " values (uuid_v7_now(), '%s', 'p', 'm', 'succeeded', 1, 3)")
                    .formatted(tenant.uuid()));
        }

        List<Row> made = deliveries();
        assertThat(made.stream().map(Row::type)).containsExactly("budget.exceeded");
        JsonNode data = made.getFirst().payload().path("data");
        assertThat(data.path("budget_id").asText()).isEqualTo(new TypeId(Kind.BUDGET, budget).toString());
        assertThat(data.path("alert_id").asText()).startsWith("alr_");
        assertThat(data.path("limit_usd").asText()).isEqualTo("2.5");
        assertThat(data.path("settled_usd").asText()).isEqualTo("3");
        assertThat(data.path("threshold").decimalValue()).isEqualByComparingTo("1");
    }

    @Test
    void aDocumentThatIsIndexedOrFailsIsAnEventOnce() throws SQLException {
        endpoint(tenant, "{document.*}");
        UUID collection = IDS.next(Kind.COLLECTION).uuid();
        TypeId document = IDS.next(Kind.DOCUMENT);
        DATABASE.execute(
                "insert into collections (id, tenant_id, name, embedding_model, dimension) values (?, ?, 'c', 'e', 1)",
                collection,
                tenant.uuid());
        DATABASE.execute(
                "insert into documents (id, tenant_id, collection_id, filename, media_type, size_bytes, sha256) values (?, ?, ?, 'f.md', 't', 1, 'x')",
                document.uuid(),
                tenant.uuid(),
                collection);
        for (String status : List.of("indexing", "indexed", "indexed", "failed")) {
            DATABASE.execute("update documents set status = ? where id = ?", status, document.uuid());
        }

        List<Row> made = deliveries();
        assertThat(made.stream().map(Row::type)).containsExactly("document.indexed", "document.failed");
        assertThat(made.getFirst().payload().at("/data/document_id").asText()).isEqualTo(document.toString());
        assertThat(made.getFirst().payload().at("/data/filename").asText()).isEqualTo("f.md");
    }

    /** The service's role cannot make events of tenants, nor can it reach around their walls with these functions. */
    @Test
    void nobodyPublishesButWhatHappens() throws SQLException {
        try (Connection app = TestDatabase.connection(DATABASE.appUrl());
                Statement statement = app.createStatement()) {
            assertThatThrownBy(() -> statement.execute(
                            "select publish_event('%s', 'run.failed', now(), '{}')".formatted(tenant.uuid())))
                    .hasMessageContaining("permission denied");
            assertThatThrownBy(() -> statement.execute("select * from webhook_claim(1)"))
                    .hasMessageContaining("permission denied");
        }
    }

    @Test
    void everyEndOfARunIsATypeThatCanBeChosen() {
        for (RunStatus status : RunStatus.values()) {
            if (status.terminal()) {
                assertThat(EventType.isChoice("run." + status))
                        .as(status.toString())
                        .isTrue();
            }
        }
        assertThat(EventType.isChoice("webhook.test")).isFalse();
        assertThat(EventType.isChoice("webhook.*")).isFalse();
        assertThat(Arrays.stream(EventType.values()).map(EventType::toString))
                .contains("run.timed_out", "budget.critical", "document.failed")
                .doesNotHaveDuplicates();
    }

    @Test
    void anIdOfTheDatabaseReadsLikeOneOfTheProgram() throws SQLException {
        List<TypeId> ids = IntStream.range(0, 200)
                .mapToObj(i -> i % 2 == 0 ? IDS.next(Kind.RUN) : new TypeId(Kind.RUN, UUID.randomUUID()))
                .collect(Collectors.toCollection(ArrayList::new));
        ids.add(new TypeId(Kind.RUN, new UUID(0, 0)));
        ids.add(new TypeId(Kind.RUN, new UUID(-1, -1)));
        try (Connection app = TestDatabase.connection(DATABASE.appUrl());
                PreparedStatement select = app.prepareStatement("select type_id('run', ?)")) {
            for (TypeId id : ids) {
                select.setObject(1, id.uuid());
                try (ResultSet row = select.executeQuery()) {
                    row.next();
                    assertThat(row.getString(1)).isEqualTo(id.toString());
                }
            }
        }
    }
}
