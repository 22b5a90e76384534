package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.cli.ApiCaller.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Line ends in what comes back in a header, or goes out in a mail, do not make a header. */
class HeaderInjectionTest {

    private static final String LINES = "x\r\nSet-Cookie: injected=1\r\nBcc: victim@example.com\r\n\r\n<p>";

    @TempDir
    private static Path folder;

    private static People people;
    private static ApiCaller admin;

    @BeforeAll
    static void start() {
        people = People.start(folder);
        String email = People.address();
        people.register(email);
        admin = people.signedIn(email);
    }

    @AfterAll
    static void stop() {
        admin.close();
        people.close();
    }

    private static void untouched(Answer answer) {
        assertThat(answer.headers()).doesNotContainKeys("set-cookie", "bcc", "content-disposition");
        assertThat(answer.header("content-type")).isEqualTo("application/json");
    }

    /** Where a name may have line ends, the place of what has it is made of other things. */
    @Test
    void aLocationIsMadeOfIdsAndSlugsAlone() {
        for (Map.Entry<String, Map<String, Object>> made : List.of(
                Map.entry("/v1/collections", Map.<String, Object>of("name", LINES)),
                Map.entry(
                        "/v1/roles", Map.<String, Object>of("name", LINES.substring(0, 40), "permissions", List.of())),
                Map.entry("/v1/api-keys", Map.<String, Object>of("name", LINES, "scopes", List.of("runs:read"))))) {
            Answer answer = admin.post(made.getKey(), made.getValue());

            assertThat(answer.status()).as(answer.text()).isEqualTo(201);
            assertThat(answer.headers())
                    .containsEntry(
                            "location",
                            List.of(made.getKey() + "/"
                                    + answer.json().path("id").asText()));
            untouched(answer);
        }
    }

    @ParameterizedTest
    @CsvSource({"/v1/agents, instructions", "/v1/projects, description"})
    void aSlugHasNoLineEnds(String path, String field) {
        Answer refused = admin.post(path, Map.of("slug", LINES, "name", "N", field, "x"));

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error("type")).isEqualTo("invalid_request_error");
        assertThat(refused.error("code")).isEqualTo("invalid_value");
        assertThat(refused.error("param")).isEqualTo("slug");
        assertThat(refused.headers()).doesNotContainKey("location");
        untouched(refused);

        Answer made = admin.post(path, Map.of("slug", "plain", "name", LINES, field, LINES));
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        assertThat(made.headers()).containsEntry("location", List.of(path + "/plain"));
        untouched(made);
    }

    /** Percent signs are what they are: nothing that comes back in a header was decoded. */
    @ParameterizedTest
    @ValueSource(strings = {"%0d%0aSet-Cookie:%20injected=1", "%E5%98%8D%E5%98%8ASet-Cookie:%20injected=1"})
    void whatIsEncodedStaysSo(String text) {
        Map<String, String> headers = Map.of(
                "Content-Type", "application/json", "Idempotency-Key", text, "X-Request-Id", text, "Origin", text);
        String body = "{\"name\":\"encoded " + text + "\"}";

        Answer first = admin.send("POST", "/v1/collections", BodyPublishers.ofString(body), headers);
        Answer again = admin.send("POST", "/v1/collections", BodyPublishers.ofString(body), headers);
        Answer nothing = admin.get("/v1/collections/" + text);

        assertThat(first.status()).as(first.text()).isEqualTo(201);
        assertThat(again.status()).isEqualTo(201);
        assertThat(again.headers()).containsEntry("idempotency-replayed", List.of("true"));
        assertThat(nothing.status()).isEqualTo(404);
        assertThat(nothing.error("code")).isEqualTo("collection_not_found");
        for (Answer answer : List.of(first, again, nothing)) {
            untouched(answer);
            assertThat(answer.headers().toString().toLowerCase(Locale.ROOT)).doesNotContain("injected", "%0d");
            assertThat(answer.header("x-request-id")).matches("req_[0-9a-z]{26}");
        }
    }

    @Test
    void anIdThatIsFitToBeRepeatedIsAndALongerOneIsNot() {
        String longest = "a".repeat(127);
        for (String id : List.of("A-z_0.9:", longest)) {
            assertThat(request(id).headers()).containsEntry("x-request-id", List.of(id));
        }
        assertThat(request(longest + "bc").header("x-request-id")).matches("req_[0-9a-z]{26}");
    }

    private static Answer request(String id) {
        return admin.send("GET", "/v1/projects", BodyPublishers.noBody(), Map.of("X-Request-Id", id));
    }

    /** A tenant's name is in the mail to whom it invites. */
    @Test
    void aNameThatGoesIntoMailsHasOneLine() {
        Answer refused = People.patch(admin, "/v1/tenant", io.temponest.json.Json.text(Map.of("name", LINES)));

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error("code")).isEqualTo("invalid_value");
        assertThat(refused.error("param")).isEqualTo("name");
    }
}
