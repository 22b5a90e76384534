package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Answer;
import io.temponest.identity.Ids;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** People: how they come, sign in, change what they may do, and go. */
class AccountsTest {

    private static final String PASSWORD = "a lamp turns twelve times";
    private static final String OTHER = "eighteen nautical miles away";
    private static final Pattern TOKEN = Pattern.compile("tn[ip]_[A-Za-z0-9_-]{43}");

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static ApiCaller anyone;

    @BeforeAll
    static void start() {
        server = TestServer.start(folder);
        anyone = server.admin().as("");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String address() {
        return "keeper." + new Ids().nextTenant() + "@skerry.example";
    }

    private static JsonNode register(String email) {
        Answer made = anyone.post(
                "/v1/auth/register",
                Map.of(
                        "email",
                        email,
                        "password",
                        PASSWORD,
                        "full_name",
                        "Marta Olsen",
                        "tenant_name",
                        "Skerry & Sons"));
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        return made.json();
    }

    private static JsonNode login(String email, String password) {
        Answer in = anyone.post("/v1/auth/login", Map.of("email", email, "password", password));
        assertThat(in.status()).as(in.text()).isEqualTo(200);
        return in.json();
    }

    private static ApiCaller signedIn(String email) {
        return anyone.as(login(email, PASSWORD).path("access_token").asText());
    }

    private static Answer patch(ApiCaller by, String path, String json) {
        return by.send("PATCH", path, BodyPublishers.ofString(json), Map.of("Content-Type", "application/json"));
    }

    /** The token in the newest message to an address. */
    private static String mailed(String email) {
        return await().atMost(Duration.ofSeconds(10))
                .until(() -> newest(email), Optional::isPresent)
                .orElseThrow();
    }

    private static Optional<String> newest(String email) {
        if (!Files.isDirectory(folder.resolve("mail"))) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(folder.resolve("mail"))) {
            return files.filter(file -> file.toString().endsWith(".eml"))
                    .sorted(java.util.Comparator.reverseOrder())
                    .map(AccountsTest::text)
                    .filter(text -> text.contains("To: " + email))
                    .findFirst()
                    .map(TOKEN::matcher)
                    .filter(Matcher::find)
                    .map(Matcher::group);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whoeverRegistersIsTheAdministratorOfANewTenantAndCanRunAgents() {
        String email = address();
        JsonNode made = register(email);
        try (ApiCaller api = signedIn(email)) {
            JsonNode me = api.get("/v1/auth/me").json();
            assertThat(me.path("tenant_id")).isEqualTo(made.at("/tenant/id"));
            assertThat(me.path("roles").toString()).isEqualTo("[\"admin\"]");
            assertThat(made.at("/tenant/plan").asText()).isEqualTo("free");
            assertThat(api.get("/v1/agents").json().path("data")).hasSize(7);
            assertThat(api.get("/v1/runs").json().path("data")).isEmpty();
        }
        Answer again = anyone.post(
                "/v1/auth/register",
                Map.of(
                        "email",
                        email.toUpperCase(java.util.Locale.ROOT),
                        "password",
                        PASSWORD,
                        "full_name",
                        "X",
                        "tenant_name",
                        "Y"));
        assertThat(again.status()).isEqualTo(409);
        assertThat(again.error("code")).isEqualTo("email_taken");
    }

    @Test
    void aPasswordThatManyWouldGuessIsNotTaken() {
        for (String password :
                List.of("short", "password1234", "aaaaaaaaaaaaaa", "123456789012", "keeper.keeper.keeper")) {
            Answer refused = anyone.post(
                    "/v1/auth/register",
                    Map.of("email", address(), "password", password, "full_name", "X", "tenant_name", "Y"));
            assertThat(refused.status()).as(password).isEqualTo(400);
            assertThat(refused.error("param")).isEqualTo("password");
            assertThat(refused.text()).doesNotContain(password);
        }
    }

    @Test
    void nobodyChoosesTheirOwnTenantPlanOrRole() {
        for (String field : List.of("tenant_id", "plan", "roles", "is_superuser", "active")) {
            Answer refused = anyone.post(
                    "/v1/auth/register",
                    Map.of(
                            "email",
                            address(),
                            "password",
                            PASSWORD,
                            "full_name",
                            "X",
                            "tenant_name",
                            "Y",
                            field,
                            "admin"));
            assertThat(refused.status()).as(field).isEqualTo(400);
            assertThat(refused.error("code")).isEqualTo("unknown_field");
            assertThat(refused.error("param")).isEqualTo(field);
        }
    }

    @Test
    void aRefreshTokenIsGoodOnceAndOneThatComesAgainEndsTheSession() {
        String email = address();
        register(email);
        JsonNode first = login(email, PASSWORD);
        JsonNode second = refresh(first).json();
        assertThat(second.path("refresh_token")).isNotEqualTo(first.path("refresh_token"));
        try (ApiCaller api = anyone.as(second.path("access_token").asText())) {
            assertThat(api.get("/v1/auth/me").status()).isEqualTo(200);
            Answer reused = refresh(first);
            assertThat(reused.status()).isEqualTo(401);
            assertThat(reused.error("code")).isEqualTo("refresh_token_invalid");
            assertThat(refresh(second).status()).isEqualTo(401);
            assertThat(api.get("/v1/auth/me").status()).isEqualTo(401);
        }
        try (ApiCaller api = signedIn(email)) {
            assertThat(api.get("/v1/audit?action=refresh_token.reuse")
                            .json()
                            .at("/data/0/outcome")
                            .asText())
                    .isEqualTo("failure");
        }
    }

    private static Answer refresh(JsonNode tokens) {
        return anyone.post(
                "/v1/auth/refresh",
                Map.of("refresh_token", tokens.path("refresh_token").asText()));
    }

    @Test
    void anAccessTokenIsNoRefreshTokenNorTheOtherWayRound() {
        String email = address();
        register(email);
        JsonNode tokens = login(email, PASSWORD);
        try (ApiCaller api = anyone.as(tokens.path("refresh_token").asText())) {
            assertThat(api.get("/v1/auth/me").error("code")).isEqualTo("token_invalid");
        }
        assertThat(anyone.post("/v1/auth/refresh", Map.of("refresh_token", "x".repeat(47)))
                        .error("code"))
                .isEqualTo("refresh_token_invalid");
    }

    @Test
    void signingOutEndsThisSessionAndSigningOutEverywhereAll() {
        String email = address();
        register(email);
        try (ApiCaller one = signedIn(email);
                ApiCaller two = signedIn(email);
                ApiCaller three = signedIn(email)) {
            assertThat(one.get("/v1/auth/sessions").json().path("data")).hasSize(3);
            assertThat(one.post("/v1/auth/logout", "").status()).isEqualTo(204);
            assertThat(one.get("/v1/auth/me").error("code")).isEqualTo("session_ended");
            assertThat(two.get("/v1/auth/me").status()).isEqualTo(200);
            assertThat(two.post("/v1/auth/logout-all", "").status()).isEqualTo(204);
            assertThat(two.get("/v1/auth/me").status()).isEqualTo(401);
            assertThat(three.get("/v1/auth/me").status()).isEqualTo(401);
        }
    }

    @Test
    void anotherPasswordTakesTheOldOneAndEndsTheOtherSessions() {
        String email = address();
        register(email);
        try (ApiCaller here = signedIn(email);
                ApiCaller there = signedIn(email)) {
            Answer wrong = here.post("/v1/auth/password", Map.of("old_password", OTHER, "new_password", OTHER));
            assertThat(wrong.error("code")).isEqualTo("password_wrong");
            assertThat(here.post("/v1/auth/password", Map.of("old_password", PASSWORD, "new_password", OTHER))
                            .status())
                    .isEqualTo(204);
            assertThat(here.get("/v1/auth/me").status()).isEqualTo(200);
            assertThat(there.get("/v1/auth/me").status()).isEqualTo(401);
        }
        assertThat(anyone.post("/v1/auth/login", Map.of("email", email, "password", PASSWORD))
                        .status())
                .isEqualTo(401);
        login(email, OTHER);
    }

    @Test
    void aForgottenPasswordIsChosenAnewWithWhatWasMailedOnce() {
        String email = address();
        register(email);
        try (ApiCaller before = signedIn(email)) {
            Answer known = anyone.post("/v1/auth/password-reset", Map.of("email", email));
            Answer unknown = anyone.post("/v1/auth/password-reset", Map.of("email", address()));
            assertThat(known.status()).isEqualTo(202);
            assertThat(unknown.text()).isEqualTo(known.text());
            Map<String, String> chosen = Map.of("token", mailed(email), "password", OTHER);
            assertThat(anyone.post("/v1/auth/password-reset/confirm", chosen).status())
                    .isEqualTo(204);
            assertThat(anyone.post("/v1/auth/password-reset/confirm", chosen).error("code"))
                    .isEqualTo("token_invalid");
            assertThat(before.get("/v1/auth/me").status()).isEqualTo(401);
        }
        login(email, OTHER);
    }

    @Test
    void whoeverIsInvitedJoinsWithTheRolesOfTheInvitation() {
        String email = address();
        register(email);
        String guest = address();
        try (ApiCaller admin = signedIn(email)) {
            Answer invited = admin.post("/v1/invitations", Map.of("email", guest, "roles", List.of("viewer")));
            assertThat(invited.status()).as(invited.text()).isEqualTo(201);
            String token = mailed(guest);
            assertThat(invited.text()).doesNotContain(token);
            Map<String, String> accepting = Map.of("token", token, "password", PASSWORD, "full_name", "Berit");
            assertThat(anyone.post("/v1/invitations/accept", accepting).status())
                    .isEqualTo(201);
            assertThat(anyone.post("/v1/invitations/accept", accepting).error("code"))
                    .isEqualTo("token_invalid");
            try (ApiCaller viewer = signedIn(guest)) {
                assertThat(viewer.get("/v1/auth/me").json().path("tenant_id"))
                        .isEqualTo(admin.get("/v1/auth/me").json().path("tenant_id"));
                assertThat(viewer.get("/v1/runs").status()).isEqualTo(200);
                assertThat(viewer.post("/v1/agents/developer/runs", Map.of("input", "x"))
                                .status())
                        .isEqualTo(403);
                assertThat(viewer.post("/v1/invitations", Map.of("email", address(), "roles", List.of("viewer")))
                                .status())
                        .isEqualTo(403);
            }
        }
    }

    @Test
    void anInvitationThatWasTakenBackIsWorthNothing() {
        String email = address();
        register(email);
        String guest = address();
        try (ApiCaller admin = signedIn(email)) {
            String id = admin.post("/v1/invitations", Map.of("email", guest, "roles", List.of("viewer")))
                    .json()
                    .path("id")
                    .asText();
            assertThat(admin.delete("/v1/invitations/" + id).status()).isEqualTo(204);
            assertThat(admin.get("/v1/invitations").json().path("data")).isEmpty();
            assertThat(anyone.post(
                                    "/v1/invitations/accept",
                                    Map.of("token", mailed(guest), "password", PASSWORD, "full_name", "Berit"))
                            .error("code"))
                    .isEqualTo("token_invalid");
        }
    }

    /** Someone of the admin's tenant, with roles. @return the id */
    private static String member(ApiCaller admin, String guest, String... roles) {
        admin.post("/v1/invitations", Map.of("email", guest, "roles", List.of(roles)));
        Answer joined = anyone.post(
                "/v1/invitations/accept", Map.of("token", mailed(guest), "password", PASSWORD, "full_name", "Berit"));
        assertThat(joined.status()).as(joined.text()).isEqualTo(201);
        return joined.json().path("id").asText();
    }

    @Test
    void whatIsTakenFromSomebodyTheirTokenAndTheirKeysNoLongerDo() {
        String email = address();
        register(email);
        String guest = address();
        try (ApiCaller admin = signedIn(email)) {
            String id = member(admin, guest, "developer");
            try (ApiCaller developer = signedIn(guest);
                    ApiCaller key = anyone.as(developer
                            .post(
                                    "/v1/api-keys",
                                    Map.of("name", "mine", "scopes", List.of("agents:execute", "runs:read")))
                            .json()
                            .path("key")
                            .asText())) {
                assertThat(key.post("/v1/agents/nobody/runs", Map.of("input", "x"))
                                .status())
                        .isEqualTo(404);
                assertThat(patch(admin, "/v1/users/" + id, "{\"roles\":[\"viewer\"]}")
                                .status())
                        .isEqualTo(200);
                assertThat(developer
                                .post("/v1/agents/nobody/runs", Map.of("input", "x"))
                                .status())
                        .isEqualTo(403);
                assertThat(key.post("/v1/agents/nobody/runs", Map.of("input", "x"))
                                .status())
                        .isEqualTo(403);
                assertThat(key.get("/v1/runs").status()).isEqualTo(200);
                assertThat(patch(admin, "/v1/users/" + id, "{\"active\":false}").status())
                        .isEqualTo(200);
                assertThat(developer.get("/v1/runs").status()).isEqualTo(401);
                assertThat(key.get("/v1/runs").status()).isEqualTo(401);
            }
            assertThat(anyone.post("/v1/auth/login", Map.of("email", guest, "password", PASSWORD))
                            .text())
                    .contains("credentials_invalid");
            assertThat(admin.delete("/v1/users/" + id).status()).isEqualTo(204);
            assertThat(admin.get("/v1/users/" + id).status()).isEqualTo(404);
            assertThat(admin.get("/v1/users").text()).doesNotContain(guest);
        }
    }

    @Test
    void nobodyGivesWhatTheyDoNotHaveAndATenantKeepsAnAdministrator() {
        String email = address();
        String own = register(email).at("/user/id").asText();
        String guest = address();
        try (ApiCaller admin = signedIn(email)) {
            JsonNode role = admin.post(
                            "/v1/roles", Map.of("name", "people", "permissions", List.of("users:read", "users:manage")))
                    .json();
            String id = member(admin, guest, "people");
            try (ApiCaller people = signedIn(guest)) {
                assertThat(patch(people, "/v1/users/" + id, "{\"roles\":[\"admin\"]}")
                                .error("code"))
                        .isEqualTo("permission_not_held");
                assertThat(people.post("/v1/roles", Map.of("name", "more", "permissions", List.of("audit:read")))
                                .error("code"))
                        .isEqualTo("permission_not_held");
                assertThat(people.post("/v1/invitations", Map.of("email", address(), "roles", List.of("admin")))
                                .status())
                        .isEqualTo(403);
                assertThat(patch(people, "/v1/users/" + own, "{\"active\":false}")
                                .status())
                        .isEqualTo(403);
                String path = "/v1/roles/" + role.path("id").asText();
                assertThat(patch(admin, path, "{\"permissions\":[\"users:read\"]}")
                                .status())
                        .isEqualTo(200);
                assertThat(patch(people, "/v1/users/" + id, "{\"full_name\":\"B\"}")
                                .status())
                        .isEqualTo(403);
                assertThat(admin.delete(path).status()).isEqualTo(204);
                assertThat(people.get("/v1/users").status()).isEqualTo(403);
            }
            assertThat(patch(admin, "/v1/users/" + own, "{\"roles\":[\"viewer\"]}")
                            .error("code"))
                    .isEqualTo("last_admin");
            assertThat(admin.delete("/v1/users/" + own).error("code")).isEqualTo("last_admin");
            JsonNode builtIn = admin.get("/v1/roles?order=asc").json().at("/data/0");
            assertThat(patch(admin, "/v1/roles/" + builtIn.path("id").asText(), "{\"permissions\":[]}")
                            .error("code"))
                    .isEqualTo("role_built_in");
        }
    }

    @Test
    void aKeyThatIsRotatedHasAnotherTextAndTheOldOneIsWorthNothing() {
        String email = address();
        register(email);
        try (ApiCaller admin = signedIn(email)) {
            JsonNode issued = admin.post("/v1/api-keys", Map.of("name", "ci", "scopes", List.of("runs:read")))
                    .json();
            JsonNode rotated = admin.post("/v1/api-keys/" + issued.path("id").asText() + "/rotate", "")
                    .json();
            assertThat(rotated.path("id")).isEqualTo(issued.path("id"));
            assertThat(rotated.path("scopes")).isEqualTo(issued.path("scopes"));
            try (ApiCaller old = anyone.as(issued.path("key").asText());
                    ApiCaller fresh = anyone.as(rotated.path("key").asText())) {
                assertThat(fresh.get("/v1/runs").status()).isEqualTo(200);
                assertThat(old.get("/v1/runs").status()).isEqualTo(401);
                await().atMost(Duration.ofSeconds(20))
                        .until(() ->
                                admin.get("/v1/api-keys").json().at("/data/0").has("last_used_at"));
            }
        }
    }

    @Test
    void afterFiveWrongPasswordsTheNextWaitsWhetherOrNotThereIsSuchAnAccount() {
        String email = address();
        register(email);
        assertThat(locked(email)).isEqualTo(locked(address()));
        assertThat(anyone.post("/v1/auth/login", Map.of("email", email, "password", PASSWORD))
                        .error("code"))
                .isEqualTo("sign_in_locked");
    }

    /** The answers to six wrong passwords. */
    private static List<String> locked(String email) {
        return Stream.generate(() -> anyone.post("/v1/auth/login", Map.of("email", email, "password", OTHER)))
                .limit(6)
                .map(answer -> answer.status()
                        + answer.error("code")
                        + answer.headers().containsKey("retry-after"))
                .toList();
    }

    @Test
    void theConsolesCookieWorksOnlyForItsOwnPages() {
        String email = address();
        register(email);
        String login = "{\"email\":\"%s\",\"password\":\"%s\"}".formatted(email, PASSWORD);
        Map<String, String> json = Map.of("Content-Type", "application/json");
        Answer foreign = anyone.send(
                "POST",
                "/v1/auth/session",
                BodyPublishers.ofString(login),
                Map.of("Content-Type", "application/json", "Origin", "https://evil.example"));
        assertThat(foreign.error("code")).isEqualTo("csrf_failed");
        Answer in = anyone.send("POST", "/v1/auth/session", BodyPublishers.ofString(login), json);
        String header = String.join("", in.headers().getOrDefault("set-cookie", List.of()));
        assertThat(header).contains("; HttpOnly", "; Secure", "; SameSite=Lax", "; Path=/");
        String cookie = header.substring(0, header.indexOf(';'));
        String csrf = in.json().path("csrf_token").asText();
        assertThat(in.text()).doesNotContain(cookie.substring(cookie.indexOf('=') + 1));
        assertThat(withCookie("GET", "/v1/auth/me", cookie, Map.of())
                        .json()
                        .path("csrf_token")
                        .asText())
                .isEqualTo(csrf);
        String projects = "/v1/projects";
        assertThat(withCookie("POST", projects, cookie, json).error("code")).isEqualTo("csrf_failed");
        assertThat(withCookie(
                                "POST",
                                projects,
                                cookie,
                                Map.of("Content-Type", "application/json", "X-CSRF-Token", "x" + csrf))
                        .error("code"))
                .isEqualTo("csrf_failed");
        assertThat(withCookie(
                                "POST",
                                projects,
                                cookie,
                                Map.of("Content-Type", "application/json", "X-CSRF-Token", csrf, "Origin", "null"))
                        .error("code"))
                .isEqualTo("csrf_failed");
        assertThat(withCookie(
                                "POST",
                                projects,
                                cookie,
                                Map.of("Content-Type", "application/json", "X-CSRF-Token", csrf))
                        .status())
                .isEqualTo(201);
        Answer out = withCookie("DELETE", "/v1/auth/session", cookie, Map.of("X-CSRF-Token", csrf));
        assertThat(String.join("", out.headers().getOrDefault("set-cookie", List.of())))
                .contains("Max-Age=0");
        assertThat(withCookie("GET", "/v1/auth/me", cookie, Map.of()).status()).isEqualTo(401);
    }

    private static Answer withCookie(String method, String path, String cookie, Map<String, String> headers) {
        Map<String, String> all = new java.util.HashMap<>(headers);
        all.put("Cookie", cookie);
        return anyone.send(
                method,
                path,
                method.equals("POST")
                        ? BodyPublishers.ofString("{\"slug\":\"p%d\",\"name\":\"P\"}".formatted(System.nanoTime()))
                        : BodyPublishers.noBody(),
                all);
    }

    @Test
    void theTenantsNameAndTimeZoneAreItsOwnToChangeAndItsPlanIsNot() {
        String email = address();
        register(email);
        try (ApiCaller admin = signedIn(email)) {
            Answer changed =
                    patch(admin, "/v1/tenant", "{\"name\":\"Skerry\",\"settings\":{\"timezone\":\"Europe/Oslo\"}}");
            assertThat(changed.json().at("/settings/timezone").asText()).isEqualTo("Europe/Oslo");
            assertThat(patch(admin, "/v1/tenant", "{\"plan\":\"enterprise\"}").error("code"))
                    .isEqualTo("unknown_field");
            assertThat(patch(admin, "/v1/tenant", "{\"settings\":{\"timezone\":\"Mars\"}}")
                            .error("param"))
                    .isEqualTo("settings.timezone");
            assertThat(admin.get("/v1/tenant").json().path("name").asText()).isEqualTo("Skerry");
            assertThat(admin.get("/v1/audit/verify").json().path("valid").asBoolean())
                    .isTrue();
        }
    }
}
