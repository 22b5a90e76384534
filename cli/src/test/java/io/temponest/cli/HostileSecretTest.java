package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.cli.ApiCaller.Answer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Code in passwords, and in what comes with a secret that was mailed. */
class HostileSecretTest {

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

    private static Answer login(String email, String password) {
        return people.anyone().post("/v1/auth/login", Map.of("email", email, "password", password));
    }

    /** Chosen in each of the ways there are; it is that password, and nothing that a program could take it for. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "' OR '1'='1' --",
                "'; DROP TABLE users CASCADE; --",
                "\\'; \\\\ lighthouse \\",
                "%s%n%x {0} ${lamp}",
                "$(touch left-behind)",
                "\u02bc \u2019 \uff07 lighthouse \ud83d\ude00",
                " spaces around it "
            })
    void aPasswordIsTakenAsItIsInEveryWayOfChoosingOne(String password) {
        String email = People.address();
        assertThat(people.anyone()
                        .post(
                                "/v1/auth/register",
                                Map.of("email", email, "password", password, "full_name", "M", "tenant_name", "T"))
                        .status())
                .isEqualTo(201);
        isThePassword(email, password);

        String token = login(email, password).json().path("access_token").asText();
        String second = password + "2";
        assertThat(people.anyone()
                        .as(token)
                        .post("/v1/auth/password", Map.of("old_password", password, "new_password", second))
                        .status())
                .isEqualTo(204);
        isThePassword(email, second);

        people.anyone().post("/v1/auth/password-reset", Map.of("email", email));
        String third = password + "3";
        assertThat(people.anyone()
                        .post(
                                "/v1/auth/password-reset/confirm",
                                Map.of("token", people.mailed(email), "password", third))
                        .status())
                .isEqualTo(204);
        isThePassword(email, third);
    }

    private static void isThePassword(String email, String password) {
        people.server().database().execute("delete from sign_in_locks");
        assertThat(login(email, password).status()).isEqualTo(200);
        for (String other : List.of(password + " ", password.substring(1), password.replace('\'', '"') + "'")) {
            people.server().database().execute("delete from sign_in_locks");
            assertThat(login(email, other).error("code")).as(other).isEqualTo("credentials_invalid");
        }
    }

    @Test
    void whoeverJoinsHasTheNameThatTheyGave() {
        String email = People.address();
        people.register(email);
        try (ApiCaller admin = people.signedIn(email);
                Trap trap = Trap.set()) {
            for (String text : HostileTexts.all(trap)) {
                String guest = People.address();
                admin.post("/v1/invitations", Map.of("email", guest, "roles", List.of("viewer")));
                Answer joined = people.anyone()
                        .post(
                                "/v1/invitations/accept",
                                Map.of("token", people.mailed(guest), "password", People.PASSWORD, "full_name", text));
                if (text.codePoints().anyMatch(Character::isISOControl)) {
                    assertThat(joined.status()).as(joined.text()).isEqualTo(400);
                    assertThat(joined.error("code")).isEqualTo("invalid_value");
                    assertThat(joined.error("param")).isEqualTo("full_name");
                    continue;
                }
                assertThat(joined.status()).as(joined.text()).isEqualTo(201);
                assertThat(admin.get("/v1/users/" + joined.json().path("id").asText())
                                .json()
                                .path("full_name")
                                .asText())
                        .isEqualTo(text);
            }
            assertThat(trap.caught()).isZero();
        }
    }
}
