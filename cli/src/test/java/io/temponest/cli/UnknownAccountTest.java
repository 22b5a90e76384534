package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.cli.ApiCaller.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nobody learns from an answer, or from the work that goes into it, whether there is an account. */
class UnknownAccountTest {

    private static final Pattern HASHED = Pattern.compile(
            "(?m)^vertx_pool_queue_time_seconds_count\\{pool_name=\"password-hashing\",pool_type=\"worker\"} (\\d+)");

    @TempDir
    private static Path folder;

    private static People people;
    private static String known;

    @BeforeAll
    static void start() {
        people = People.start(folder);
        known = People.address();
        people.register(known);
    }

    @AfterAll
    static void stop() {
        people.close();
    }

    /** Of the same length as one that is known. */
    private static String unknown() {
        return People.address();
    }

    private static Answer send(String path, String email, String password) {
        people.server().database().execute("delete from sign_in_locks");
        String body =
                "{\"email\":\"%s\"%s}".formatted(email, password.isEmpty() ? "" : ",\"password\":\"" + password + "\"");
        return people.anyone()
                .send(
                        "POST",
                        path,
                        BodyPublishers.ofString(body),
                        Map.of("Content-Type", "application/json", "X-Request-Id", "the-same"));
    }

    /** Checks and hashes of passwords that the workers have begun. */
    private static long hashed() {
        Matcher count = HASHED.matcher(people.server().process().ops("/metrics"));
        assertThat(count.find()).isTrue();
        return Long.parseLong(count.group(1));
    }

    /** Without what is of the moment. */
    private static Map<String, Object> headers(Answer answer) {
        Map<String, Object> headers = new TreeMap<>(answer.headers());
        headers.keySet().removeIf(name -> name.startsWith("x-ratelimit-") || name.startsWith("ratelimit-"));
        headers.remove("openai-processing-ms");
        return headers;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/auth/login", "/v1/auth/session"})
    void anUnknownAddressAndAWrongPasswordAreTheSameInAnswerAndWork(String path) {
        long before = hashed();
        Answer wrong = send(path, known, People.OTHER);
        long between = hashed();
        Answer unknown = send(path, unknown(), People.OTHER);
        long after = hashed();

        assertThat(wrong.status()).isEqualTo(401);
        assertThat(wrong.text())
                .isEqualTo("{\"error\":{\"message\":\"The e-mail address or password is wrong.\","
                        + "\"type\":\"authentication_error\",\"param\":null,\"code\":\"credentials_invalid\","
                        + "\"request_id\":\"the-same\"}}");
        assertThat(unknown.status()).isEqualTo(wrong.status());
        assertThat(unknown.text()).isEqualTo(wrong.text());
        assertThat(headers(unknown)).isEqualTo(headers(wrong));
        assertThat(between - before).isEqualTo(1);
        assertThat(after - between).isEqualTo(1);
    }

    /** One who was shut out learns no more than one who never was there. */
    @Test
    void anAccountThatIsShutOutIsTheSameAsNone() {
        String guest = People.address();
        try (ApiCaller admin = people.signedIn(known)) {
            String id = people.member(admin, guest, "viewer");
            assertThat(People.patch(admin, "/v1/users/" + id, "{\"active\":false}")
                            .status())
                    .isEqualTo(200);
        }
        long before = hashed();
        Answer shutOut = send("/v1/auth/login", guest, People.PASSWORD);
        long after = hashed();
        Answer unknown = send("/v1/auth/login", unknown(), People.PASSWORD);

        assertThat(shutOut.status()).isEqualTo(401);
        assertThat(shutOut.text()).isEqualTo(unknown.text());
        assertThat(headers(shutOut)).isEqualTo(headers(unknown));
        assertThat(after - before).isEqualTo(1);
    }

    @Test
    void whoeverForgotAPasswordIsAnsweredTheSameWhetherOrNotTheyEverHadOne() {
        long before = hashed();
        Answer one = send("/v1/auth/password-reset", known, "");
        Answer other = send("/v1/auth/password-reset", unknown(), "");

        assertThat(one.status()).isEqualTo(202);
        assertThat(one.text()).isEqualTo("{\"object\":\"password_reset\",\"status\":\"accepted\"}");
        assertThat(other.status()).isEqualTo(202);
        assertThat(other.text()).isEqualTo(one.text());
        assertThat(headers(other)).isEqualTo(headers(one));
        assertThat(hashed()).isEqualTo(before);
    }
}
