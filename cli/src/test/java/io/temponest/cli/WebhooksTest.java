package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Answer;
import io.temponest.testing.TestDatabase;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Webhooks over the API, and what comes of them at a server of the tenant's. */
class WebhooksTest {

    @TempDir
    private static Path folder;

    private static TestServer server;

    private HookReceiver receiver;
    private ApiCaller api;

    @BeforeAll
    static void start() {
        server = TestServer.start(folder, HookReceiver.settings());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void begin() {
        receiver = HookReceiver.listen();
        api = server.stranger();
    }

    @AfterEach
    void end() {
        receiver.close();
        api.close();
    }

    private static Answer send(ApiCaller by, String method, String path, String body, Map<String, String> more) {
        Map<String, String> headers = new HashMap<>(more);
        headers.put("Content-Type", "application/json");
        return by.send(method, path, BodyPublishers.ofString(body), headers);
    }

    private Answer hook(Map<String, Object> more, String... events) {
        Map<String, Object> body =
                new HashMap<>(Map.of("name", "to CI", "url", receiver.url("/hooks"), "events", List.of(events)));
        body.putAll(more);
        Answer made = api.post("/v1/webhooks", body);
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        return made;
    }

    private static String path(Answer made) {
        return made.header("location");
    }

    /** Makes an agent and runs it to its end. @return the run's id */
    private String run() {
        String slug = "a" + Long.toHexString(System.nanoTime());
        api.post("/v1/agents", Map.of("slug", slug, "name", "A", "instructions", "Say nothing."));
        Answer started = api.post(
                "/v1/agents/" + slug + "/runs", Map.of("input", "Who?", "model", "temponest/extractive", "wait", 25));
        assertThat(started.status()).as(started.text()).isEqualTo(200);
        return started.json().path("id").asText();
    }

    private JsonNode ended(String delivery) {
        return await().atMost(Duration.ofSeconds(20))
                .until(
                        () -> api.get(delivery).json(),
                        it -> !it.path("status").asText().equals("pending"));
    }

    private List<String> audited() {
        return api.get("/v1/audit?resource=webhook&limit=100")
                .json()
                .path("data")
                .valueStream()
                .map(entry -> entry.path("action").asText())
                .toList();
    }

    @Test
    void theEventsOfARunComeSignedAndEachOnce() {
        String secret = hook(Map.of(), "run.*").json().path("secret").asText();
        Instant before = Instant.now();
        String run = run();

        List<HookReceiver.Got> got = List.of(receiver.next(), receiver.next(), receiver.next());
        assertThat(got).allSatisfy(one -> {
            assertThat(one.signedBy(secret)).isTrue();
            assertThat(one.path()).isEqualTo("/hooks");
            assertThat(Instant.ofEpochSecond(one.timestamp()))
                    .isBetween(before.minusSeconds(1), Instant.now().plusSeconds(1));
        });
        List<JsonNode> events =
                got.stream().map(one -> io.temponest.json.Json.tree(one.body())).toList();
        assertThat(events.stream().map(event -> event.path("type").asText()))
                .contains("run.queued", "run.started")
                .anyMatch(type -> type.equals("run.failed") || type.equals("run.succeeded"));
        assertThat(events.stream()
                        .map(event -> event.at("/data/run_id").asText())
                        .distinct())
                .containsExactly(run);
        assertThat(got.stream().map(HookReceiver.Got::id).distinct()).hasSize(3);
        assertThat(receiver.unseen()).isZero();
        System.out.printf(
                "the run's last event came %d ms after its end%n",
                Duration.between(
                                Instant.parse(events.getLast().path("timestamp").asText()), Instant.now())
                        .toMillis());
    }

    @Test
    void aSecretIsShownOnceAndKeptSealed() throws SQLException {
        Answer made = hook(Map.of("description", "of the build"), "run.failed", "budget.*");
        String secret = made.json().path("secret").asText();
        assertThat(secret).startsWith("whsec_");
        Answer read = api.get(path(made));
        assertThat(read.json().has("secret")).isFalse();
        assertThat(read.json().path("events").valueStream().map(JsonNode::asText))
                .containsExactly("run.failed", "budget.*");
        assertThat(api.get("/v1/webhooks").text()).contains("of the build").doesNotContain("whsec_");
        assertThat(audited()).containsExactly("webhook.create");
        try (Connection onlooker = TestDatabase.connection(server.database().superuserUrl());
                Statement statement = onlooker.createStatement();
                ResultSet row = statement.executeQuery(
                        "select string_agg(w::text, '') || (select string_agg(a::text, '') from audit_log a) from webhook_endpoints w")) {
            row.next();
            String bytes = secret.substring(6);
            assertThat(row.getString(1)).doesNotContain(bytes).contains("of the build");
        }
    }

    @Test
    void theSameRequestWithTheSameKeyMakesOneWebhookWithOneSecret() {
        Map<String, String> key = Map.of("Idempotency-Key", "hook");
        String body = "{\"name\":\"w\",\"url\":\"https://hooks.invalid/\",\"events\":[\"*\"]}";

        Answer first = send(api, "POST", "/v1/webhooks", body, key);
        Answer again = send(api, "POST", "/v1/webhooks", body, key);

        assertThat(first.status()).isEqualTo(201);
        assertThat(again.text()).isEqualTo(first.text());
        assertThat(again.header("idempotency-replayed")).isEqualTo("true");
        assertThat(api.get("/v1/webhooks").json().path("data")).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "'url':'https://10.0.0.1/'| url",
                "'url':'https://169.254.169.254/latest'| url",
                "'url':'https://[::ffff:10.0.0.1]/'| url",
                "'url':'https://0x7f000001/'| url",
                "'url':'https://user:word@example.com/'| url",
                "'url':'ftp://example.com/'| url",
                "'url':'https://example.com:22/'| url",
                "'events':[]| events",
                "'events':['run.unheard_of']| events",
                "'events':['runs.*']| events",
                "'events':['webhook.test']| events",
                "'timeout_seconds':0| timeout_seconds",
                "'timeout_seconds':31| timeout_seconds",
                "'retry_seconds':[0]| retry_seconds",
                "'retry_seconds':[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21]| retry_seconds",
                "'name':' '| name"
            })
    void whatIsOutOfBoundsIsRefusedByName(String wrong, String field) {
        Map<String, String> parts = new HashMap<>(
                Map.of("name", "'name':'w'", "url", "'url':'https://hooks.invalid/'", "events", "'events':['*']"));
        Answer made = send(
                api,
                "POST",
                "/v1/webhooks",
                ("{" + String.join(",", parts.values()) + "}").replace('\'', '"'),
                Map.of());
        assertThat(made.status()).isEqualTo(201);
        parts.put(field, wrong);

        Answer refused = send(
                api,
                "POST",
                "/v1/webhooks",
                ("{" + String.join(",", parts.values()) + "}").replace('\'', '"'),
                Map.of());
        Answer unchanged = send(api, "PATCH", path(made), ("{" + wrong + "}").replace('\'', '"'), Map.of());

        for (Answer answer : List.of(refused, unchanged)) {
            assertThat(answer.status()).as(answer.text()).isEqualTo(400);
            assertThat(answer.error("param")).as(answer.text()).isEqualTo(field);
            assertThat(answer.error("code")).isEqualTo("invalid_value");
        }
    }

