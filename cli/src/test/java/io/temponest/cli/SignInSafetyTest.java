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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ways around passwords and locks that there are not. */
class SignInSafetyTest {

    @TempDir
    private static Path folder;

    private static People people;

    @BeforeAll
    static void start() {
        people = People.start(folder, Map.of("TEMPONEST_TRUSTED_PROXIES", "127.0.0.0/8"));
    }

    @AfterAll
    static void stop() {
        people.close();
    }

    private static Answer login(String email, String password, String from) {
        return people.anyone()
                .send(
                        "POST",
                        "/v1/auth/login",
                        BodyPublishers.ofString(
                                io.temponest.json.Json.text(Map.of("email", email, "password", password))),
                        Map.of("Content-Type", "application/json", "X-Forwarded-For", from));
    }

    private static List<String> guesses(String email, String password, String network) {
        return Stream.iterate(1, i -> i + 1)
                .limit(7)
                .map(i -> login(email, password, network + i))
                .map(answer -> answer.status() + answer.error("code"))
                .toList();
    }

    private static final List<String> LOCKED_AFTER_FIVE = List.of(
            "401credentials_invalid",
            "401credentials_invalid",
            "401credentials_invalid",
            "401credentials_invalid",
            "401credentials_invalid",
            "429sign_in_locked",
            "429sign_in_locked");

    /** The first lock is of one second; it is made longer, so that a slow machine does not see it end. */
    private static void longerLocks() {
        people.server()
                .database()
                .execute(
                        "create or replace function test_longer() returns trigger language plpgsql as $$ begin if new.locked_until is not null then new.locked_until := now() + interval '1 hour'; end if; return new; end $$;"
                                + "create or replace trigger longer before update on sign_in_locks for each row execute function test_longer()");
    }

    @Test
    void noSpellingOfAnAddressHasALockOfItsOwn() {
        longerLocks();
        String email = "i" + People.address();
        people.register(email);
        String capital = email.toUpperCase(Locale.ROOT);
        List<String> spellings = List.of(email, capital, " " + email, email + " ", "I" + email.substring(1));
        for (String spelling : spellings) {
            assertThat(login(spelling, People.OTHER, "192.0.2.1").status())
                    .as(spelling)
                    .isEqualTo(401);
        }
        for (String spelling : spellings) {
            assertThat(login(spelling, People.PASSWORD, "192.0.2.2").error("code"))
                    .as(spelling)
                    .isEqualTo("sign_in_locked");
        }
    }

    /** In some locales the lower case of the one is that of the other. */
    @Test
    void lettersBeyondAsciiAreNobodysAndAreNotTaken() {
        String email = "kiki" + People.address();
        people.register(email);
        for (String other :
                List.of(email.replace('i', '\u0130'), email.replace('k', '\u212a'), email.replace('i', '\u0131'))) {
            assertThat(login(other, People.PASSWORD, "192.0.2.9").error("code")).isEqualTo("credentials_invalid");
            Answer registered = people.anyone()
                    .post(
                            "/v1/auth/register",
                            Map.of("email", other, "password", People.PASSWORD, "full_name", "X", "tenant_name", "Y"));
            assertThat(registered.error("param")).isEqualTo("email");
            assertThat(people.anyone()
                            .post("/v1/auth/password-reset", Map.of("email", other))
                            .error("param"))
                    .isEqualTo("email");
        }
    }

    @Test
    void allAddressesOfANetworkHaveOneLock() {
        for (int i = 0; i < 20; i++) {
            login(People.address(), People.OTHER, "2001:db8:1:2::" + i);
        }
        people.server()
                .database()
                .execute("update sign_in_locks set locked_until = now() + interval '1 hour' where failures >= 20");

        assertThat(login(People.address(), People.OTHER, "2001:db8:1:2:ffff::1").error("code"))
                .isEqualTo("sign_in_locked");
        assertThat(login(People.address(), People.OTHER, "2001:db8:1:3::1").error("code"))
                .isEqualTo("credentials_invalid");
    }

    @Test
    void whoeverWasShutOutOrDeletedIsAnsweredAsNobodyIs() {
        longerLocks();
        String email = People.address();
        people.register(email);
        String shutOut = People.address();
        String deleted = People.address();
        try (ApiCaller admin = people.signedIn(email)) {
            String one = people.member(admin, shutOut, "viewer");
            String other = people.member(admin, deleted, "viewer");
            People.patch(admin, "/v1/users/" + one, "{\"active\":false}");
            assertThat(admin.delete("/v1/users/" + other).status()).isEqualTo(204);
            String formerly = uuid(other) + "@deleted.invalid";

            assertThat(guesses(People.address(), People.PASSWORD, "192.0.3.")).isEqualTo(LOCKED_AFTER_FIVE);
            assertThat(guesses(shutOut, People.PASSWORD, "192.0.4.")).isEqualTo(LOCKED_AFTER_FIVE);
            assertThat(guesses(deleted, People.PASSWORD, "192.0.5.")).isEqualTo(LOCKED_AFTER_FIVE);
            assertThat(guesses(formerly, People.PASSWORD, "192.0.6.")).isEqualTo(LOCKED_AFTER_FIVE);
        }
    }

    private static String uuid(String id) {
        return io.temponest.identity.TypeId.parse(id).uuid().toString();
    }

