package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Answer;
import io.temponest.identity.TenantId;
import io.temponest.json.Json;
import io.temponest.testing.FakeProvider.Act;
import io.temponest.testing.TestRedis;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a caller meets at the limits of a server with Redis, which sees its clients through a proxy. */
class LimitsTest {

    private static final String LIMITS = """
            {"open": {"login": {"address": "5/min", "account": "3/min"}, "invite": {"account": "2/min"}, "public": {"address": "100000/min"}},
             "plans": {"free": {"streams": 1,
                                "requests": {"read": {"tenant": "7/min"}, "execute": {"user": "1000/min", "tenant": null}, "reset": {"user": "3/min"}, "invite": {"tenant": "4/min"}},
                                "tokens": {"tenant": "2000/min"}},
                       "developer": {"streams": 10, "requests": {"execute": {"user": "1000/min", "tenant": null}}}}}""";

    @TempDir
    private static Path folder;

    private static TestRedis redis;
    private static TestServer server;
    private static ApiCaller api;

    @BeforeAll
    static void start() throws IOException {
        redis = TestRedis.start();
        Path limits = Files.writeString(folder.resolve("limits.json"), LIMITS);
        server = TestServer.start(
                folder.resolve("data"),
                Map.of(
                        "TEMPONEST_REDIS_URL", redis.text(),
                        "TEMPONEST_LIMITS_FILE", limits.toString(),
                        "TEMPONEST_TRUSTED_PROXIES", "127.0.0.0/8"));
        api = server.admin();
    }

    @AfterAll
    static void stop() {
        server.close();
        redis.close();
    }

    private static Answer login(String address, String body) {
        return api.as("")
                .send(
                        "POST",
                        "/v1/auth/login",
                        BodyPublishers.ofString(body),
                        Map.of("Content-Type", "application/json", "X-Forwarded-For", address));
    }

    private static String wrong(String email) {
        return Json.text(Map.of("email", email, "password", "not the password"));
    }

    private static String header(Answer answer, String name) {
        return answer.headers().getOrDefault(name, List.of("")).getFirst();
    }

    private static ApiCaller key(Map<String, Object> limits) {
        Answer issued = api.post(
                "/v1/api-keys",
                Map.of(
                        "name",
                        "limited",
                        "scopes",
                        List.of("projects:read", "agents:execute", "runs:read"),
                        "limits",
                        limits));
        assertThat(issued.status()).as(issued.text()).isEqualTo(201);
        assertThat(issued.json().path("limits")).isEqualTo(Json.tree(Json.text(limits)));
        return api.as(issued.json().path("key").asText());
    }

