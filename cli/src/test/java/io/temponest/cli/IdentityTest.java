package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Registering, signing in and out, and what stops when. A second process on the same database, which hears nothing over the bus,
 * has to find out from the database alone.
 */
@Tag("alone")
class IdentityTest {

    private static final String PASSWORD = "seventeen lighthouses";
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final AtomicInteger COUNT = new AtomicInteger();

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static TempoNestProcess other;
    private static ApiCaller anyone;
    private static ApiCaller elsewhere;

    @BeforeAll
    static void start() {
        server = TestServer.start(folder);
        Map<String, String> settings = new HashMap<>(server.provider().settings());
        settings.putAll(TestServer.databaseSettings(server.database()));
        other = TempoNestProcess.start(folder, settings, "up").awaitReady();
        anyone = server.admin().as("");
        elsewhere = new ApiCaller(other.url(), "");
    }

    @AfterAll
    static void stop() {
        other.close();
        server.close();
    }

    private static String register() {
        String email = "person%d@example.com".formatted(COUNT.incrementAndGet());
        Answer registered = anyone.post("/v1/auth/register", registration(email, PASSWORD));
        assertThat(registered.status()).as(registered.text()).isEqualTo(201);
        return email;
    }

    private static Map<String, String> registration(String email, String password) {
        return Map.of("email", email, "password", password, "full_name", "Ada", "tenant_name", "Skerry & Sons");
    }

    private static Answer login(String email, String password) {
        return anyone.post("/v1/auth/login", Map.of("email", email, "password", password));
    }

