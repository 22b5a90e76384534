package io.temponest.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What a server says of its operations. Tests that walk through all of them get to know a new one, and each new field and
 * parameter, by themselves.
 */
record ApiDescription(JsonNode document) {

    /** Where a schema of several kinds is given, the text form; where it is anything, nothing. */
    private static final List<String> SEVERAL = List.of("oneOf", "anyOf");

    static ApiDescription of(ApiCaller api) {
        return new ApiDescription(api.get("/openapi.json").json());
    }

    /** One method at one path. */
    record Operation(String method, String path, JsonNode description) {

        /** Whether it takes no credentials. */
        boolean open() {
            return description.path("security").isArray();
        }

        /** Whether it is a sign-in on another's pages, which has tests of its own and parameters of others. */
        boolean leadsElsewhere() {
            return path.startsWith("/v1/auth/oidc/");
        }

        boolean takesFiles() {
            return description.at("/requestBody/content").has("multipart/form-data");
        }

        JsonNode schema() {
            return description.at("/requestBody/content/application~1json/schema");
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    Stream<Operation> operations() {
        return document.path("paths")
                .propertyStream()
                .flatMap(path -> path.getValue()
                        .propertyStream()
                        .filter(operation -> operation.getValue().has("responses"))
                        .map(operation -> new Operation(
                                operation.getKey().toUpperCase(Locale.ROOT), path.getKey(), operation.getValue())));
    }

    /** The names of an operation's query parameters. */
    List<String> queryParameters(Operation operation) {
        return operation
                .description()
                .path("parameters")
                .valueStream()
                .map(this::resolved)
                .filter(parameter -> parameter.path("in").asText().equals("query"))
                .map(parameter -> parameter.path("name").asText())
                .toList();
    }

    /** The fields of an operation's body that take any text, such as {@code settings.timezone} and {@code roles[]}. */
    List<String> textFields(Operation operation) {
        List<String> fields = new ArrayList<>();
        collect("", operation.schema(), fields);
        return fields;
    }

    /** The names of the fields of an operation's body, without those inside them. */
    Set<String> fields(Operation operation) {
        Set<String> names = new TreeSet<>();
        properties(operation.schema()).fieldNames().forEachRemaining(names::add);
        return names;
    }

    private void collect(String at, JsonNode given, List<String> into) {
        JsonNode schema = resolved(given);
        for (String several : SEVERAL) {
            schema.path(several).forEach(choice -> collect(at, choice, into));
        }
        List<String> types = types(schema);
        if (types.contains("string") && !schema.has("enum")) {
            into.add(at);
        }
        if (types.contains("array") && schema.has("items")) {
            collect(at + "[]", schema.path("items"), into);
        }
        properties(schema)
                .properties()
                .forEach(field ->
                        collect(at.isEmpty() ? field.getKey() : at + "." + field.getKey(), field.getValue(), into));
    }

    private static List<String> types(JsonNode schema) {
        JsonNode type = schema.path("type");
        return type.isArray() ? type.valueStream().map(JsonNode::asText).toList() : List.of(type.asText());
    }

    /** The least that a schema asks for; where it asks for nothing, a name. */
    Object example(JsonNode given, Supplier<String> text) {
        JsonNode schema = resolved(given);
        if (schema.has("enum")) {
            return schema.at("/enum/0").asText();
        }
        if (schema.has("oneOf")) {
            return example(schema.at("/oneOf/0"), text);
        }
        if (schema.has("allOf") || schema.has("properties")) {
            Map<String, Object> fields = new TreeMap<>();
            ObjectNode properties = properties(schema);
            required(schema).forEach(name -> fields.put(name, example(properties.path(name), text)));
            return fields.isEmpty() && properties.has("name") ? Map.of("name", "n") : fields;
        }
        return switch (types(schema).getFirst()) {
            case "array" -> List.of(example(schema.path("items"), text));
            case "integer", "number" -> 1;
            case "boolean" -> true;
            case "object" -> Map.of();
            default -> text.get();
        };
    }

    private static List<String> required(JsonNode schema) {
        List<String> names = new ArrayList<>();
        schema.path("required").forEach(name -> names.add(name.asText()));
        schema.path("allOf").forEach(part -> names.addAll(required(part)));
        return names;
    }

    private ObjectNode properties(JsonNode given) {
        JsonNode schema = resolved(given);
        ObjectNode all = Json.STRICT.createObjectNode();
        schema.path("properties").properties().forEach(field -> all.set(field.getKey(), field.getValue()));
        schema.path("allOf")
                .forEach(part ->
                        properties(part).properties().forEach(field -> all.set(field.getKey(), field.getValue())));
        return all;
    }

    private JsonNode resolved(JsonNode given) {
        return given.has("$ref") ? document.at(given.path("$ref").asText().substring(1)) : given;
    }
}
