package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.cli.ApiDescription.Operation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every path answers to the methods that it is described with, and to no other. */
class VerbsTest {

    private static final List<String> VERBS = List.of(
            "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "TRACK", "FOO", "get");

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static Map<String, Set<String>> methods;

    @BeforeAll
    static void start() {
        server = TestServer.start(folder);
        server.awaitIndexedDocumentation();
        methods = ApiDescription.of(server.admin())
                .operations()
                .collect(Collectors.groupingBy(
                        Operation::path, Collectors.mapping(Operation::method, Collectors.toSet())));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static Stream<String> paths() {
        return methods.keySet().stream().sorted();
    }

    private static RawAnswer send(String verb, String path) throws IOException {
        return RawAnswer.only(
                server.process().url(),
                "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Probe: echoed\r\nAuthorization: Bearer %s\r\n\r\n"
                        .formatted(verb, path, TestServer.adminFile(folder).apiKey()));
    }

    @ParameterizedTest
    @MethodSource("paths")
    void aMethodThatAPathDoesNotHaveIsRefused(String path) throws IOException {
        Map<String, Long> before = server.rows();
        Set<String> others = new HashSet<>(VERBS);
        String concrete = path.replaceAll("\\{\\w+}", "x");
        methods.forEach((template, known) -> {
            // A path without variables may be one with variables, too.
            if (concrete.matches(template.replace(".", "\\.").replaceAll("\\{\\w+}", "[^/]+"))) {
                others.removeAll(known);
            }
        });

        for (String verb : others) {
            RawAnswer answer = send(verb, concrete);

            assertThat(answer.status()).as(verb).isEqualTo(405);
            assertThat(answer.error("type")).isEqualTo("method_not_allowed_error");
            assertThat(answer.error("code")).isEqualTo("method_not_allowed");
            assertThat(answer.error("param")).isEmpty();
            assertThat(answer.error("message")).isEqualTo("%s is not possible at '%s'.".formatted(verb, concrete));
            assertThat(answer.head() + answer.body()).doesNotContain("echoed");
        }
        assertThat(server.rows()).isEqualTo(before);
    }

    @Test
    void headIsAMethodThatNoPathHasAndItsAnswerHasNoBody() throws IOException {
        RawAnswer answer = send("HEAD", "/v1/runs");

        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"G@T", "GET\t/v1/runs", "\u0001", "GE T"})
    void whatIsNoMethodIsNoRequest(String verb) throws IOException {
        RawAnswer answer = send(verb, "/v1/runs");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("type")).isEqualTo("invalid_request_error");
        assertThat(answer.error("code")).isEqualTo("request_malformed");
        assertThat(answer.header("connection")).isEqualTo("close");
    }

    /** There are no files to be listed or read, however a path is written. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/../../etc/passwd",
                "/docs/../../../etc/passwd",
                "/v1/%2e%2e/%2e%2e/etc/passwd",
                "/..%2f..%2fetc%2fpasswd",
                "/..%5c..%5cetc%5cpasswd",
                "/%c0%ae%c0%ae/etc/passwd",
                "/static/",
                "/uploads/",
                "/admin.json",
                "/.git/config",
                "/.env",
                "/V1/runs",
                "/v1/runs/..;/x"
            })
    void noPathLeadsToAFile(String path) throws IOException {
        RawAnswer answer = send("GET", path);

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.error("type")).isEqualTo("not_found_error");
        assertThat(answer.error("code")).isEqualTo("path_not_found");
        assertThat(answer.error("message")).isEqualTo("There is nothing at '%s'.".formatted(path));
        assertThat(answer.header("content-type")).isEqualTo("application/json");
    }
}