    private static JsonNode tokens(String email) {
        Answer answer = login(email, PASSWORD);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    private static String access(JsonNode tokens) {
        return tokens.path("access_token").asText();
    }

    private static Answer refresh(String token) {
        return anyone.post("/v1/auth/refresh", Map.of("refresh_token", token));
    }

    private static int me(ApiCaller at, String credentials) {
        return at.as(credentials).get("/v1/auth/me").status();
    }

    private static void stopsEverywhere(String credentials) {
        assertThat(me(anyone, credentials)).as("where it was ended").isEqualTo(401);
        await().pollInterval(Duration.ofMillis(50)).atMost(SOON).until(() -> me(elsewhere, credentials) == 401);
    }

    private static String worksEverywhere(String credentials) {
        assertThat(me(anyone, credentials)).isEqualTo(200);
        assertThat(me(elsewhere, credentials)).isEqualTo(200);
        return credentials;
    }

    @Test
    void whoeverRegistersIsTheAdminOfATenantOfTheirOwn() {
        String email = register();

        ApiCaller admin = anyone.as(access(tokens(email)));
        assertThat(admin.get("/v1/auth/me").json().path("roles").toString()).isEqualTo("[\"admin\"]");
        assertThat(admin.get("/v1/users").json().path("data")).hasSize(1);
        assertThat(admin.get("/v1/agents").json().path("data")).hasSize(7);
        assertThat(admin.get("/v1/collections").json().path("data")).isEmpty();
        Answer again =
                anyone.post("/v1/auth/register", registration(email.toUpperCase(java.util.Locale.ROOT), PASSWORD));
        assertThat(again.status()).isEqualTo(409);
        assertThat(again.error("code")).isEqualTo("email_taken");
    }

    @Test
    void nothingBesidesTheFieldsCanBeSetAndNoWeakPasswordIsTaken() {
        Map<String, String> more = new HashMap<>(registration("mass@example.com", PASSWORD));
        more.put("plan", "enterprise");
        assertThat(anyone.post("/v1/auth/register", more).error("code")).isEqualTo("unknown_field");
        for (String weak : List.of("short", "Password12345!", "qwertyuiop1234", "abcabcabcabc", "weak-person-88x")) {
            Answer refused = anyone.post("/v1/auth/register", registration("weak-person@example.com", weak));
            assertThat(refused.status()).as(weak).isEqualTo(400);
            assertThat(refused.error("code")).as(weak).isEqualTo("password_unfit");
        }
    }

    @Test
    void aRefreshTokenIsGoodOnceAndItsReuseEndsTheSession() {
        JsonNode first = tokens(register());
        JsonNode second = refresh(first.path("refresh_token").asText()).json();
        worksEverywhere(access(second));

        assertThat(refresh(first.path("refresh_token").asText()).status()).isEqualTo(401);

        stopsEverywhere(access(second));
        assertThat(refresh(second.path("refresh_token").asText()).status()).isEqualTo(401);
    }

    @Test
    void signingOutEndsOneSessionOrAll() {
        String email = register();
        String one = worksEverywhere(access(tokens(email)));
        String two = worksEverywhere(access(tokens(email)));
        String three = worksEverywhere(access(tokens(email)));

        assertThat(anyone.as(one).post("/v1/auth/logout", "").status()).isEqualTo(204);
        stopsEverywhere(one);
        assertThat(anyone.as(two).get("/v1/auth/sessions").json().path("data")).hasSize(2);
        assertThat(anyone.as(two).post("/v1/auth/logout-all", "").status()).isEqualTo(204);
        stopsEverywhere(two);
        stopsEverywhere(three);
    }

    @Test
    void whatWasEndedStaysEndedAfterARestart() {
        String token = access(tokens(register()));
        anyone.as(token).post("/v1/auth/logout", "");
        Map<String, String> settings = new HashMap<>(server.provider().settings());
        settings.putAll(TestServer.databaseSettings(server.database()));

        try (TempoNestProcess fresh =
                        TempoNestProcess.start(folder, settings, "up").awaitReady();
                ApiCaller there = new ApiCaller(fresh.url(), "")) {
            assertThat(me(there, token)).isEqualTo(401);
        }
    }

    @Test
    void aNewPasswordEndsTheOtherSessions() {
        String email = register();
        String mine = worksEverywhere(access(tokens(email)));
        String others = worksEverywhere(access(tokens(email)));
        Map<String, String> change = Map.of("old_password", PASSWORD, "new_password", "eighteen lighthouses");

        assertThat(anyone.as(mine)
                        .post("/v1/auth/password", Map.of("old_password", "x", "new_password", "eighteen lighthouses"))
                        .status())
                .isEqualTo(400);
        assertThat(anyone.as(mine).post("/v1/auth/password", change).status()).isEqualTo(204);

        stopsEverywhere(others);
        worksEverywhere(mine);
        assertThat(login(email, PASSWORD).status()).isEqualTo(401);
        assertThat(login(email, "eighteen lighthouses").status()).isEqualTo(200);
    }

    @Test
    void guessesAreSlowedDownWhetherOrNotThereIsSuchAnAccount() {
        for (String email : List.of(register(), "nobody@example.com")) {
            for (int i = 0; i < 5; i++) {
                assertThat(login(email, "wrong").error("code")).isEqualTo("credentials_invalid");
            }
            Answer locked = login(email, PASSWORD);
            assertThat(locked.status()).as(email).isEqualTo(429);
            assertThat(locked.error("code")).isEqualTo("sign_in_locked");
            assertThat(locked.headers()).containsKey("retry-after");
        }
    }

    @Test
    void theConsolesCookieNeedsItsTokenAndOriginForChanges() {
        String email = register();
        Answer begun = anyone.post("/v1/auth/session", Map.of("email", email, "password", PASSWORD));
        String set = begun.headers().getOrDefault("set-cookie", List.of("")).getFirst();
        assertThat(set).contains("HttpOnly", "Secure", "SameSite=Lax", "Path=/");
        String cookie = set.substring(0, set.indexOf(';'));
        String csrf = begun.json().path("csrf_token").asText();

        assertThat(cookie(cookie, "GET", "/v1/auth/me", Map.of())
                        .json()
                        .path("csrf_token")
                        .asText())
                .isEqualTo(csrf);
        for (Map<String, String> forged : List.of(
                Map.<String, String>of(),
                Map.of("X-CSRF-Token", "x"),
                Map.of("X-CSRF-Token", csrf, "Origin", "https://evil.example"),
                Map.of("X-CSRF-Token", csrf, "Origin", "null"),
                Map.of("X-CSRF-Token", csrf, "Referer", "https://evil.example/page"))) {
            Answer refused = cookie(cookie, "POST", "/v1/auth/logout-all", forged);
            assertThat(refused.status()).as(forged.toString()).isEqualTo(403);
            assertThat(refused.error("code")).isEqualTo("csrf_failed");
        }
        assertThat(cookie(cookie, "GET", "/v1/auth/me", Map.of("Authorization", "Bearer x"))
                        .status())
                .isEqualTo(401);
        assertThat(cookie(cookie, "DELETE", "/v1/auth/session", Map.of("X-CSRF-Token", csrf))
                        .status())
                .isEqualTo(200);
        assertThat(cookie(cookie, "GET", "/v1/auth/me", Map.of()).status()).isEqualTo(401);
    }

    private static Answer cookie(String cookie, String method, String path, Map<String, String> headers) {
        Map<String, String> all = new HashMap<>(headers);
        all.put("Cookie", cookie);
        return anyone.send(method, path, BodyPublishers.noBody(), all);
    }

    @Test
    void aRotatedKeyStopsEverywhereAndOnlyItsOwnerGetsTheNewOne() {
        ApiCaller admin = anyone.as(access(tokens(register())));
        JsonNode issued = admin.post("/v1/api-keys", Map.of("name", "ci", "scopes", List.of("runs:read")))
                .json();
        String old = worksEverywhere(issued.path("key").asText());
        String path = "/v1/api-keys/" + issued.path("id").asText() + "/rotate";

        assertThat(server.admin().post(path, "").status())
                .as("of another tenant")
                .isEqualTo(404);
        Answer rotated = admin.post(path, "");

        assertThat(rotated.status()).as(rotated.text()).isEqualTo(200);
        stopsEverywhere(old);
        worksEverywhere(rotated.json().path("key").asText());
    }

    @Test
    void theLastAdminStays() {
        ApiCaller admin = anyone.as(access(tokens(register())));
        String path = "/v1/users/" + admin.get("/v1/auth/me").json().path("id").asText();

        for (Map<String, Object> change :
                List.<Map<String, Object>>of(Map.of("roles", List.of("viewer")), Map.of("active", false))) {
            Answer refused = patch(admin, path, change);
            assertThat(refused.status()).as(refused.text()).isEqualTo(422);
            assertThat(refused.error("code")).isEqualTo("last_admin");
        }
        assertThat(admin.delete(path).status()).isEqualTo(422);
    }

    private static Answer patch(ApiCaller api, String path, Map<String, Object> change) {
        return api.send(
                "PATCH",
                path,
                BodyPublishers.ofString(io.temponest.json.Json.text(change)),
                Map.of("Content-Type", "application/json"));
    }

    /** A second person of the tenant: nothing of the API makes one yet, so the onlooker moves one in. */
    @Test
    void rolesAndDeactivationCountEverywhereWithinASecond() {
        String admins = access(tokens(register()));
        String email = register();
        JsonNode boss = anyone.as(admins).get("/v1/auth/me").json();
        JsonNode moved = anyone.as(access(tokens(email))).get("/v1/auth/me").json();
        moveIn(uuid(moved, "id"), uuid(boss, "tenant_id"));
        String person = access(tokens(email));
        String path = "/v1/users/" + moved.path("id").asText();

        assertThat(patch(anyone.as(admins), path, Map.of("roles", List.of("developer")))
                        .status())
                .isEqualTo(200);
        String key = anyone.as(person)
                .post("/v1/api-keys", Map.of("name", "k", "scopes", List.of("runs:read")))
                .json()
                .path("key")
                .asText();
        worksEverywhere(key);
        assertThat(elsewhere.as(person).get("/v1/users").status()).isEqualTo(403);
        assertThat(patch(anyone.as(person), path, Map.of("roles", List.of("admin")))
                        .status())
                .isEqualTo(403);

        patch(anyone.as(admins), path, Map.of("roles", List.of("viewer")));
        await().atMost(SOON).until(() -> elsewhere.as(person).get("/v1/users").status() == 200);

        patch(anyone.as(admins), path, Map.of("active", false));
        stopsEverywhere(person);
        stopsEverywhere(key);
        assertThat(login(email, PASSWORD).status()).isEqualTo(401);
    }

    private static java.util.UUID uuid(JsonNode of, String field) {
        return io.temponest.identity.TypeId.parse(of.path(field).asText()).uuid();
    }

    private static void moveIn(java.util.UUID user, java.util.UUID tenant) {
        for (String table : List.of("user_roles", "user_sessions")) {
            server.database()
                    .execute(
                            "delete from refresh_tokens where session_id in (select id from user_sessions where user_id = ?)",
                            user);
            server.database().execute("delete from " + table + " where user_id = ?", user);
        }
        server.database().execute("update users set tenant_id = ? where id = ?", tenant, user);
    }
}