    @Test
    void aChangeNeedsWhatItKnowsToBeCurrentAndCounts() {
        Answer made = hook(Map.of(), "run.*");
        String tag = api.get(path(made)).header("etag");

        Answer changed =
                send(api, "PATCH", path(made), "{\"events\":[\"budget.*\"],\"active\":false}", Map.of("If-Match", tag));
        assertThat(changed.status()).as(changed.text()).isEqualTo(200);
        assertThat(changed.json().path("active").asBoolean()).isFalse();
        Answer late = send(api, "PATCH", path(made), "{\"active\":true}", Map.of("If-Match", tag));
        assertThat(late.status()).isEqualTo(412);
        Answer refused = api.post(path(made) + "/test", "");
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.error("code")).isEqualTo("webhook_inactive");

        assertThat(api.delete(path(made)).status()).isEqualTo(204);
        assertThat(api.get(path(made)).status()).isEqualTo(404);
        assertThat(api.delete(path(made)).status()).isEqualTo(404);
        assertThat(audited()).containsExactly("webhook.delete", "webhook.update", "webhook.create");
    }

    @Test
    void aTestEventIsSentWhateverTheFilterAndCanBeSentAgain() {
        Answer made = hook(Map.of(), "document.failed");
        String secret = made.json().path("secret").asText();

        Answer queued = api.post(path(made) + "/test", "");
        assertThat(queued.status()).as(queued.text()).isEqualTo(202);
        HookReceiver.Got first = receiver.next();
        assertThat(first.signedBy(secret)).isTrue();
        assertThat(first.body()).startsWith("{\"type\":\"webhook.test\"");
        JsonNode delivery = ended(queued.header("location"));
        assertThat(delivery.path("status").asText()).isEqualTo("delivered");
        assertThat(delivery.path("event_id").asText()).isEqualTo(first.id());
        assertThat(delivery.at("/tries/0/status_code").asInt()).isEqualTo(204);

        Answer again = api.post(queued.header("location") + "/redeliver", "");
        assertThat(again.status()).as(again.text()).isEqualTo(202);
        HookReceiver.Got second = receiver.next();
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(ended(again.header("location")).path("redelivery_of")).isEqualTo(delivery.path("id"));
        assertThat(api.get(path(made) + "/deliveries?status=delivered&type=webhook.test")
                        .json()
                        .path("data"))
                .hasSize(2);
        assertThat(api.get(path(made) + "/deliveries?status=failed").json().path("data"))
                .isEmpty();
        assertThat(api.get(path(made) + "/status").json().path("delivered").asInt())
                .isEqualTo(2);
        assertThat(audited()).containsExactly("webhook.redeliver", "webhook.test", "webhook.create");
    }

    @Test
    void aDeliveryThatFailsSaysWhyAndWaitsForItsNextAttempt() {
        receiver.willAnswer(500);
        Answer made = hook(Map.of("retry_seconds", List.of(600)), "document.failed");
        String delivery = api.post(path(made) + "/test", "").header("location");
        receiver.next();

        JsonNode seen = await().atMost(Duration.ofSeconds(20))
                .until(() -> api.get(delivery).json(), it -> it.at("/tries").size() == 1);
        assertThat(seen.path("status").asText()).isEqualTo("pending");
        assertThat(seen.at("/tries/0/error").asText()).isEqualTo("answered 500");
        assertThat(Instant.parse(seen.path("next_attempt_at").asText()))
                .isAfter(Instant.now().plusSeconds(400));
        Answer early = api.post(delivery + "/redeliver", "");
        assertThat(early.status()).isEqualTo(422);
        assertThat(early.error("code")).isEqualTo("delivery_pending");
        JsonNode status = api.get(path(made) + "/status").json();
        assertThat(status.path("retrying").asInt()).isEqualTo(1);
        assertThat(status.path("consecutive_failures").asInt()).isEqualTo(1);
    }

    @Test
    void whileTheSecretIsReplacedBothSignUnlessTheOldOneIsToBeVoidAtOnce() {
        Answer made = hook(Map.of(), "document.failed");
        String old = made.json().path("secret").asText();

        Answer rotated = api.post(path(made) + "/rotate-secret", "");
        assertThat(rotated.status()).as(rotated.text()).isEqualTo(200);
        String next = rotated.json().path("secret").asText();
        assertThat(Instant.parse(rotated.json().path("previous_secret_until").asText()))
                .isAfter(Instant.now().plus(Duration.ofHours(23)));
        api.post(path(made) + "/test", "");
        HookReceiver.Got both = receiver.next();
        assertThat(both.signatures()).hasSize(2);
        assertThat(both.signedBy(old)).isTrue();
        assertThat(both.signedBy(next)).isTrue();

        String last = api.post(path(made) + "/rotate-secret", "{\"overlap_seconds\":0}")
                .json()
                .path("secret")
                .asText();
        api.post(path(made) + "/test", "");
        HookReceiver.Got one = receiver.next();
        assertThat(one.signatures()).hasSize(1);
        assertThat(one.signedBy(last)).isTrue();
    }

    @Test
    void whoMayOnlyReadChangesNothing() {
        Answer made = hook(Map.of(), "run.*");
        String key = api.post("/v1/api-keys", Map.of("name", "reader", "scopes", List.of("webhooks:read")))
                .json()
                .path("key")
                .asText();
        try (ApiCaller reader = api.as(key)) {
            assertThat(reader.get(path(made)).status()).isEqualTo(200);
            assertThat(reader.get("/v1/webhooks/events").json().path("data")).hasSizeGreaterThan(10);
            assertThat(reader.get(path(made) + "/deliveries").status()).isEqualTo(200);
            for (String what : List.of("/test", "/rotate-secret")) {
                assertThat(reader.post(path(made) + what, "").status()).isEqualTo(403);
            }
            assertThat(reader.delete(path(made)).status()).isEqualTo(403);
        }
    }

    @Test
    void theMetersTellHowDeliveringGoes() {
        Answer made = hook(Map.of(), "document.failed");
        ended(api.post(path(made) + "/test", "").header("location"));

        assertThat(server.process().ops("/metrics"))
                .contains(
                        "temponest_webhook_deliveries_total{outcome=\"delivered\"}",
                        "temponest_webhook_attempt_seconds_bucket",
                        "temponest_webhook_latency_seconds_count",
                        "temponest_webhook_queue{state=\"retrying\"}");
    }
}
