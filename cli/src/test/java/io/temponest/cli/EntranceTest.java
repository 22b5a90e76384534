package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temponest.cli.ApiCaller.Answer;
import io.temponest.testing.TestDatabase;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to requests while it is found out whose they are, and where they turn out to be nobody's. */
class EntranceTest {

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static ApiCaller api;

    @BeforeAll
    static void start() throws IOException {
        Path limits = Files.writeString(
                folder.resolve("limits.json"), "{\"open\": {\"unauthenticated\": {\"address\": \"5/min\"}}}");
        server = TestServer.start(
                folder.resolve("data"),
                Map.of("TEMPONEST_LIMITS_FILE", limits.toString(), "TEMPONEST_TRUSTED_PROXIES", "127.0.0.0/8"));
        api = server.admin();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** The text of a new key. */
    private static String key(Map<String, Object> limits) {
        Answer issued = api.post(
                "/v1/api-keys", Map.of("name", "entering", "scopes", List.of("projects:read"), "limits", limits));
        assertThat(issued.status()).as(issued.text()).isEqualTo(201);
        return issued.json().path("key").asText();
    }

    private static long inFlight() {
        return server.process()
                .ops("/metrics")
                .lines()
                .filter(line -> line.startsWith("temponest_http_requests_in_flight "))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void aClientThatHangsUpWhileItsKeyIsLookedUpLeavesTheSlotFree() throws IOException, SQLException {
        String text = key(Map.of("concurrency", 1));
        try (Connection lock = TestDatabase.connection(server.database().superuserUrl());
                Statement hold = lock.createStatement()) {
            lock.setAutoCommit(false);
            hold.execute("lock table api_keys in access exclusive mode");
            try (Socket client = new Socket(
                    server.process().url().getHost(), server.process().url().getPort())) {
                client.getOutputStream()
                        .write("GET /v1/projects HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\n\r\n"
                                .formatted(text)
                                .getBytes(StandardCharsets.US_ASCII));
                await().until(() -> lookUpsWaiting() == 1);
            }
            await().until(() -> inFlight() == 0);
            lock.rollback();
        }
        await().until(() -> lookUpsWaiting() == 0);

        try (ApiCaller key = api.as(text)) {
            assertThat(key.get("/v1/projects").status()).isEqualTo(200);
        }
    }

    @Test
    void aRequestThatWaitsToBeLetInIsOverAtItsDeadline() throws IOException, SQLException {
        String text = key(Map.of());
        try (Connection lock = TestDatabase.connection(server.database().superuserUrl());
                Statement hold = lock.createStatement();
                Socket client = new Socket(
                        server.process().url().getHost(), server.process().url().getPort())) {
            lock.setAutoCommit(false);
            hold.execute("lock table api_keys in access exclusive mode");
            // Less than a look-up itself may take.
            client.setSoTimeout(3_000);
            client.getOutputStream()
                    .write("GET /v1/projects HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\nX-Request-Timeout-Ms: 200\r\n\r\n"
                            .formatted(text)
                            .getBytes(StandardCharsets.US_ASCII));

            assertThat(new String(client.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 504");
            lock.rollback();
        }
    }

    /** Look-ups of keys that wait for the lock on their table. */
    private static int lookUpsWaiting() throws SQLException {
        try (Connection onlooker = TestDatabase.connection(server.database().superuserUrl());
                Statement statement = onlooker.createStatement();
                ResultSet count = statement.executeQuery(
                        "select count(*) from pg_locks where relation = 'api_keys'::regclass and not granted")) {
            count.next();
            return count.getInt(1);
        }
    }

    private static Answer from(String address, ApiCaller caller) {
        return caller.send("GET", "/v1/projects", BodyPublishers.noBody(), Map.of("X-Forwarded-For", address));
    }

    @Test
    void anAddressHasOnlySoManyAttemptsWithCredentialsThatNobodyHasAndKnownOnesGoOn() {
        try (ApiCaller known = api.as(key(Map.of()));
                ApiCaller nobody = api.as("")) {
            assertThat(from("203.0.113.70", known).status()).isEqualTo(200);
            for (int i = 0; i < 4; i++) {
                try (ApiCaller guess = api.as("tn_" + "guess".repeat(2) + "0" + i + "_" + "x".repeat(32))) {
                    assertThat(from("203.0.113.70", guess).status()).isEqualTo(401);
                }
            }
            assertThat(from("203.0.113.70", nobody).status()).isEqualTo(401);

            try (ApiCaller guess = api.as("tn_anotherguess_" + "x".repeat(32))) {
                Answer refused = from("203.0.113.70", guess);
                assertThat(refused.status()).isEqualTo(429);
                assertThat(refused.error("message")).contains("5 per minute for unauthenticated by address");
                assertThat(Long.parseLong(refused.header("retry-after"))).isBetween(50L, 62L);
                assertThat(from("203.0.113.71", guess).status()).isEqualTo(401);
            }
            assertThat(from("203.0.113.70", nobody).status()).isEqualTo(429);
            assertThat(from("203.0.113.70", known).status()).isEqualTo(200);
        }
    }

    @Test
    void goodCredentialsThatHaveToBeLookedUpAreNoAttempts() {
        for (int i = 0; i < 8; i++) {
            try (ApiCaller key = api.as(key(Map.of()))) {
                assertThat(from("203.0.113.80", key).status()).isEqualTo(200);
            }
        }
    }

    @Test
    void whoeverMayNotDoAThingMayNotAskForItWithoutEnd() {
        try (ApiCaller key = api.as(key(Map.of("requests_per_minute", 2)))) {
            assertThat(key.get("/v1/audit").status()).isEqualTo(403);
            assertThat(key.get("/v1/audit").status()).isEqualTo(403);
            assertThat(key.get("/v1/audit").status()).isEqualTo(429);
        }
    }
}
