package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Answer;
import io.temponest.json.Json;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people may do, who gives and takes it, and how soon it counts. */
class RightsTest {

    @TempDir
    private static Path folder;

    private static People people;

    @BeforeAll
    static void start() {
        people = People.start(folder);
    }

    @AfterAll
    static void stop() {
        people.close();
    }

    @Test
    void whoeverIsInvitedJoinsWithTheRolesOfTheInvitation() {
        String email = People.address();
        people.register(email);
        String guest = People.address();
        try (ApiCaller admin = people.signedIn(email)) {
            Answer invited = admin.post("/v1/invitations", Map.of("email", guest, "roles", List.of("viewer")));
            assertThat(invited.status()).as(invited.text()).isEqualTo(201);
            String token = people.mailed(guest);
            assertThat(invited.text()).doesNotContain(token);
            Map<String, String> accepting = Map.of("token", token, "password", People.PASSWORD, "full_name", "Berit");
            assertThat(people.anyone().post("/v1/invitations/accept", accepting).status())
                    .isEqualTo(201);
            assertThat(people.anyone().post("/v1/invitations/accept", accepting).error("code"))
                    .isEqualTo("token_invalid");
            try (ApiCaller viewer = people.signedIn(guest)) {
                assertThat(viewer.get("/v1/auth/me").json().path("tenant_id"))
                        .isEqualTo(admin.get("/v1/auth/me").json().path("tenant_id"));
                assertThat(viewer.get("/v1/runs").status()).isEqualTo(200);
                assertThat(viewer.post("/v1/agents/developer/runs", Map.of("input", "x"))
                                .status())
                        .isEqualTo(403);
                assertThat(viewer.post("/v1/invitations", Map.of("email", People.address(), "roles", List.of("viewer")))
                                .status())
                        .isEqualTo(403);
            }
        }
    }

    @Test
    void anInvitationThatWasTakenBackIsWorthNothing() {
        String email = People.address();
        people.register(email);
        String guest = People.address();
        try (ApiCaller admin = people.signedIn(email)) {
            String id = admin.post("/v1/invitations", Map.of("email", guest, "roles", List.of("viewer")))
                    .json()
                    .path("id")
                    .asText();
            assertThat(admin.delete("/v1/invitations/" + id).status()).isEqualTo(204);
            assertThat(admin.get("/v1/invitations").json().path("data")).isEmpty();
            assertThat(people.anyone()
                            .post(
                                    "/v1/invitations/accept",
                                    Map.of(
                                            "token",
                                            people.mailed(guest),
                                            "password",
                                            People.PASSWORD,
                                            "full_name",
                                            "Berit"))
                            .error("code"))
                    .isEqualTo("token_invalid");
        }
    }

    @Test
    void invitationsOfThoseWhoMayLessThanTheyDidAreWorthNothing() {
        String email = People.address();
        people.register(email);
        try (ApiCaller admin = people.signedIn(email)) {
            for (String taking : List.of("roles", "active", "role", "delete")) {
                String name = "clerk of " + taking;
                String role = admin.post(
                                "/v1/roles", Map.of("name", name, "permissions", List.of("users:read", "users:manage")))
                        .json()
                        .path("id")
                        .asText();
                String clerk = People.address();
                String id = people.member(admin, clerk, name);
                String guest = People.address();
                try (ApiCaller inviting = people.signedIn(clerk)) {
                    assertThat(inviting.post("/v1/invitations", Map.of("email", guest, "roles", List.of(name)))
                                    .status())
                            .isEqualTo(201);
                }
                String token = people.mailed(guest);
                int done = switch (taking) {
                    case "roles" ->
                        People.patch(admin, "/v1/users/" + id, "{\"roles\":[\"viewer\"]}")
                                .status();
                    case "active" ->
                        People.patch(admin, "/v1/users/" + id, "{\"active\":false}")
                                .status();
                    case "role" ->
                        People.patch(admin, "/v1/roles/" + role, "{\"permissions\":[\"users:read\"]}")
                                .status();
                    default -> admin.delete("/v1/users/" + id).status();
                };
                assertThat(done).as(taking).isIn(200, 204);

                assertThat(people.anyone()
                                .post(
                                        "/v1/invitations/accept",
                                        Map.of("token", token, "password", People.PASSWORD, "full_name", "Berit"))
                                .error("code"))
                        .as(taking)
                        .isEqualTo("token_invalid");
            }
            assertThat(admin.get("/v1/invitations").json().path("data")).isEmpty();
        }
    }

    @Test
    void whatIsMailedHasNoLineBreaksOfOthers() {
        String email = People.address();
        Answer registered = people.anyone()
                .post(
                        "/v1/auth/register",
                        Map.of(
                                "email",
                                email,
                                "password",
                                People.PASSWORD,
                                "full_name",
                                "Marta",
                                "tenant_name",
                                "Skerry\n\nYour account is closed: https://evil.example"));
        assertThat(registered.error("param")).isEqualTo("tenant_name");
        people.register(email);
        try (ApiCaller admin = people.signedIn(email)) {
            assertThat(People.patch(admin, "/v1/tenant", "{\"name\":\"a\\u2028b\"}")
                            .error("param"))
                    .isEqualTo("name");
        }
    }

