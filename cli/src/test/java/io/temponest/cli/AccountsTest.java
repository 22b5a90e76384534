package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Answer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How people come, sign in, choose passwords, and go. */
class AccountsTest {

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
    void whoeverRegistersIsTheAdministratorOfANewTenantAndCanRunAgents() {
        String email = People.address();
        JsonNode made = people.register(email);
        try (ApiCaller api = people.signedIn(email)) {
            JsonNode me = api.get("/v1/auth/me").json();
            assertThat(me.path("tenant_id")).isEqualTo(made.at("/tenant/id"));
            assertThat(me.path("roles").toString()).isEqualTo("[\"admin\"]");
            assertThat(made.at("/tenant/plan").asText()).isEqualTo("free");
            assertThat(api.get("/v1/agents").json().path("data")).hasSize(7);
            assertThat(api.get("/v1/runs").json().path("data")).isEmpty();
        }
        Answer again = people.anyone()
                .post(
                        "/v1/auth/register",
                        Map.of(
                                "email",
                                email.toUpperCase(java.util.Locale.ROOT),
                                "password",
                                People.PASSWORD,
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
                List.of("short", "password1234", "aaaaaaaaaaaaaa", "123456789012", "keeperkeeperkeeper")) {
            Answer refused = people.anyone()
                    .post(
                            "/v1/auth/register",
                            Map.of(
                                    "email",
                                    People.address(),
                                    "password",
                                    password,
                                    "full_name",
                                    "X",
                                    "tenant_name",
                                    "Y"));
            assertThat(refused.status()).as(password).isEqualTo(400);
            assertThat(refused.error("param")).isEqualTo("password");
            assertThat(refused.text()).doesNotContain(password);
        }
    }

    @Test
    void nobodyChoosesTheirOwnTenantPlanOrRole() {
        for (String field : List.of("tenant_id", "plan", "roles", "is_superuser", "active")) {
            Answer refused = people.anyone()
                    .post(
                            "/v1/auth/register",
                            Map.of(
                                    "email",
                                    People.address(),
                                    "password",
                                    People.PASSWORD,
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
        String email = People.address();
        people.register(email);
        JsonNode first = people.login(email, People.PASSWORD);
        JsonNode second = refresh(first).json();
        assertThat(second.path("refresh_token")).isNotEqualTo(first.path("refresh_token"));
        try (ApiCaller api = people.anyone().as(second.path("access_token").asText())) {
            assertThat(api.get("/v1/auth/me").status()).isEqualTo(200);
            Answer reused = refresh(first);
            assertThat(reused.status()).isEqualTo(401);
            assertThat(reused.error("code")).isEqualTo("refresh_token_invalid");
            assertThat(refresh(second).status()).isEqualTo(401);
            assertThat(api.get("/v1/auth/me").status()).isEqualTo(401);
        }
        try (ApiCaller api = people.signedIn(email)) {
            assertThat(api.get("/v1/audit?action=refresh_token.reuse")
                            .json()
                            .at("/data/0/outcome")
                            .asText())
                    .isEqualTo("failure");
        }
    }

    private static Answer refresh(JsonNode tokens) {
        return people.anyone()
                .post(
                        "/v1/auth/refresh",
                        Map.of("refresh_token", tokens.path("refresh_token").asText()));
    }

    @Test
    void anAccessTokenIsNoRefreshTokenNorTheOtherWayRound() {
        String email = People.address();
        people.register(email);
        JsonNode tokens = people.login(email, People.PASSWORD);
        try (ApiCaller api = people.anyone().as(tokens.path("refresh_token").asText())) {
            assertThat(api.get("/v1/auth/me").error("code")).isEqualTo("token_invalid");
        }
        assertThat(people.anyone()
                        .post("/v1/auth/refresh", Map.of("refresh_token", "x".repeat(47)))
                        .error("code"))
                .isEqualTo("refresh_token_invalid");
    }

    @Test
    void signingOutEndsThisSessionAndSigningOutEverywhereAll() {
        String email = People.address();
        people.register(email);
        try (ApiCaller one = people.signedIn(email);
                ApiCaller two = people.signedIn(email);
                ApiCaller three = people.signedIn(email)) {
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
        String email = People.address();
        people.register(email);
        try (ApiCaller here = people.signedIn(email);
                ApiCaller there = people.signedIn(email)) {
            Answer wrong =
                    here.post("/v1/auth/password", Map.of("old_password", People.OTHER, "new_password", People.OTHER));
            assertThat(wrong.error("code")).isEqualTo("password_wrong");
            assertThat(here.post(
                                    "/v1/auth/password",
                                    Map.of("old_password", People.PASSWORD, "new_password", People.OTHER))
                            .status())
                    .isEqualTo(204);
            assertThat(here.get("/v1/auth/me").status()).isEqualTo(200);
            assertThat(there.get("/v1/auth/me").status()).isEqualTo(401);
        }
        assertThat(people.anyone()
                        .post("/v1/auth/login", Map.of("email", email, "password", People.PASSWORD))
                        .status())
                .isEqualTo(401);
        people.login(email, People.OTHER);
    }

    @Test
    void aForgottenPasswordIsChosenAnewWithWhatWasMailedOnce() {
        String email = People.address();
        people.register(email);
        try (ApiCaller before = people.signedIn(email)) {
            Answer known = people.anyone().post("/v1/auth/password-reset", Map.of("email", email));
            Answer unknown = people.anyone().post("/v1/auth/password-reset", Map.of("email", People.address()));
            assertThat(known.status()).isEqualTo(202);
            assertThat(unknown.text()).isEqualTo(known.text());
            Map<String, String> chosen = Map.of("token", people.mailed(email), "password", People.OTHER);
            assertThat(people.anyone()
                            .post("/v1/auth/password-reset/confirm", chosen)
                            .status())
                    .isEqualTo(204);
            assertThat(people.anyone()
                            .post("/v1/auth/password-reset/confirm", chosen)
                            .error("code"))
                    .isEqualTo("token_invalid");
            assertThat(before.get("/v1/auth/me").status()).isEqualTo(401);
        }
        people.login(email, People.OTHER);
    }

    @Test
    void afterFiveWrongPasswordsTheNextWaitsWhetherOrNotThereIsSuchAnAccount() {
        String email = People.address();
        people.register(email);
        List<String> known = locked(email);
        assertThat(known).hasSize(6).contains("401credentials_invalidfalse", "429sign_in_lockedtrue");
        assertThat(locked(People.address())).isEqualTo(known);
        // As if there had been more: by itself the first wait is over in a second.
        people.server()
                .database()
                .execute("update sign_in_locks set locked_until = now() + interval '1 hour' where failures >= 5");
        try {
            Answer right = people.anyone().post("/v1/auth/login", Map.of("email", email, "password", People.PASSWORD));
            assertThat(right.error("code")).isEqualTo("sign_in_locked");
            assertThat(Integer.parseInt(String.join("", right.headers().getOrDefault("retry-after", List.of()))))
                    .isBetween(3_500, 3_600);
        } finally {
            people.server().database().execute("delete from sign_in_locks");
        }
        people.login(email, People.PASSWORD);
    }

    /** The answers to six wrong passwords. */
    private static List<String> locked(String email) {
        return Stream.generate(
                        () -> people.anyone().post("/v1/auth/login", Map.of("email", email, "password", People.OTHER)))
                .limit(6)
                .map(answer -> answer.status()
                        + answer.error("code")
                        + answer.headers().containsKey("retry-after"))
                .toList();
    }
}
