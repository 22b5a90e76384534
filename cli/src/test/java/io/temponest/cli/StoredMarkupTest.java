package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.cli.ApiCaller.Answer;
import io.temponest.cli.ApiDescription.Operation;
import io.temponest.cli.TextFields.Fate;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Markup in everything that is kept: a browser that opens whatever has it in it gets data, and no page of ours shows it. */
class StoredMarkupTest {

    private static final String MARKUP = HostileTexts.MARKUP;
    private static final Map<String, String> BROWSER = Map.of("Accept", "text/html,application/xhtml+xml");

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static TextFields fields;
    private static final Map<String, String> THINGS = new HashMap<>();

    @BeforeAll
    static void start() {
        server = TestServer.start(folder);
        fields = TextFields.at(server);
        THINGS.putAll(fields.things());
        THINGS.put("model", "none");
        fields.all().filter(field -> field.fate() instanceof Fate.Kept).forEach(field -> {
            Answer kept = fields.send(field, field.text(MARKUP));
            safe(kept, "application/json");
            String last = kept.header("location").replaceAll(".*/", "");
            switch (field.operation().path()) {
                case "/v1/agents/{agent}/runs" -> THINGS.put("run", last);
                case "/v1/projects" -> THINGS.put("project", last);
                default -> {
                    // It is in a list, or named already.
                }
            }
        });
        // They hold no text that anybody sent.
        THINGS.putAll(Map.of("alert", "none", "price", "none"));
        String test = "/v1/webhooks/" + THINGS.get("webhook") + "/test";
        THINGS.put("delivery", server.admin().post(test, "").json().path("id").asText());
        String documents = "/v1/collections/" + THINGS.get("collection") + "/documents";
        Answer uploaded = server.admin().upload(documents, MARKUP + ".txt", MARKUP.getBytes(StandardCharsets.UTF_8));
        // The name of a file begins behind its last slash.
        assertThat(uploaded.json().at("/data/0/filename").asText()).isEqualTo("script>.txt");
        THINGS.put("document", uploaded.json().at("/data/0/id").asText());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static void safe(Answer answer, String type) {
        assertThat(answer.headers())
                .containsEntry("content-type", List.of(type))
                .containsEntry("x-content-type-options", List.of("nosniff"))
                .containsEntry("content-security-policy", List.of("default-src 'none'; frame-ancestors 'none'"));
    }

    private static Answer browse(String path) {
        return server.admin().send("GET", path, BodyPublishers.noBody(), BROWSER);
    }

    static Stream<Operation> readsOfWhatIsKept() {
        return fields.description()
                .operations()
                .filter(operation -> operation.method().equals("GET"))
                .filter(operation -> operation.path().startsWith("/v1/"))
                .filter(operation -> !operation.path().endsWith("/events"))
                .filter(operation -> !operation.path().endsWith("/export"))
                .filter(operation -> !operation.leadsElsewhere());
    }

    @ParameterizedTest
    @MethodSource("readsOfWhatIsKept")
    void aBrowserGetsData(Operation operation) {
        safe(browse(operation.path().replace("{", "").replace("}", "")), "application/json");
        String path = operation.path();
        for (Map.Entry<String, String> thing : THINGS.entrySet()) {
            path = path.replace("{" + thing.getKey() + "}", thing.getValue());
        }

        safe(browse(path), "application/json");
    }

    /** So that the test above has looked at markup. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/agents",
                "/v1/projects",
                "/v1/collections",
                "/v1/roles",
                "/v1/users",
                "/v1/tenant",
                "/v1/api-keys",
                "/v1/audit?limit=100",
                "/v1/agents/{agent}",
                "/v1/projects/{project}",
                "/v1/runs/{run}"
            })
    void theMarkupIsInIt(String path) {
        String filled = path.replace("{agent}", THINGS.get("agent"))
                .replace("{project}", THINGS.get("project"))
                .replace("{run}", THINGS.get("run"));

        assertThat(browse(filled).text()).contains(MARKUP);
    }

    @Test
    void aRunsEventsAreEventsToABrowser() {
        server.provider().willSay(MARKUP);
        Answer started = server.admin()
                .post("/v1/agents/developer/runs", Map.of("input", MARKUP, "model", "fake/parrot", "wait", 25));
        assertThat(started.json().path("output").asText()).isEqualTo(MARKUP);

        Answer events = browse("/v1/runs/" + started.json().path("id").asText() + "/events");

        assertThat(events.text()).contains(MARKUP);
        safe(events, "text/event-stream");
    }

    @Test
    void anExportIsAFileToABrowser() {
        Answer export = browse("/v1/costs/export");

        safe(export, "text/csv; charset=utf-8; header=present");
        assertThat(export.header("content-disposition")).startsWith("attachment;");
    }

    private static RawAnswer page(String path, String headers) throws IOException {
        return RawAnswer.only(
                server.process().url(),
                "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept: text/html\r\n%s\r\n"
                        .formatted(path, headers));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/docs"})
    void thePagesShowNothingThatAnybodySent(String path) throws IOException {
        RawAnswer page = page(path, "");
        RawAnswer asked = page(path + "?q=%3Cscript%3Ealert(1)%3C/script%3E", "");
        RawAnswer referred = page(
                path, "Referer: http://x/%s\r\nUser-Agent: %s\r\nCookie: a=%s\r\n".formatted(MARKUP, MARKUP, MARKUP));

        assertThat(page.status()).isEqualTo(200);
        assertThat(page.header("content-type")).isEqualTo("text/html; charset=utf-8");
        assertThat(page.body()).doesNotContain("<script", "alert(1)");
        assertThat(page.header("content-security-policy"))
                .startsWith("default-src 'none'")
                .doesNotContain("script-src");
        assertThat(referred.body()).isEqualTo(page.body());
        assertThat(asked.status()).isEqualTo(400);
        assertThat(asked.header("content-type")).isEqualTo("application/json");
        assertThat(asked.error("code")).isEqualTo("unknown_parameter");
        assertThat(asked.error("param")).isEqualTo("q");
        assertThat(asked.body()).doesNotContain("alert(1)");
    }

    @Test
    void whatIsNotThereSaysSoAsData() {
        Answer missing = browse("/v1/%3Cscript%3Ealert(1)%3C/script%3E");

        assertThat(missing.status()).isEqualTo(404);
        assertThat(missing.error("code")).isEqualTo("path_not_found");
        safe(missing, "application/json");
    }
}
