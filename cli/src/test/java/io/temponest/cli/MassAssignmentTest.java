package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.cli.ApiCaller.Answer;
import io.temponest.cli.ApiDescription.Operation;
import io.temponest.json.Json;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Nobody writes what is not theirs to write: a field, parameter or header that is none of a request's is refused or not looked at. */
class MassAssignmentTest {

    /** Columns and properties of what requests make and change, and what other programs call them. */
    private static final List<String> NOT_THEIRS = List.of(
            "id",
            "object",
            "tenant",
            "tenant_id",
            "tenantId",
            "user_id",
            "created_by",
            "created_at",
            "updated_at",
            "role",
            "roles",
            "permissions",
            "scopes",
            "is_admin",
            "is_superuser",
            "active",
            "built_in",
            "plan",
            "status",
            "version",
            "password_hash",
            "key_hash",
            "cost_usd",
            "embedding_model",
            "__proto__",
            "constructor",
            "class",
            "@type",
            "@class");

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static TextFields fields;

    @BeforeAll
    static void start() {
        server = TestServer.start(folder);
        server.awaitIndexedDocumentation();
        fields = TextFields.at(server);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static Stream<Operation> operations() {
        return fields.description().operations();
    }

    static Stream<Operation> operationsWithJson() {
        return operations().filter(operation -> !operation.schema().isMissingNode());
    }

    private static void refused(Answer answer, String param, String code) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.error("type")).isEqualTo("invalid_request_error");
        if (answer.json().path("type").asText().equals("error")) {
            // Anthropic's form has neither code nor parameter.
            assertThat(answer.error("message")).startsWith("'" + param + "' is not");
            return;
        }
        assertThat(answer.error("code")).as(answer.text()).isEqualTo(code);
        assertThat(answer.error("param")).isEqualTo(param);
    }

    @ParameterizedTest
    @MethodSource("operationsWithJson")
    void aFieldThatARequestDoesNotHaveIsRefusedByName(Operation operation) {
        Map<String, Long> before = server.rows();

        for (String field : NOT_THEIRS) {
            if (!fields.description().fields(operation).contains(field)) {
                ObjectNode body = fields.body(operation);
                body.put(field, "admin");
                refused(fields.send(operation, body), field, "unknown_field");
            }
        }
        assertThat(server.rows()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PATCH | /v1/tenant | {'settings':{'plan':'enterprise'}} | settings.plan | unknown_field",
                "POST | /v1/api-keys | {'name':'k','scopes':['runs:read'],'limits':{'plan':1}} | limits.plan | unknown_field",
                "POST | /v1/agents | {'slug':'m','name':'m','instructions':'m','retrieval':{'tenant_id':1}} | retrieval.tenant_id | unknown_field",
                "POST | /v1/agents | {'slug':'m','name':'m','instructions':'m','citations':{'id':1}} | citations.id | unknown_field",
                "POST | /v1/agents/developer/runs | {'input':[{'role':'user','content':'x','id':1}]} | input[0].id | invalid_value",
                "POST | /v1/tokens/count | {'model':'m','messages':[{'role':'user','content':'x','id':1}]} | messages[0].id | unknown_field"
            })
    void norInsideOfWhatItHas(String method, String path, String body, String param, String code) {
        Map<String, Long> before = server.rows();

        Answer answer = server.admin()
                .send(
                        method,
                        path,
                        BodyPublishers.ofString(body.replace('\'', '"')),
                        Map.of("Content-Type", "application/json"));

        refused(answer, param, code);
        assertThat(server.rows()).isEqualTo(before);
    }

    static Stream<Operation> operationsOfOurs() {
        return operations().filter(operation -> !operation.leadsElsewhere());
    }

    @ParameterizedTest
    @MethodSource("operationsOfOurs")
    void aParameterThatARequestDoesNotHaveIsRefusedByName(Operation operation) {
        Map<String, Long> before = server.rows();
        String body = operation.schema().isMissingNode() ? "" : Json.text(fields.body(operation));
        String type = operation.takesFiles() ? "multipart/form-data; boundary=b" : "application/json";

        for (String name : List.of("tenant_id", "user_id", "is_admin", "fields", "callback", "_method", "debug")) {
            Answer answer = server.admin()
                    .send(
                            operation.method(),
                            fields.path(operation) + "?" + name + "=x",
                            BodyPublishers.ofString(body),
                            Map.of("Content-Type", type));
            refused(answer, name, "unknown_parameter");
        }
        assertThat(server.rows()).isEqualTo(before);
    }

    @Test
    void aFieldOfAFormThatIsNoFileIsRefusedByName() {
        String path = "/v1/collections/" + fields.things().get("collection") + "/documents";
        Map<String, Long> before = server.rows();
        for (String name : List.of("id", "tenant_id", "collection_id", "filename")) {
            String form = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nx\r\n"
                    + "--b\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\nx\r\n--b--\r\n".formatted(name);
            refused(
                    server.admin()
                            .send(
                                    "POST",
                                    path,
                                    BodyPublishers.ofString(form),
                                    Map.of("Content-Type", "multipart/form-data; boundary=b")),
                    name,
                    "unknown_field");
        }
        assertThat(server.rows()).isEqualTo(before);
    }

    /** What a careless proxy or framework would believe. */
    @Test
    void headersDoNotSayWhoOneIsNorWhereOneGoes() {
        String mine = server.admin().get("/v1/auth/me").text();
        try (ApiCaller stranger = server.stranger()) {
            String theirs = stranger.get("/v1/auth/me").json().path("tenant_id").asText();
            for (Map.Entry<String, String> header : List.of(
                    Map.entry("X-Tenant-Id", theirs),
                    Map.entry("X-User-Id", "usr_x"),
                    Map.entry("X-Forwarded-User", "admin"),
                    Map.entry("X-Remote-User", "admin"),
                    Map.entry("X-Original-URL", "/v1/users"),
                    Map.entry("X-Rewrite-URL", "/v1/users"),
                    Map.entry("X-Forwarded-Prefix", "/v1/users"),
                    Map.entry("X-HTTP-Method-Override", "DELETE"))) {
                Answer answer = server.admin()
                        .send(
                                "GET",
                                "/v1/auth/me",
                                BodyPublishers.noBody(),
                                Map.of(header.getKey(), header.getValue()));
                assertThat(answer.status()).as(header.toString()).isEqualTo(200);
                assertThat(answer.text()).as(header.toString()).isEqualTo(mine);
            }
        }
    }

    /** Nor does reading change anything, whoever is brought to do it. */
    @Test
    void noGetWritesARow() {
        Map<String, Long> before = server.rows();
        List<Operation> reads = operations()
                .filter(operation -> operation.method().equals("GET"))
                .toList();

        reads.forEach(read -> server.admin().get(fields.path(read)));

        assertThat(reads).hasSizeGreaterThan(25);
        assertThat(server.rows()).isEqualTo(before);
    }
}