    @Test
    void aRoleIsNotCalledWhatAnIdLooksLike() {
        String email = People.address();
        people.register(email);
        try (ApiCaller admin = people.signedIn(email)) {
            String builtIn = admin.get("/v1/roles").json().at("/data/0/id").asText();

            Answer refused = admin.post("/v1/roles", Map.of("name", builtIn, "permissions", List.of()));

            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.error("param")).isEqualTo("name");
        }
    }

    @Test
    void aKeyMakesNoneThatLivesLongerOrMayUseMore() {
        String email = People.address();
        people.register(email);
        try (ApiCaller admin = people.signedIn(email)) {
            JsonNode wide = admin.post("/v1/api-keys", Map.of("name", "wide", "scopes", List.of("api_keys:manage")))
                    .json();
            JsonNode narrow = admin.post(
                            "/v1/api-keys",
                            Map.of(
                                    "name",
                                    "narrow",
                                    "scopes",
                                    List.of("api_keys:manage", "runs:read"),
                                    "expires_in_days",
                                    1,
                                    "limits",
                                    Map.of("requests_per_minute", 100)))
                    .json();
            try (ApiCaller key = people.anyone().as(narrow.path("key").asText())) {
                JsonNode made = key.post(
                                "/v1/api-keys",
                                Map.of(
                                        "name",
                                        "child",
                                        "scopes",
                                        List.of("runs:read"),
                                        "limits",
                                        Map.of("requests_per_minute", 5_000, "concurrency", 7)))
                        .json();
                assertThat(made.path("expires_at")).isEqualTo(narrow.path("expires_at"));
                assertThat(made.path("limits")).isEqualTo(Json.tree("{\"requests_per_minute\":100,\"concurrency\":7}"));
                JsonNode smaller = key.post(
                                "/v1/api-keys",
                                Map.of(
                                        "name",
                                        "smaller",
                                        "scopes",
                                        List.of("runs:read"),
                                        "limits",
                                        Map.of("requests_per_minute", 3)))
                        .json();
                assertThat(smaller.path("limits")).isEqualTo(Json.tree("{\"requests_per_minute\":3}"));
                assertThat(key.post("/v1/api-keys/" + wide.path("id").asText() + "/rotate", "")
                                .error("code"))
                        .isEqualTo("key_goes_further");
                assertThat(key.post("/v1/api-keys/" + made.path("id").asText() + "/rotate", "")
                                .status())
                        .isEqualTo(200);
                assertThat(key.post("/v1/api-keys", Map.of("name", "x", "scopes", List.of("audit:read")))
                                .error("code"))
                        .isEqualTo("permission_not_held");
            }
        }
    }

    @Test
    void whatIsTakenFromSomebodyTheirTokenAndTheirKeysNoLongerDo() {
        String email = People.address();
        people.register(email);
        String guest = People.address();
        try (ApiCaller admin = people.signedIn(email)) {
            String id = people.member(admin, guest, "developer");
            try (ApiCaller developer = people.signedIn(guest);
                    ApiCaller key = people.anyone()
                            .as(developer
                                    .post(
                                            "/v1/api-keys",
                                            Map.of("name", "mine", "scopes", List.of("agents:execute", "runs:read")))
                                    .json()
                                    .path("key")
                                    .asText())) {
                assertThat(key.post("/v1/agents/nobody/runs", Map.of("input", "x"))
                                .status())
                        .isEqualTo(404);
                assertThat(People.patch(admin, "/v1/users/" + id, "{\"roles\":[\"viewer\"]}")
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
                assertThat(People.patch(admin, "/v1/users/" + id, "{\"active\":false}")
                                .status())
                        .isEqualTo(200);
                assertThat(developer.get("/v1/runs").status()).isEqualTo(401);
                assertThat(key.get("/v1/runs").status()).isEqualTo(401);
            }
            assertThat(people.anyone()
                            .post("/v1/auth/login", Map.of("email", guest, "password", People.PASSWORD))
                            .text())
                    .contains("credentials_invalid");
            assertThat(admin.delete("/v1/users/" + id).status()).isEqualTo(204);
            assertThat(admin.get("/v1/users/" + id).status()).isEqualTo(404);
            assertThat(admin.get("/v1/users").text()).doesNotContain(guest);
        }
    }

    @Test
    void nobodyGivesWhatTheyDoNotHaveAndATenantKeepsAnAdministrator() {
        String email = People.address();
        String own = people.register(email).at("/user/id").asText();
        String guest = People.address();
        try (ApiCaller admin = people.signedIn(email)) {
            JsonNode role = admin.post(
                            "/v1/roles", Map.of("name", "people", "permissions", List.of("users:read", "users:manage")))
                    .json();
            String id = people.member(admin, guest, "people");
            try (ApiCaller clerk = people.signedIn(guest)) {
                assertThat(People.patch(clerk, "/v1/users/" + id, "{\"roles\":[\"admin\"]}")
                                .error("code"))
                        .isEqualTo("permission_not_held");
                assertThat(clerk.post("/v1/roles", Map.of("name", "more", "permissions", List.of("audit:read")))
                                .error("code"))
                        .isEqualTo("permission_not_held");
                assertThat(clerk.post("/v1/invitations", Map.of("email", People.address(), "roles", List.of("admin")))
                                .status())
                        .isEqualTo(403);
                assertThat(People.patch(clerk, "/v1/users/" + own, "{\"active\":false}")
                                .status())
                        .isEqualTo(403);
                String path = "/v1/roles/" + role.path("id").asText();
                assertThat(People.patch(admin, path, "{\"permissions\":[\"users:read\"]}")
                                .status())
                        .isEqualTo(200);
                assertThat(People.patch(clerk, "/v1/users/" + id, "{\"full_name\":\"B\"}")
                                .status())
                        .isEqualTo(403);
                assertThat(admin.delete(path).status()).isEqualTo(204);
                assertThat(clerk.get("/v1/users").status()).isEqualTo(403);
            }
            assertThat(People.patch(admin, "/v1/users/" + own, "{\"roles\":[\"viewer\"]}")
                            .error("code"))
                    .isEqualTo("last_admin");
            assertThat(admin.delete("/v1/users/" + own).error("code")).isEqualTo("last_admin");
            JsonNode builtIn = admin.get("/v1/roles?order=asc").json().at("/data/0");
            assertThat(People.patch(admin, "/v1/roles/" + builtIn.path("id").asText(), "{\"permissions\":[]}")
                            .error("code"))
                    .isEqualTo("role_built_in");
        }
    }

    @Test
    void aKeyThatIsRotatedHasAnotherTextAndTheOldOneIsWorthNothing() {
        String email = People.address();
        people.register(email);
        try (ApiCaller admin = people.signedIn(email)) {
            JsonNode issued = admin.post("/v1/api-keys", Map.of("name", "ci", "scopes", List.of("runs:read")))
                    .json();
            JsonNode rotated = admin.post("/v1/api-keys/" + issued.path("id").asText() + "/rotate", "")
                    .json();
            assertThat(rotated.path("id")).isEqualTo(issued.path("id"));
            assertThat(rotated.path("scopes")).isEqualTo(issued.path("scopes"));
            String guest = People.address();
            people.member(admin, guest, "developer");
            try (ApiCaller developer = people.signedIn(guest)) {
                assertThat(developer
                                .post("/v1/api-keys/" + issued.path("id").asText() + "/rotate", "")
                                .error("code"))
                        .isEqualTo("key_of_another");
            }
            try (ApiCaller old = people.anyone().as(issued.path("key").asText());
                    ApiCaller fresh = people.anyone().as(rotated.path("key").asText())) {
                assertThat(fresh.get("/v1/runs").status()).isEqualTo(200);
                assertThat(old.get("/v1/runs").status()).isEqualTo(401);
                await().atMost(Duration.ofSeconds(20))
                        .until(() ->
                                admin.get("/v1/api-keys").json().at("/data/0").has("last_used_at"));
            }
        }
    }

    private static Answer renamed(ApiCaller admin, String name, String tag) {
        return admin.send(
                "PATCH",
                "/v1/tenant",
                BodyPublishers.ofString(Json.text(Map.of("name", name))),
                Map.of("Content-Type", "application/json", "If-Match", tag));
    }

    @Test
    void theTenantsNameAndTimeZoneAreItsOwnToChangeAndItsPlanIsNot() {
        String email = People.address();
        people.register(email);
        try (ApiCaller admin = people.signedIn(email)) {
            Answer changed = People.patch(
                    admin, "/v1/tenant", "{\"name\":\"Skerry\",\"settings\":{\"timezone\":\"Europe/Oslo\"}}");
            assertThat(changed.json().at("/settings/timezone").asText()).isEqualTo("Europe/Oslo");
            assertThat(People.patch(admin, "/v1/tenant", "{\"plan\":\"enterprise\"}")
                            .error("code"))
                    .isEqualTo("unknown_field");
            assertThat(People.patch(admin, "/v1/tenant", "{\"settings\":{\"timezone\":\"Mars\"}}")
                            .error("param"))
                    .isEqualTo("settings.timezone");
            Answer read = admin.get("/v1/tenant");
            assertThat(read.json().path("name").asText()).isEqualTo("Skerry");
            String tag = String.join("", read.headers().getOrDefault("etag", List.of()));
            assertThat(renamed(admin, "Skerry 2", tag).status()).isEqualTo(200);
            assertThat(renamed(admin, "Skerry 3", tag).status()).isEqualTo(412);
            assertThat(admin.get("/v1/audit/verify").json().path("valid").asBoolean())
                    .isTrue();
        }
    }
}
