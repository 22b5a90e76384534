package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Answer;
import io.temponest.identity.Kind;
import io.temponest.identity.TypeId;
import io.temponest.testing.FakeProvider.Act;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What changes something over HTTP: noted, done once for one key, and not done over somebody else's change. */
class ChangesTest {

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static ApiCaller api;
    private static String collection;

    @BeforeAll
    static void start() {
        server = TestServer.start(folder);
        server.awaitIndexedDocumentation();
        api = server.admin();
        collection = api.post("/v1/collections", Map.of("name", "changes"))
                .json()
                .path("id")
                .asText();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Answer send(String method, String path, String body, String header, String value) {
        return api.send(
                method, path, BodyPublishers.ofString(body), Map.of("Content-Type", "application/json", header, value));
    }

    private static Answer keyed(String path, String body, String key) {
        return send("POST", path, body, "Idempotency-Key", key);
    }

    record Creation(String path, String body, String other) {

        @Override
        public String toString() {
            return path;
        }
    }

    static Stream<Creation> creations() {
        return Stream.of(
                new Creation(
                        "/v1/api-keys",
                        "{\"name\":\"i\",\"scopes\":[\"runs:read\"]}",
                        "{\"name\":\"j\",\"scopes\":[\"runs:read\"]}"),
                new Creation(
                        "/v1/agents",
                        "{\"slug\":\"once\",\"name\":\"O\",\"instructions\":\"x\"}",
                        "{\"slug\":\"twice\",\"name\":\"O\",\"instructions\":\"x\"}"),
                new Creation("/v1/agents/developer/runs", "{\"input\":\"x\"}", "{\"input\":\"y\"}"),
                new Creation(
                        "/v1/projects", "{\"slug\":\"once\",\"name\":\"O\"}", "{\"slug\":\"twice\",\"name\":\"O\"}"),
                new Creation("/v1/collections", "{\"name\":\"once\"}", "{\"name\":\"twice\"}"));
    }

    @ParameterizedTest
    @MethodSource("creations")
    void theSameRequestWithTheSameKeyIsAnsweredTheSameAndMakesNothing(Creation creation) {
        String key = "once only " + creation.path();
        Answer first = keyed(creation.path(), creation.body(), key);
        Long entries = server.rows().get("audit_log");
        Answer again = keyed(creation.path(), creation.body(), key);
        Answer other = keyed(creation.path(), creation.other(), key);

        assertThat(first.status()).as(first.text()).isIn(201, 202);
        assertThat(first.headers()).doesNotContainKey("idempotency-replayed");
        assertThat(again.status()).isEqualTo(first.status());
        assertThat(again.text()).isEqualTo(first.text());
        assertThat(again.header("idempotency-replayed")).isEqualTo("true");
        assertThat(again.header("location")).isEqualTo(first.header("location"));
        assertThat(server.rows().get("audit_log")).isEqualTo(entries);
        assertThat(other.status()).as(other.text()).isEqualTo(422);
        assertThat(other.error("code")).isEqualTo("idempotency_key_reused");
        assertThat(other.headers()).containsEntry("x-should-retry", List.of("false"));
    }

    @Test
    void aFormIsTheSameByItsFiles() {
        String path = "/v1/collections/" + collection + "/documents";
        Answer first = upload(path, "same", "one");
        Answer again = upload(path, "same", "two");

        assertThat(first.status()).as(first.text()).isEqualTo(202);
        assertThat(again.text()).isEqualTo(first.text());
        assertThat(again.headers()).containsEntry("idempotency-replayed", List.of("true"));
    }

    private static Answer upload(String path, String key, String boundary) {
        String form =
                "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhello\r\n--%s--\r\n"
                        .formatted(boundary, boundary);
        return api.send(
                "POST",
                path,
                BodyPublishers.ofString(form),
                Map.of("Content-Type", "multipart/form-data; boundary=" + boundary, "Idempotency-Key", key));
    }

    @Test
    void requestsAtOnceWithOneKeyMakeOneProject() {
        List<Answer> answers = IntStream.range(0, 12)
                .parallel()
                .mapToObj(i -> keyed("/v1/projects", "{\"slug\":\"race\",\"name\":\"R\"}", "race"))
                .toList();

        assertThat(answers).allMatch(answer -> answer.status() == 201);
        assertThat(answers)
                .extracting(Answer::text)
                .containsOnly(answers.getFirst().text());
        assertThat(answers)
                .filteredOn(answer -> !answer.headers().containsKey("idempotency-replayed"))
                .hasSize(1);
    }

    @Test
    void aRunThatWaitsIsFollowedAgain() {
        String body = "{\"input\":\"Say nothing.\",\"model\":\"temponest/extractive\",\"wait\":20}";
        Answer first = keyed("/v1/agents/developer/runs", body, "waiting");
        Answer again = keyed("/v1/agents/developer/runs", body, "waiting");

        assertThat(first.status()).isEqualTo(200);
        assertThat(again.json().path("id")).isEqualTo(first.json().path("id"));
        assertThat(again.headers()).containsKey("idempotency-replayed");
    }

    @Test
    void aKeysTextIsRepeatedAndNotKeptInTheClear() {
        String body = "{\"name\":\"secret\",\"scopes\":[\"runs:read\"]}";
        Answer first = keyed("/v1/api-keys", body, "secret");
        Answer again = keyed("/v1/api-keys", body, "secret");

        assertThat(again.text()).isEqualTo(first.text()).contains("\"key\":\"tn_");
        assertThat(
                        server.database()
                                .execute(
                                        "update idempotency_keys set sealed = sealed where key = 'secret' and sealed and position('tn_'::bytea in body) = 0"))
                .isEqualTo(1);
    }

    /** The entry cannot be appended: nothing else of the change stays either, nor is its key taken. */
    @Test
    void whatCannotBeNotedIsNotDone() {
        server.database().execute("""
                create function refuse() returns trigger language plpgsql as $$
                begin if new.action like 'project.%' then raise exception 'no'; end if; return new; end $$""");
        server.database()
                .execute("create trigger refuse before insert on audit_log for each row execute function refuse()");
        Map<String, Long> before = server.rows();
        Answer refused = keyed("/v1/projects", "{\"slug\":\"unnoted\",\"name\":\"U\"}", "unnoted");
        Map<String, Long> after = server.rows();
        server.database().execute("drop trigger refuse on audit_log");

        assertThat(refused.status()).isEqualTo(500);
        assertThat(after.get("projects")).isEqualTo(before.get("projects"));
        assertThat(after.get("idempotency_keys")).isEqualTo(before.get("idempotency_keys"));
        assertThat(after.get("audit_log")).isEqualTo(before.get("audit_log"));
        assertThat(api.get("/v1/projects/unnoted").status()).isEqualTo(404);
        assertThat(keyed("/v1/projects", "{\"slug\":\"unnoted\",\"name\":\"U\"}", "unnoted")
                        .status())
                .isEqualTo(201);
    }

    @Test
    void whatWasDoneIsInTheLogAndTheChainHolds() {
        AdminFile admin = TestServer.adminFile(folder);
        api.as("").post("/v1/auth/login", Map.of("email", admin.email(), "password", admin.password()));
        api.as("").post("/v1/auth/login", Map.of("email", admin.email(), "password", "wrong"));
        String key = api.post("/v1/api-keys", Map.of("name", "noted", "scopes", List.of("runs:read")))
                .json()
                .path("id")
                .asText();
        api.delete("/v1/api-keys/" + key);

        assertThat(actions("resource=" + key)).containsExactly("api_key.revoke", "api_key.create");
        await().until(() -> actions("action=login&outcome=failure").size() == 1);
        assertThat(actions("action=login&outcome=success")).hasSize(1);
        JsonNode entry = api.get("/v1/audit?resource=" + key).json().at("/data/0");
        assertThat(entry.at("/actor/address").asText()).isEqualTo("127.0.0.1");
        assertThat(entry.at("/actor/api_key_id").asText()).startsWith("key_");
        JsonNode verified = api.get("/v1/audit/verify").json();
        assertThat(verified.path("valid").asBoolean()).as(verified.toString()).isTrue();
        assertThat(verified.path("complete").asBoolean()).isTrue();
        assertThat(verified.path("last_seq")).isEqualTo(verified.at("/head/seq"));
        assertThat(api.get("/v1/audit/verify?after=2").json().path("first_seq").asLong())
                .isEqualTo(3);
    }

    private static String hangingRun() {
        server.provider().will(new Act.Hold(new CompletableFuture<>()));
        String run = TestServer.start(api, "hang", List.of());
        await().until(() ->
                api.get("/v1/runs/" + run).json().path("status").asText().equals("running"));
        return run;
    }

    private static Answer cancel(String run) {
        return api.post("/v1/runs/" + run + "/cancel", "");
    }

    @Test
    void aCancelIsNotedOnceAndNotWhereTheRunIsOver() {
        String run = hangingRun();
        assertThat(cancel(run).status()).isEqualTo(202);
        assertThat(cancel(run).status()).isEqualTo(202);
        assertThat(api.ended(run).path("status").asText()).isEqualTo("cancelled");
        assertThat(cancel(run).status()).isEqualTo(202);

        assertThat(actions("resource=" + run)).containsExactly("run.cancel");
        JsonNode actor = api.get("/v1/audit?resource=" + run).json().at("/data/0/actor");
        assertThat(actor.path("address").asText()).isEqualTo("127.0.0.1");
        assertThat(actor.path("api_key_id").asText()).startsWith("key_");
        assertThat(api.get("/v1/audit/verify").json().path("valid").asBoolean()).isTrue();
    }

    @Test
    void aCancelThatCannotBeNotedIsNotDone() {
        String run = hangingRun();
        server.database().execute("""
                create function refuse_cancel() returns trigger language plpgsql as $$
                begin if new.action = 'run.cancel' then raise exception 'no'; end if; return new; end $$""");
        server.database()
                .execute(
                        "create trigger refuse_cancel before insert on audit_log for each row execute function refuse_cancel()");
        Answer refused = cancel(run);
        server.database().execute("drop trigger refuse_cancel on audit_log");

        assertThat(refused.status()).isEqualTo(500);
        assertThat(server.database()
                        .execute(
                                "update runs set status = status where status = 'running' and cancel_requested_at is null"
                                        + " and id = ?",
                                TypeId.parse(Kind.RUN, run).orElseThrow().uuid()))
                .isEqualTo(1);
        assertThat(cancel(run).status()).isEqualTo(202);
        assertThat(api.ended(run).path("status").asText()).isEqualTo("cancelled");
    }

    private static List<String> actions(String filter) {
        return api.get("/v1/audit?" + filter)
                .json()
                .path("data")
                .valueStream()
                .map(entry -> entry.path("action").asText())
                .toList();
    }

    /** On a tenant of its own, whose chain is broken afterwards. */
    @Test
    void anAlteredEntryIsFound() {
        try (ApiCaller other = server.stranger()) {
            other.post("/v1/collections", Map.of("name", "one"));
            other.post("/v1/collections", Map.of("name", "two"));
            String tenant = io.temponest.identity.TypeId.parse(
                            io.temponest.identity.Kind.TENANT,
                            other.get("/v1/auth/me").json().path("tenant_id").asText())
                    .orElseThrow()
                    .uuid()
                    .toString();
            server.database()
                    .execute("update audit_log set details = '{\"name\":\"three\"}' where seq = 2 and tenant_id = '"
                            + tenant + "'");

            JsonNode verified = other.get("/v1/audit/verify").json();
            assertThat(verified.path("valid").asBoolean(true)).isFalse();
            assertThat(verified.path("broken_at").asLong()).isEqualTo(2);
            assertThat(verified.path("reason").asText()).isEqualTo("altered");
        }
    }

    @Test
    void whatTheClientHasIsNotSentAgainAndAnOldChangeIsRefused() {
        api.post("/v1/agents", Map.of("slug", "tagged", "name", "A", "instructions", "x"));
        String path = "/v1/agents/tagged";
        Answer read = api.get(path);
        String tag = read.header("etag");

        Answer same = send("GET", path, "", "If-None-Match", "W/" + tag);
        assertThat(same.status()).isEqualTo(304);
        assertThat(same.text()).isEmpty();
        assertThat(same.headers()).containsEntry("etag", List.of(tag));
        assertThat(send("GET", path, "", "If-None-Match", "\"x\"").status()).isEqualTo(200);

        Answer changed = send("PATCH", path, "{\"name\":\"B\"}", "If-Match", tag);
        assertThat(changed.status()).as(changed.text()).isEqualTo(200);
        assertThat(changed.header("etag")).isEqualTo(api.get(path).header("etag"));
        for (String stale : List.of(tag, "W/" + changed.header("etag"))) {
            Answer late = send("PATCH", path, "{\"name\":\"C\"}", "If-Match", stale);
            assertThat(late.status()).isEqualTo(412);
            assertThat(late.error("type")).isEqualTo("precondition_failed_error");
            assertThat(send("DELETE", path, "", "If-Match", stale).status()).isEqualTo(412);
        }
        assertThat(api.get(path).json().path("name").asText()).isEqualTo("B");
        assertThat(send("PATCH", path, "{\"name\":\"D\"}", "If-Match", "*").status())
                .isEqualTo(200);
    }

    @Test
    void ofTwoChangesAtOnceFromTheSameStateOneIsRefused() {
        api.post("/v1/agents", Map.of("slug", "raced", "name", "A", "instructions", "x"));
        String path = "/v1/agents/raced";
        String tag = api.get(path).header("etag");

        List<Integer> statuses = IntStream.range(0, 6)
                .parallel()
                .mapToObj(i -> send("PATCH", path, "{\"name\":\"N" + i + "\"}", "If-Match", tag)
                        .status())
                .sorted()
                .toList();
        assertThat(statuses).containsExactly(200, 412, 412, 412, 412, 412);
    }
}
