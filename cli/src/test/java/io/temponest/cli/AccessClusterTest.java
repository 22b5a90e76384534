package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.testing.FakeProvider;
import io.temponest.testing.TestDatabase;
import io.temponest.testing.TestPorts;
import io.temponest.testing.TestRedis;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is taken away on one of three gateways of a cluster, which share one Redis, and a worker that checks passwords. */
@Tag("alone")
class AccessClusterTest {

    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration LATER = Duration.ofSeconds(20);

    @TempDir
    private static Path folder;

    private static TestDatabase database;
    private static TestRedis redis;
    private static List<Integer> ports;
    private static TempoNestProcess worker;
    private static final List<TempoNestProcess> GATEWAYS = new ArrayList<>();
    private static People people;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        redis = TestRedis.start();
        ports = TestPorts.next(4);
        // The first alone: it makes the keys that all verify tokens with.
        GATEWAYS.add(process(0, "gateway").awaitReady());
        GATEWAYS.add(process(1, "gateway"));
        GATEWAYS.add(process(2, "gateway"));
        worker = process(3, "worker").awaitReady();
        GATEWAYS.forEach(TempoNestProcess::awaitReady);
        ApiCaller owner = new ApiCaller(GATEWAYS.getFirst().url(), TestServer.key(database, database.tenant()));
        TestServer server = new TestServer(folder, database, FakeProvider.start(), GATEWAYS.getFirst(), owner);
        people = new People(folder, server, owner.as(""));
        await().atMost(LATER)
                .until(() -> on(0, "")
                                .get("/health")
                                .json()
                                .at("/services/cluster/nodes")
                                .asInt()
                        == 4);
    }

    @AfterAll
    static void stop() {
        people.close();
        GATEWAYS.forEach(TempoNestProcess::close);
        worker.close();
        redis.close();
    }

    private static TempoNestProcess process(int number, String command) {
        Map<String, String> settings = new HashMap<>(TestServer.databaseSettings(database));
        settings.put("TEMPONEST_DATABASE_POOL", "4");
        settings.put("TEMPONEST_REDIS_URL", redis.text());
        settings.put("TEMPONEST_CLUSTER", "static");
        settings.put("TEMPONEST_CLUSTER_PORT", ports.get(number).toString());
        settings.put(
                "TEMPONEST_CLUSTER_MEMBERS",
                ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(",")));
        return TempoNestProcess.start(folder, settings, command);
    }

    private static ApiCaller on(int gateway, String credentials) {
        return new ApiCaller(GATEWAYS.get(gateway).url(), credentials);
    }

    /** What each gateway answers to a read. */
    private static List<Integer> everywhere(String credentials, String path) {
        return Stream.of(0, 1, 2)
                .map(gateway -> status(gateway, credentials, path))
                .toList();
    }

    private static int status(int gateway, String credentials, String path) {
        try (ApiCaller caller = on(gateway, credentials)) {
            return caller.get(path).status();
        }
    }

    private static void works(String credentials, String path) {
        assertThat(everywhere(credentials, path)).containsExactly(200, 200, 200);
    }

    private static void stops(String credentials, String path, int refusal) {
        await().pollInterval(Duration.ofMillis(20))
                .atMost(SOON)
                .until(() -> everywhere(credentials, path), List.of(refusal, refusal, refusal)::equals);
    }

    private static double metric(int gateway, String name) {
        return GATEWAYS.get(gateway)
                .ops("/metrics")
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .sum();
    }

    private static List<Double> nudges() {
        return Stream.of(0, 1, 2)
                .map(gateway -> metric(gateway, "temponest_access_nudges_total"))
                .toList();
    }

    private static String token(String email) {
        return people.login(email, People.PASSWORD).path("access_token").asText();
    }

    private static ApiCaller admin() {
        String email = People.address();
        people.register(email);
        return people.anyone().as(token(email));
    }

    private static JsonNode key(ApiCaller of) {
        return of.post("/v1/api-keys", Map.of("name", "ci", "scopes", List.of("runs:read")))
                .json();
    }

    private static String role(ApiCaller admin, String... permissions) {
        return "/v1/roles/"
                + admin.post("/v1/roles", Map.of("name", "clerk", "permissions", List.of(permissions)))
                        .json()
                        .path("id")
                        .asText();
    }

    /** Somebody with the role {@code clerk}. */
    private record Clerk(String user, String token) {

        static Clerk of(ApiCaller admin) {
            String email = People.address();
            String id = people.member(admin, email, "clerk");
            return new Clerk("/v1/users/" + id, AccessClusterTest.token(email));
        }
    }

    @Test
    void aSessionThatIsSignedOutIsOverOnEveryGatewayAndEachHearsOfItOverTheBus() {
        String email = People.address();
        people.register(email);
        String ended = token(email);
        String other = token(email);
        works(ended, "/v1/auth/me");
        works(other, "/v1/auth/me");
        List<Double> before = nudges();

        assertThat(on(1, ended).post("/v1/auth/logout", "").status()).isEqualTo(204);

        stops(ended, "/v1/auth/me", 401);
        works(other, "/v1/auth/me");
        List<Double> once = before.stream().map(count -> count + 1).toList();
        await().atMost(SOON).until(AccessClusterTest::nudges, once::equals);
    }

    @Test
    void aRevokedKeyIsWorthNothingOnEveryGateway() {
        try (ApiCaller admin = admin()) {
            JsonNode revoked = key(admin);
            String text = revoked.path("key").asText();
            works(text, "/v1/runs");

            assertThat(admin.delete("/v1/api-keys/" + revoked.path("id").asText())
                            .status())
                    .isEqualTo(204);

            stops(text, "/v1/runs", 401);
        }
    }

    @Test
    void aPermissionThatIsTakenFromARoleAndARoleThatIsTakenFromSomebodyAreGoneOnEveryGateway() {
        try (ApiCaller admin = admin()) {
            String role = role(admin, "users:read", "runs:read");
            Clerk clerk = Clerk.of(admin);
            works(clerk.token(), "/v1/users");
            works(clerk.token(), "/v1/runs");

            assertThat(People.patch(admin, role, "{\"permissions\":[\"runs:read\"]}")
                            .status())
                    .isEqualTo(200);

            stops(clerk.token(), "/v1/users", 403);
            works(clerk.token(), "/v1/runs");

            assertThat(People.patch(admin, clerk.user(), "{\"roles\":[]}").status())
                    .isEqualTo(200);

            stops(clerk.token(), "/v1/runs", 403);
            works(clerk.token(), "/v1/auth/me");
        }
    }

    @Test
    void whatWasTakenAwayStaysSoOnAGatewayThatIsRestarted() {
        try (ApiCaller admin = admin()) {
            JsonNode revoked = key(admin);
            String text = revoked.path("key").asText();
            role(admin, "users:read", "runs:read");
            Clerk clerk = Clerk.of(admin);
            String email = People.address();
            people.register(email);
            String ended = token(email);
            works(text, "/v1/runs");
            works(ended, "/v1/auth/me");
            works(clerk.token(), "/v1/users");

            admin.delete("/v1/api-keys/" + revoked.path("id").asText());
            on(0, ended).post("/v1/auth/logout", "");
            People.patch(admin, clerk.user(), "{\"roles\":[]}");
            GATEWAYS.get(2).stop();
            GATEWAYS.set(2, process(2, "gateway").awaitReady());

            assertThat(status(2, text, "/v1/runs")).isEqualTo(401);
            assertThat(status(2, ended, "/v1/auth/me")).isEqualTo(401);
            assertThat(status(2, clerk.token(), "/v1/users")).isEqualTo(403);
            assertThat(status(2, clerk.token(), "/v1/auth/me")).isEqualTo(200);
        }
    }

    private static final String LOADS = "temponest_cache_loads_total{cache=\"user_perms\"}";
    private static final String SHARED =
            "temponest_cache_lookups_total{cache=\"user_perms\",level=\"far\",result=\"hit\"}";
    private static final String REMEMBERED =
            "temponest_cache_lookups_total{cache=\"user_perms\",level=\"near\",result=\"hit\"}";

    @Test
    void whatOneGatewayHasFoundOutOfSomebodyTheOthersFindInRedis() {
        try (ApiCaller admin = admin()) {
            assertThat(admin.get("/v1/runs").status()).isEqualTo(200);
            String email = People.address();
            people.register(email);
            String token = token(email);
            double loaded = metric(1, LOADS);
            double shared = metric(1, SHARED);
            double remembered = metric(1, REMEMBERED);
            double first = metric(0, LOADS);

            assertThat(status(0, token, "/v1/runs")).isEqualTo(200);
            assertThat(status(1, token, "/v1/runs")).isEqualTo(200);
            assertThat(status(1, token, "/v1/runs")).isEqualTo(200);

            assertThat(metric(0, LOADS)).isEqualTo(first + 1);
            assertThat(metric(1, LOADS)).isEqualTo(loaded);
            assertThat(metric(1, SHARED)).isEqualTo(shared + 1);
            assertThat(metric(1, REMEMBERED)).isEqualTo(remembered + 1);
        }
    }

    /** Redis keeps the old rights over the change: a gateway that has never seen the person must not take them from there. */
    @Test
    void rightsThatChangeWhileRedisIsAwayAreGoneAtOnceAndDoNotComeBackWithIt() {
        try (ApiCaller admin = admin()) {
            String role = role(admin, "users:read", "runs:read");
            Clerk clerk = Clerk.of(admin);
            assertThat(status(0, clerk.token(), "/v1/users")).isEqualTo(200);
            assertThat(status(1, clerk.token(), "/v1/users")).isEqualTo(200);
            redis.freeze();
            awaitRedis("away");

            assertThat(People.patch(admin, role, "{\"permissions\":[\"runs:read\"]}")
                            .status())
                    .isEqualTo(200);

            await().pollInterval(Duration.ofMillis(20))
                    .atMost(SOON)
                    .until(() -> status(0, clerk.token(), "/v1/users") == 403
                            && status(1, clerk.token(), "/v1/users") == 403);
            redis.thaw();
            awaitRedis("ok");
            assertThat(everywhere(clerk.token(), "/v1/users")).containsExactly(403, 403, 403);
            works(clerk.token(), "/v1/runs");
        }
    }

    private static void awaitRedis(String status) {
        for (int gateway = 0; gateway < GATEWAYS.size(); gateway++) {
            int asked = gateway;
            await().atMost(LATER)
                    .until(() -> on(asked, "")
                            .get("/health")
                            .json()
                            .at("/services/redis/status")
                            .asText()
                            .equals(status));
        }
    }
}
