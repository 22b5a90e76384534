package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.cli.ApiCaller.Answer;
import io.temponest.cli.ApiDescription.Operation;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Code in every query parameter and every part of every path: it matches nothing, or is refused by the name of its parameter. */
class HostileQueryTest {

    /** What a parameter refuses with; those that are not here take any text, which nothing is called by. */
    private static final Map<String, String> CODES = Map.ofEntries(
            Map.entry("limit", "out_of_range"),
            Map.entry("wait", "out_of_range"),
            Map.entry("after", "invalid_cursor"),
            Map.entry("before", "invalid_cursor"),
            Map.entry("order", "invalid_value"),
            Map.entry("status", "invalid_value"),
            Map.entry("type", "invalid_value"),
            Map.entry("outcome", "invalid_value"),
            Map.entry("format", "invalid_value"),
            Map.entry("acknowledged", "invalid_value"),
            Map.entry("budget", "invalid_value"),
            Map.entry("run", "invalid_value"),
            Map.entry("risk", "invalid_value"),
            Map.entry("actor", "invalid_value"),
            Map.entry("from", "invalid_value"),
            Map.entry("to", "invalid_value"));

    private static final String EMPTY_LIST =
            "{\"object\":\"list\",\"data\":[],\"first_id\":null,\"last_id\":null,\"has_more\":false}";
    private static final String NONE = "{\"object\":\"count\",\"count\":0}";

    @TempDir
    private static Path folder;

    private static Trap trap;
    private static TestServer server;
    private static ApiDescription description;
    private static String collection;
    private static String run;
    private static String webhook;

    @BeforeAll
    static void start() {
        trap = Trap.set();
        server = TestServer.start(folder);
        server.awaitIndexedDocumentation();
        description = ApiDescription.of(server.admin());
        server.admin().post("/v1/projects", "{\"slug\":\"there\",\"name\":\"There\"}");
        collection = TestServer.collection(server.admin(), "lighthouse");
        run = server.answeredRun(collection);
        webhook = server.admin()
                .post("/v1/webhooks", "{\"name\":\"w\",\"url\":\"https://hooks.invalid/\",\"events\":[\"run.dead\"]}")
                .json()
                .path("id")
                .asText();
    }

    @AfterAll
    static void stop() {
        server.close();
        trap.close();
    }

    record Parameter(Operation operation, String name) {

        /** The numbers of events and of the audit log's entries are no ids. */
        Optional<String> code() {
            boolean number = name.equals("after")
                    && (operation.path().endsWith("/events") || operation.path().endsWith("/verify"));
            return number ? Optional.of("out_of_range") : Optional.ofNullable(CODES.get(name));
        }

        @Override
        public String toString() {
            return operation + " " + name;
        }
    }

    static Stream<Parameter> parameters() {
        return description
                .operations()
                .filter(operation ->
                        !operation.leadsElsewhere() && operation.method().equals("GET"))
                .flatMap(operation ->
                        description.queryParameters(operation).stream().map(name -> new Parameter(operation, name)));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static Answer ask(Parameter parameter, String text) {
        String path = parameter
                .operation()
                .path()
                .replace("{run}", run)
                .replace("{project}", "there")
                .replace("{collection}", collection)
                .replace("{webhook}", webhook);
        return server.admin().get(path + "?" + parameter.name() + "=" + encoded(text));
    }

    @ParameterizedTest
    @MethodSource("parameters")
    void codeMatchesNothingOrIsRefusedByName(Parameter parameter) {
        Map<String, Long> before = server.rows();

        for (String text : HostileTexts.all(trap)) {
            Answer answer = ask(parameter, text);

            if (parameter.code().isPresent()) {
                refused(answer, parameter.name(), parameter.code().get());
            } else {
                assertThat(answer.status()).as(answer.text()).isEqualTo(200);
                assertThat(answer.text())
                        .isEqualTo(parameter.operation().path().endsWith("/count") ? NONE : EMPTY_LIST);
            }
        }
        refused(ask(parameter, "a\0b"), parameter.name(), "text_not_storable");
        assertThat(server.rows()).isEqualTo(before);
        assertThat(Path.of(HostileTexts.LEFT_BEHIND)).doesNotExist();
        assertThat(trap.caught()).isZero();
    }

    private static void refused(Answer answer, String param, String code) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.error("type")).isEqualTo("invalid_request_error");
        assertThat(answer.error("code")).as(answer.text()).isEqualTo(code);
        assertThat(answer.error("param")).isEqualTo(param);
    }

    @Test
    void aParameterThatIsCalledLikeCodeIsRefusedByThatName() {
        for (String text : HostileTexts.all(trap)) {
            refused(server.admin().get("/v1/runs?" + encoded(text) + "=1"), text, "unknown_parameter");
        }
    }

    static Stream<Operation> operationsOnSomething() {
        return description.operations().filter(operation -> operation.path().contains("{"));
    }

    @ParameterizedTest
    @MethodSource("operationsOnSomething")
    void nothingIsCalledLikeCode(Operation operation) {
        Map<String, Long> before = server.rows();
        String variable = operation.path().replaceAll(".*\\{(\\w+)}[^{]*", "$1");
        Stream<String> texts = Stream.concat(HostileTexts.all(trap).stream(), Stream.of("\0", "a\0b"));

        texts.forEach(text -> {
            Answer answer =
                    send(operation, operation.path().replaceAll("\\{\\w+}", Matcher.quoteReplacement(encoded(text))));

            assertThat(answer.status()).as(answer.text()).isEqualTo(404);
            assertThat(answer.error("type")).isEqualTo("not_found_error");
            assertThat(answer.error("code")).isEqualTo(variable + "_not_found");
            assertThat(answer.error("param")).isEmpty();
            assertThat(answer.header("content-type")).isEqualTo("application/json");
        });
        assertThat(server.rows()).isEqualTo(before);
    }

    private static Answer send(Operation operation, String path) {
        if (operation.takesFiles()) {
            return server.admin().upload(path, "a.txt", new byte[] {'a'});
        }
        Object body =
                operation.schema().isMissingNode() ? Map.of() : description.example(operation.schema(), () -> "x");
        return server.admin()
                .send(
                        operation.method(),
                        path,
                        BodyPublishers.ofString(io.temponest.json.Json.text(body)),
                        Map.of("Content-Type", "application/json"));
    }
}