    @Test
    void theSixthSignInOfAMinuteFromAnAddressIsRefusedBeforeItsBodyIsLookedAt() {
        for (int i = 0; i < 5; i++) {
            assertThat(login("203.0.113.1", wrong("nobody" + i + "@example.com"))
                            .status())
                    .isEqualTo(401);
        }

        Answer refused = login("203.0.113.1", "{");

        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.error("type")).isEqualTo("rate_limit_error");
        assertThat(refused.error("code")).isEqualTo("rate_limit_exceeded");
        assertThat(refused.error("message")).contains("5 per minute for login by address");
        assertThat(Long.parseLong(header(refused, "retry-after"))).isBetween(50L, 62L);
        assertThat(Long.parseLong(header(refused, "retry-after-ms"))).isBetween(50_000L, 62_000L);
        assertThat(header(refused, "ratelimit-limit")).isEqualTo("5");
        assertThat(header(refused, "ratelimit-remaining")).isEqualTo("0");
        assertThat(header(refused, "x-ratelimit-reset-requests")).matches("1m\\ds|5\\ds");
        assertThat(login("203.0.113.2", "{").status()).isEqualTo(400);
    }

    @Test
    void guessesAtOneAccountAreLimitedWhereverTheyComeFrom() {
        for (int i = 0; i < 3; i++) {
            assertThat(login("198.51.100." + i, wrong("victim@example.com")).status())
                    .isEqualTo(401);
        }

        Answer refused = login("198.51.100.9", wrong(" Victim@Example.com"));

        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.error("message")).contains("3 per minute for login by account");
        assertThat(login("198.51.100.9", wrong("other@example.com")).status()).isEqualTo(401);
    }

    @Test
    void guessesAtOnesOwnPasswordAreLimitedToo() {
        String email = "guessed@example.com";
        Map<String, String> guess = Map.of("old_password", "not the password", "new_password", People.OTHER);
        api.as("")
                .post(
                        "/v1/auth/register",
                        Map.of("email", email, "password", People.PASSWORD, "full_name", "A", "tenant_name", "B"));
        String tokens = login("192.0.2.77", Json.text(Map.of("email", email, "password", People.PASSWORD)))
                .json()
                .path("access_token")
                .asText();
        try (ApiCaller thief = api.as(tokens)) {
            for (int i = 0; i < 3; i++) {
                assertThat(thief.post("/v1/auth/password", guess).error("code")).isEqualTo("password_wrong");
            }

            Answer refused = thief.post("/v1/auth/password", guess);

            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.error("message")).contains("3 per minute for reset by user");
        }
    }

    /** A stranger's tenant has no roles, so whoever is let in is told that there is none of this name. */
    @Test
    void invitationsAreLimitedByTenantAndByWhoIsInvited() {
        try (ApiCaller one = server.stranger();
                ApiCaller other = server.stranger()) {
            assertThat(invite(one, "guest@example.com").error("param")).isEqualTo("roles");
            assertThat(invite(one, "GUEST@example.com").error("param")).isEqualTo("roles");
            assertThat(invite(other, "guest@example.com").error("message"))
                    .contains("2 per minute for invite by account");
            assertThat(invite(one, "second@example.com").error("param")).isEqualTo("roles");
            assertThat(invite(one, "third@example.com").error("param")).isEqualTo("roles");

            assertThat(invite(one, "fourth@example.com").error("message"))
                    .contains("4 per minute for invite by tenant");
            assertThat(invite(other, "fourth@example.com").error("param")).isEqualTo("roles");
        }
    }

    private static Answer invite(ApiCaller by, String email) {
        return by.post("/v1/invitations", Map.of("email", email, "roles", List.of("viewer")));
    }

    @Test
    void aTenantIsHeldToItsPlanAndNoOtherTenantFeelsIt() {
        try (ApiCaller stranger = server.stranger()) {
            Answer first = stranger.get("/v1/projects");
            assertThat(header(first, "x-ratelimit-limit-requests")).isEqualTo("7");
            assertThat(header(first, "x-ratelimit-remaining-requests")).isEqualTo("6");
            for (int i = 0; i < 6; i++) {
                assertThat(stranger.get("/v1/projects").status()).isEqualTo(200);
            }

            Answer refused = stranger.get("/v1/projects");

            assertThat(refused.error("message")).contains("7 per minute for read by tenant");
            assertThat(stranger.get("/health").status()).isEqualTo(200);
            assertThat(api.get("/v1/projects").status()).isEqualTo(200);
            try (ApiCaller another = server.stranger()) {
                assertThat(another.get("/v1/projects").status()).isEqualTo(200);
            }
        }
    }

    @Test
    void aKeyMayHaveAnAllowanceOfItsOwn() {
        try (ApiCaller key = key(Map.of("requests_per_minute", 2))) {
            assertThat(key.get("/v1/projects").status()).isEqualTo(200);
            assertThat(key.get("/v1/projects").status()).isEqualTo(200);
            Answer refused = key.get("/v1/projects");
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.error("message")).contains("2 per minute for requests by api key");
        }
    }

    @Test
    void theTokensOfABodyAreChargedAndOneThatCanNeverFitIsNotToBeTriedAgain() {
        String run = "/v1/agents/developer/runs";
        try (ApiCaller key = key(Map.of("tokens_per_minute", 100))) {
            server.provider().willSay("Yes.");
            Answer started = key.post(run, Map.of("input", "x".repeat(200), "model", "fake/parrot"));
            assertThat(started.status()).as(started.text()).isEqualTo(202);
            assertThat(header(started, "x-ratelimit-limit-tokens")).isEqualTo("100");
            assertThat(Integer.parseInt(header(started, "x-ratelimit-remaining-tokens")))
                    .isBetween(30, 45);

            Answer late = key.post(run, Map.of("input", "x".repeat(200), "model", "fake/parrot"));
            assertThat(late.status()).isEqualTo(429);
            assertThat(late.error("message")).contains("100 per minute for key tokens by api key");
            assertThat(header(late, "retry-after")).isNotEmpty();

            Answer never = key.post(run, Map.of("input", "x".repeat(1_000), "model", "fake/parrot"));
            assertThat(never.status()).isEqualTo(429);
            assertThat(header(never, "x-should-retry")).isEqualTo("false");
            assertThat(header(never, "retry-after")).isEmpty();
        }
    }

    @Test
    void aKeyWithOneSlotWaitsForItsRequestInProgress() {
        hang();
        String run = TestServer.start(api, "hang", List.of());
        try (ApiCaller key = key(Map.of("concurrency", 1))) {
            CompletableFuture<Answer> waiting =
                    CompletableFuture.supplyAsync(() -> key.get("/v1/runs/" + run + "?wait=20"));
            await().until(() -> metric("temponest_http_streams_open") == 1);
            assertThat(key.get("/v1/projects").status()).isEqualTo(429);

            api.post("/v1/runs/" + run + "/cancel", "");
            waiting.join();

            await().atMost(Duration.ofSeconds(5))
                    .until(() -> key.get("/v1/projects").status() == 200);
        }
    }

    private static void hang() {
        server.provider().will(new Act.Hold(new CompletableFuture<>()));
    }

    @Test
    void aTenantHasOnlySoManyStreamsOpen() {
        try (ApiCaller caller = server.stranger()) {
            Answer agent = caller.post(
                    "/v1/agents",
                    Map.of("slug", "slow", "name", "Slow", "instructions", "Think.", "model", "fake/parrot"));
            assertThat(agent.status()).as(agent.text()).isEqualTo(201);
            hang();
            String run = caller.post("/v1/agents/slow/runs", Map.of("input", "hang"))
                    .json()
                    .path("id")
                    .asText();
            try (ApiCaller.Events first = caller.events(run, Optional.empty())) {
                assertThat(first.next()).isPresent();

                Answer second = caller.get("/v1/runs/" + run + "?wait=5");

                assertThat(second.status()).isEqualTo(429);
                assertThat(second.error("message")).contains("1 open streams and waits by tenant");
            }
            await().until(() -> caller.get("/v1/runs/" + run + "?wait=1").status() == 200);
        }
    }

    @Test
    void ofTwentyStartsAtOnceThatWaitOnlyTheTenOfThePlanDo() {
        TenantId tenant = server.database().tenant();
        server.database().execute("update tenants set plan = 'developer' where id = ?", tenant.uuid());
        try (ApiCaller caller = api.as(TestServer.key(server.database(), tenant))) {
            caller.post(
                    "/v1/agents",
                    Map.of("slug", "slow", "name", "Slow", "instructions", "Think.", "model", "fake/parrot"));
            IntStream.range(0, 10).forEach(i -> hang());
            List<CompletableFuture<Answer>> starts = IntStream.range(0, 20)
                    .mapToObj(i -> CompletableFuture.supplyAsync(
                            () -> caller.post("/v1/agents/slow/runs", Map.of("input", "hang", "wait", 30)),
                            command -> Thread.ofVirtual().start(command)))
                    .toList();
            await().atMost(Duration.ofSeconds(20))
                    .until(() ->
                            starts.stream().filter(CompletableFuture::isDone).count() == 10
                                    && runs(caller).size() == 10);

            runs(caller).forEach(run -> caller.post("/v1/runs/" + run + "/cancel", ""));

            assertThat(starts.stream().map(CompletableFuture::join).map(Answer::status))
                    .containsOnly(200, 429)
                    .filteredOn(status -> status == 429)
                    .hasSize(10);
        }
    }

    private static List<String> runs(ApiCaller caller) {
        return caller.get("/v1/runs")
                .json()
                .path("data")
                .valueStream()
                .map(run -> run.path("id").asText())
                .toList();
    }

    @Test
    void aSearchIsRememberedUntilItsCollectionChanges() {
        String collection = TestServer.collection(api, "remembered");
        String search = "/v1/collections/" + collection + "/search";
        JsonNode first = api.post(search, Map.of("query", "Who is the keeper?")).json();
        double loads = metric("temponest_cache_loads_total{cache=\"rag\"}");

        assertThat(api.post(search, Map.of("query", "Who is the keeper?")).json())
                .isEqualTo(first);
        assertThat(metric("temponest_cache_loads_total{cache=\"rag\"}")).isEqualTo(loads);

        Answer uploaded = api.upload(
                "/v1/collections/" + collection + "/documents",
                "new.md",
                "The keeper of the lighthouse is Nils Holm now.".getBytes(StandardCharsets.UTF_8));
        assertThat(uploaded.status()).isEqualTo(202);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> api.post(search, Map.of("query", "Who is the keeper?"))
                        .text()
                        .contains("Nils Holm"));
    }

    private static double metric(String name) {
        return server.process()
                .ops("/metrics")
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElse(0);
    }
}
