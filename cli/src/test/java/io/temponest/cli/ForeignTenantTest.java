package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Answer;
import io.temponest.cli.ApiDescription.Operation;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.json.Json;
import io.temponest.testing.TestDatabase;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every operation of the API, as its description lists them, with the ids of another tenant: it finds nothing, shows nothing and
 * changes nothing. A new route is in the list by itself; a new kind of id or of body fails here until the test knows one.
 */
class ForeignTenantTest {

    private static final Pattern VARIABLE = Pattern.compile("\\{(\\w+)}");
    private static final long SEED = System.nanoTime();
    private static final Random RANDOM = new Random(SEED);

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static ApiDescription description;
    private static final List<Tenant> TENANTS = new ArrayList<>();

    /**
     * One who has something of everything.
     *
     * @param things ids and slugs by the name of the path's variable
     */
    private record Tenant(ApiCaller caller, String id, Map<String, String> things) {}

    @BeforeAll
    static void start() {
        server = TestServer.start(folder);
        description = ApiDescription.of(server.admin());
        for (ApiCaller caller : List.of(server.admin(), server.stranger(), server.stranger())) {
            TENANTS.add(furnished(caller));
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Tenant furnished(ApiCaller api) {
        String mark = "w" + Long.toHexString(RANDOM.nextLong());
        Map<String, String> things = new HashMap<>();
        JsonNode agent =
                made(api.post("/v1/agents", Map.of("slug", mark, "name", mark, "instructions", "Say nothing.")));
        things.put("agent", RANDOM.nextBoolean() ? mark : agent.path("id").asText());
        things.put(
                "project",
                made(api.post("/v1/projects", Map.of("slug", mark, "name", mark)))
                        .path("slug")
                        .asText());
        String collection = TestServer.collection(api, mark);
        things.put("collection", collection);
        things.put(
                "document",
                api.get("/v1/collections/" + collection + "/documents")
                        .json()
                        .at("/data/0/id")
                        .asText());
        JsonNode run = made(api.post(
                "/v1/agents/" + mark + "/runs",
                Map.of(
                        "input",
                        "Who?",
                        "project",
                        mark,
                        "model",
                        "temponest/extractive",
                        "collections",
                        List.of(collection))));
        api.ended(run.path("id").asText());
        things.put("run", run.path("id").asText());
        things.put(
                "api_key",
                made(api.post("/v1/api-keys", Map.of("name", mark, "scopes", List.of("runs:read"))))
                        .path("id")
                        .asText());
        things.put(
                "role",
                made(api.post("/v1/roles", Map.of("name", mark, "permissions", List.of("runs:read"))))
                        .path("id")
                        .asText());
        things.put(
                "invitation",
                made(api.post("/v1/invitations", Map.of("email", mark + "@skerry.example", "roles", List.of(mark))))
                        .path("id")
                        .asText());
        String tenant = api.get("/v1/auth/me").json().path("tenant_id").asText();
        things.put(
                "budget",
                made(api.post("/v1/budgets", Map.of("scope", "tenant", "period", "total", "limit_usd", "7")))
                        .path("id")
                        .asText());
        things.put("alert", alert(tenant, things.get("budget")));
        things.put("approval", approval(server, things.get("run")));
        things.put(
                "price",
                made(api.post(
                                "/v1/prices",
                                Map.of(
                                        "model",
                                        mark + "/m",
                                        "input_per_million_usd",
                                        "1",
                                        "output_per_million_usd",
                                        "1")))
                        .path("id")
                        .asText());
        hooks(api, mark, things);
        people(tenant, mark, things);
        return new Tenant(api, tenant, things);
    }

    /** As the ledger's trigger raises them. */
    private static String alert(String tenant, String budget) {
        TypeId alert = new Ids().next(Kind.ALERT);
        server.database()
                .execute(
                        """
                        insert into budget_alerts (id, tenant_id, budget_id, period_start, threshold, severity, limit_usd, settled)
                        values (?, ?, ?, now(), 1, 'exceeded', 7, 7)""",
                        alert.uuid(),
                        TenantId.parse(tenant).uuid(),
                        TypeId.parse(Kind.BUDGET, budget).orElseThrow().uuid());
        return alert.toString();
    }

    /** Whose only delivery has ended, so that no row of it changes by itself. */
    private static void hooks(ApiCaller api, String mark, Map<String, String> things) {
        String webhook = made(api.post(
                        "/v1/webhooks",
                        Map.of(
                                "name",
                                mark,
                                "url",
                                "https://hooks.invalid/",
                                "events",
                                List.of("run.dead"),
                                "retry_seconds",
                                List.of())))
                .path("id")
                .asText();
        String delivery = made(api.post("/v1/webhooks/" + webhook + "/test", ""))
                .path("id")
                .asText();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> api.get("/v1/webhooks/" + webhook + "/deliveries/" + delivery)
                        .json()
                        .path("status")
                        .asText()
                        .equals("failed"));
        things.put("webhook", webhook);
        things.put("delivery", delivery);
    }

    /** As the engine asks for them. */
    static String approval(TestServer server, String run) {
        TypeId approval = new Ids().next(Kind.APPROVAL);
        server.database().execute("""
                        insert into approvals (id, tenant_id, run_id, seq, agent_id, kind, tool, risk, required, arguments,
                                               arguments_sha256, on_timeout, patience, expires_at)
                        select ?, tenant_id, id, 99, agent_id, 'tool', 'wait', 'high', 2, '{}', sha256('{}'), 'reject',
                               interval '1 day', now() + interval '1 day'
                        from runs where id = ?""", approval.uuid(), GateFixture.uuid(run));
        return approval.toString();
    }

    private static void people(String tenant, String mark, Map<String, String> things) {
        TypeId user = new Ids().next(Kind.USER);
        TypeId session = new Ids().next(Kind.USER_SESSION);
        server.database()
                .execute("""
                        with somebody as (
                            insert into users (id, tenant_id, email, full_name, password_hash) values (?, ?, ?, 'Somebody', '!')
                            returning id, tenant_id
                        )
                        insert into user_sessions (id, tenant_id, user_id, kind, expires_at)
                        select ?, tenant_id, id, 'token', now() + interval '1 day' from somebody""", user.uuid(), TenantId.parse(tenant).uuid(), mark + "@somewhere.example", session.uuid());
        things.put("user", user.toString());
        things.put("user_session", session.toString());
    }

    private static JsonNode made(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isIn(201, 202);
        return answer.json();
    }

    /** Models belong to nobody. */
    static Stream<Operation> operations() {
        return description
                .operations()
                .filter(operation -> !operation.open() && !operation.path().equals("/v1/models/{model}"));
    }

    @ParameterizedTest
    @MethodSource("operations")
    void nobodyFindsOrChangesWhatIsAnothers(Operation operation) throws SQLException {
        List<Tenant> pair = new ArrayList<>(TENANTS);
        java.util.Collections.shuffle(pair, RANDOM);
        Tenant one = pair.getFirst();
        Tenant other = pair.getLast();
        String before = checksums(other);

        Answer answer = send(one.caller(), operation, filled(operation.path(), other));

        String what = "seed %d, %s: %s".formatted(SEED, operation, answer);
        if (operation.path().contains("{user_session}")) {
            // People alone have sessions, and who calls here has a key.
            assertThat(answer.error("code")).as(what).isEqualTo("session_needed");
        } else if (operation.path().contains("{")) {
            assertThat(answer.status()).as(what).isEqualTo(404);
            assertThat(answer.error("code"))
                    .as(what)
                    .isEqualTo(operation.path().replaceAll(".*\\{(\\w+)}[^{]*", "$1") + "_not_found");
        } else {
            assertThat(answer.status()).as(what).isLessThan(500);
            other.things()
                    .values()
                    .forEach(thing -> assertThat(answer.text()).as(what).doesNotContain(thing));
        }
        assertThat(checksums(other)).as(what).isEqualTo(before);
    }

    /** Nor does what is one's own lead to what is another's inside it. */
    @Test
    void whatIsInsideAnothersIsNotFoundInOnesOwn() {
        Tenant one = TENANTS.get(0);
        Tenant other = TENANTS.get(1);
        String mixed = "/v1/collections/" + one.things().get("collection") + "/documents/"
                + other.things().get("document");

        assertThat(one.caller().get(mixed).status()).isEqualTo(404);
        assertThat(one.caller().delete(mixed).status()).isEqualTo(404);
        assertThat(other.caller()
                        .get("/v1/collections/" + other.things().get("collection") + "/documents/"
                                + other.things().get("document"))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void listsFilteredByWhatIsAnothersAreEmptyAndReferencesToItAreRefused() {
        Tenant one = TENANTS.get(1);
        Tenant other = TENANTS.get(0);
        for (String query : List.of(
                "/v1/runs?project=" + other.things().get("project"),
                "/v1/runs?agent=" + other.things().get("agent"),
                "/v1/audit?resource=" + other.things().get("collection"),
                "/v1/alerts?budget=" + other.things().get("budget"),
                "/v1/approvals?run=" + other.things().get("run"),
                "/v1/audit?actor=" + other.things().get("api_key"))) {
            assertThat(one.caller().get(query).json().path("data")).as(query).isEmpty();
        }
        assertThat(one.caller()
                        .get("/v1/approvals/count?run=" + other.things().get("run"))
                        .json()
                        .path("count"))
                .isEqualTo(Json.tree("0"));
        String runs = "/v1/agents/" + one.things().get("agent") + "/runs";
        assertThat(one.caller()
                        .post(
                                runs,
                                Map.of(
                                        "input",
                                        "x",
                                        "collections",
                                        List.of(other.things().get("collection"))))
                        .error("code"))
                .isEqualTo("collection_not_found");
        assertThat(one.caller()
                        .post(
                                runs,
                                Map.of("input", "x", "project", other.things().get("project")))
                        .error("code"))
                .isEqualTo("project_not_found");
    }

    @Test
    void anothersIdempotencyKeyAndEntityTagAreWorthNothing() {
        Tenant one = TENANTS.get(1);
        Tenant other = TENANTS.get(2);
        Map<String, String> key = Map.of("Content-Type", "application/json", "Idempotency-Key", "shared");
        String body = "{\"slug\":\"shared\",\"name\":\"S\"}";
        Answer first = other.caller().send("POST", "/v1/projects", BodyPublishers.ofString(body), key);
        Answer mine = one.caller().send("POST", "/v1/projects", BodyPublishers.ofString(body), key);

        assertThat(mine.status()).isEqualTo(201);
        assertThat(mine.headers()).doesNotContainKey("idempotency-replayed");
        assertThat(mine.json().path("id")).isNotEqualTo(first.json().path("id"));

        String path = "/v1/agents/" + other.things().get("agent");
        String tag = other.caller().get(path).header("etag");
        Map<String, String> known = Map.of("Content-Type", "application/json", "If-Match", tag, "If-None-Match", tag);
        for (String method : List.of("GET", "PATCH", "DELETE")) {
            assertThat(one.caller()
                            .send(method, path, BodyPublishers.ofString("{\"name\":\"mine\"}"), known)
                            .status())
                    .isEqualTo(404);
        }
    }

    private static String filled(String path, Tenant tenant) {
        return VARIABLE.matcher(path).replaceAll(variable -> {
            String thing = tenant.things().get(variable.group(1));
            assertThat(thing)
                    .as("this test knows no thing of the kind " + variable.group(1))
                    .isNotNull();
            return Matcher.quoteReplacement(thing);
        });
    }

    private static Answer send(ApiCaller caller, Operation operation, String path) {
        if (operation.takesFiles()) {
            return caller.upload(path, "a.txt", new byte[] {'a'});
        }
        JsonNode schema = operation.schema();
        String body = schema.isMissingNode()
                ? ""
                : Json.text(description.example(schema, () -> "x" + Long.toHexString(RANDOM.nextLong())));
        return caller.send(
                operation.method(),
                path,
                BodyPublishers.ofString(body),
                body.isEmpty() ? Map.of() : Map.of("Content-Type", "application/json"));
    }

    /** A digest of every row of a tenant, by table. */
    private static String checksums(Tenant tenant) throws SQLException {
        String id = TypeId.parse(Kind.TENANT, tenant.id()).orElseThrow().uuid().toString();
        StringBuilder sums = new StringBuilder();
        try (Connection connection = TestDatabase.connection(server.database().superuserUrl());
                Statement statement = connection.createStatement()) {
            List<String> tables = new ArrayList<>();
            try (ResultSet names = statement.executeQuery("""
                    select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
                    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
                    order by 1""")) {
                while (names.next()) {
                    tables.add(names.getString(1));
                }
            }
            for (String table : tables) {
                try (ResultSet sum = // When a key was last used is written some seconds later, whoever calls meanwhile.
                        statement.executeQuery("""
            select count(*) || ' ' || md5(coalesce(string_agg(line, '|' order by line), ''))
            from (select (to_jsonb(t) - 'last_used_at')::text as line from %s t where tenant_id = '%s') lines""".formatted(table, id))) {
                    sum.next();
                    sums.append(table).append(' ').append(sum.getString(1)).append('\n');
                }
            }
        }
        return sums.toString();
    }
}
