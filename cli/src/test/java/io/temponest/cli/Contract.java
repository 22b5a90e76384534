package io.temponest.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import io.temponest.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** What a server says of itself in its OpenAPI document, held against what it answers. */
final class Contract {

    private static final Map<URI, Contract> KNOWN = new ConcurrentHashMap<>();
    private static final JsonSchemaFactory SCHEMAS = JsonSchemaFactory.getInstance(VersionFlag.V202012);

    private final JsonNode document;
    private final List<Path> paths = new ArrayList<>();
    private final Map<JsonNode, JsonSchema> compiled = new ConcurrentHashMap<>();

    private record Path(Pattern pattern, String template) {}

    private Contract(JsonNode document) {
        this.document = document;
        document.path("paths").fieldNames().forEachRemaining(template -> {
            String pattern = template.replace(".", "\\.").replaceAll("\\{\\w+}", "[^/]+");
            paths.add(new Path(Pattern.compile(pattern), template));
        });
    }

    static Contract of(URI server) {
        return KNOWN.computeIfAbsent(server, Contract::load);
    }

    private static Contract load(URI server) {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return new Contract(Json.tree(http.send(
                            HttpRequest.newBuilder(server.resolve("/openapi.json"))
                                    .build(),
                            BodyHandlers.ofString())
                    .body()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Fails when the document does not say that this operation may answer so. What is at no path of it must be an error. */
    void check(String method, String path, ApiCaller.Answer answer) {
        Optional<JsonNode> operation = paths.stream()
                .filter(known -> known.pattern().matcher(path).matches())
                .map(known -> document.path("paths").path(known.template()).path(method.toLowerCase(Locale.ROOT)))
                .filter(JsonNode::isObject)
                .findFirst();
        if (operation.isEmpty()) {
            if (answer.status() < 400) {
                throw new AssertionError("%s %s is not described and answered %s".formatted(method, path, answer));
            }
            return;
        }
        JsonNode responses = operation.get().path("responses");
        JsonNode response = resolve(
                responses.has(Integer.toString(answer.status()))
                        ? responses.path(Integer.toString(answer.status()))
                        : responses.path("default"));
        if (response.isMissingNode()) {
            throw new AssertionError("%s %s is not described to answer %s".formatted(method, path, answer));
        }
        JsonNode schema = response.at("/content/application~1json/schema");
        boolean otherForm = !answer.header("content-type").startsWith("application/json")
                && response.path("content").size() > 1;
        if (!schema.isMissingNode() && !otherForm) {
            Set<ValidationMessage> wrong =
                    compiled.computeIfAbsent(schema, this::compile).validate(answer.json());
            if (!wrong.isEmpty()) {
                throw new AssertionError("%s %s: %s in %s".formatted(method, path, wrong, answer));
            }
        } else if (!answer.text().isEmpty() && !response.has("content")) {
            throw new AssertionError("%s %s is described to answer nothing, not %s".formatted(method, path, answer));
        }
    }

    private JsonNode resolve(JsonNode node) {
        return node.has("$ref") ? document.at(node.path("$ref").asText().substring(1)) : node;
    }

    /** The document's schemas become the schema's own definitions. */
    private JsonSchema compile(JsonNode schema) {
        ObjectNode whole = (ObjectNode) Json.tree(schema.toString().replace("#/components/schemas/", "#/$defs/"));
        whole.set(
                "$defs",
                Json.tree(document.at("/components/schemas").toString().replace("#/components/schemas/", "#/$defs/")));
        return SCHEMAS.getSchema(whole);
    }
}