    /** The address that is written in place of a deleted person's is not theirs, and takes it from nobody. */
    @Test
    void theAddressOfSomebodyDeletedIsFreeAndSoIsTheOneInItsPlace() {
        String email = People.address();
        people.register(email);
        String guest = People.address();
        try (ApiCaller admin = people.signedIn(email)) {
            String id = people.member(admin, guest, "viewer");
            String inItsPlace = uuid(id) + "@deleted.invalid";
            people.register(inItsPlace);
            assertThat(admin.delete("/v1/users/" + id).status()).isEqualTo(204);
            people.register(guest);
            try (ApiCaller squatter = people.signedIn(inItsPlace)) {
                JsonNode own = squatter.get("/v1/auth/me").json();
                assertThat(squatter.get("/v1/users/" + own.path("id").asText()).status())
                        .isEqualTo(200);
            }
        }
    }

    @Test
    void aDeletedPersonIsInNoRowButTheAuditLogs() throws SQLException {
        String email = People.address();
        people.register(email);
        String guest = People.address();
        try (ApiCaller admin = people.signedIn(email)) {
            String id = people.member(admin, guest, "viewer");
            people.signedIn(guest).close();
            admin.delete("/v1/users/" + id);

            assertThat(count("select count(*) from invitations where email = '" + guest + "'"))
                    .isZero();
            assertThat(count("select count(*) from user_sessions where user_id = '" + uuid(id)
                            + "' and (address is not null or user_agent is not null)"))
                    .isZero();
            assertThat(admin.get("/v1/audit?action=invitation.create").text()).contains(guest);
        }
    }

    private static long count(String query) throws SQLException {
        try (Connection onlooker =
                        TestDatabase.connection(people.server().database().superuserUrl());
                Statement statement = onlooker.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    @Test
    void aLockIsNotedOnceHoweverManyItRefuses() {
        longerLocks();
        String email = People.address();
        people.register(email);
        try (ApiCaller admin = people.signedIn(email)) {
            assertThat(guesses(email, People.OTHER, "198.51.100.")).isEqualTo(LOCKED_AFTER_FIVE);

            await().atMost(Duration.ofSeconds(20)).until(() -> reasons(admin).size() == 6);
            assertThat(reasons(admin))
                    .containsExactlyInAnyOrder(
                            "locked",
                            "password_wrong",
                            "password_wrong",
                            "password_wrong",
                            "password_wrong",
                            "password_wrong");
        }
    }

    private static List<String> reasons(ApiCaller admin) {
        return admin.get("/v1/audit?action=login&limit=100")
                .json()
                .path("data")
                .valueStream()
                .filter(entry -> entry.path("outcome").asText().equals("failure"))
                .map(entry -> entry.at("/details/reason").asText())
                .toList();
    }

    @Test
    void aMailedResetEndsKeysAndLocks() {
        longerLocks();
        String email = People.address();
        people.register(email);
        String key;
        try (ApiCaller person = people.signedIn(email)) {
            key = person.post("/v1/api-keys", Map.of("name", "k", "scopes", List.of("runs:read")))
                    .json()
                    .path("key")
                    .asText();
        }
        assertThat(guesses(email, People.OTHER, "203.0.113.")).isEqualTo(LOCKED_AFTER_FIVE);
        people.anyone().post("/v1/auth/password-reset", Map.of("email", email.toUpperCase(Locale.ROOT)));
        // The message is to the address that the account has.
        Map<String, String> chosen = Map.of("token", people.mailed(email), "password", People.OTHER);

        assertThat(people.anyone()
                        .post("/v1/auth/password-reset/confirm", chosen)
                        .status())
                .isEqualTo(204);

        assertThat(people.anyone().as(key).get("/v1/runs").status()).isEqualTo(401);
        assertThat(login(email, People.OTHER, "203.0.113.99").status()).isEqualTo(200);
    }

    /** The reset is an onlooker's transaction, which is committed when the change has checked the old password and waits. */
    @Test
    void aChangeOfPasswordDoesNotUndoAResetThatCameMeanwhile() throws Exception {
        String email = People.address();
        String id = uuid(people.register(email).at("/user/id").asText());
        Answer changed;
        try (ApiCaller person = people.signedIn(email);
                Connection reset =
                        TestDatabase.connection(people.server().database().superuserUrl());
                Statement statement = reset.createStatement()) {
            reset.setAutoCommit(false);
            statement.execute("update users set password_hash = 'reset' where id = '" + id + "'");
            CompletableFuture<Answer> changing = CompletableFuture.supplyAsync(() -> person.post(
                    "/v1/auth/password", Map.of("old_password", People.PASSWORD, "new_password", People.OTHER)));
            people.server().database().awaitLockWait();
            reset.commit();
            changed = changing.join();
        }

        assertThat(changed.status()).isEqualTo(400);
        assertThat(changed.error("code")).isEqualTo("password_wrong");
        assertThat(count("select count(*) from users where id = '" + id + "' and password_hash = 'reset'"))
                .isEqualTo(1);
    }

    @Test
    void aSessionThatEndedMeanwhileChangesNoPassword() throws Exception {
        String email = People.address();
        String id = uuid(people.register(email).at("/user/id").asText());
        Answer changed;
        try (ApiCaller person = people.signedIn(email);
                Connection ending =
                        TestDatabase.connection(people.server().database().superuserUrl());
                Statement statement = ending.createStatement()) {
            ending.setAutoCommit(false);
            statement.execute("update user_sessions set revoked_at = now() where user_id = '" + id + "'");
            CompletableFuture<Answer> changing = CompletableFuture.supplyAsync(() -> person.post(
                    "/v1/auth/password", Map.of("old_password", People.PASSWORD, "new_password", People.OTHER)));
            people.server().database().awaitLockWait();
            ending.commit();
            changed = changing.join();
        }

        assertThat(changed.status()).isEqualTo(401);
        assertThat(changed.error("code")).isEqualTo("session_ended");
        people.login(email, People.PASSWORD);
    }
}
