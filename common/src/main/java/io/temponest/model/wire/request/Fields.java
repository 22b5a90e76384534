package io.temponest.model.wire.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A JSON object of a request and its place in it. An explicit null is absence, as in the APIs that are read. Every failure
 * is an {@link ApiException} whose {@code param} is the field's path.
 *
 * @param path such as {@code messages[2]}; empty for the body itself
 */
record Fields(JsonNode node, String path) {

    static Fields body(JsonNode body) {
        return new Fields(body, "");
    }

    static ApiException refusal(String param, String why) {
        return ApiError.invalid(param, "not_translatable", "'%s' cannot be carried over: %s.".formatted(param, why))
                .exception();
    }

    static ApiException wrongType(String param, String wanted) {
        return ApiError.invalid(param, "wrong_type", "'%s' must be %s.".formatted(param, wanted))
                .exception();
    }

    String at(String field) {
        return path.isEmpty() ? field : path + "." + field;
    }

    ApiException refuse(String field, String why) {
        return refusal(at(field), why);
    }

    boolean has(String field) {
        return node.hasNonNull(field);
    }

    Optional<JsonNode> any(String field) {
        return has(field) ? Optional.of(node.get(field)) : Optional.empty();
    }

    Optional<String> text(String field) {
        return any(field).map(value -> {
            if (!value.isTextual()) {
                throw wrongType(at(field), "a string");
            }
            return value.textValue();
        });
    }

    String requiredText(String field) {
        return text(field).orElseThrow(() -> missing(field));
    }

    Optional<Boolean> flag(String field) {
        return any(field).map(value -> {
            if (!value.isBoolean()) {
                throw wrongType(at(field), "true or false");
            }
            return value.booleanValue();
        });
    }

    Optional<JsonNode> number(String field) {
        return any(field).map(value -> {
            if (!value.isNumber()) {
                throw wrongType(at(field), "a number");
            }
            return value;
        });
    }

    Optional<Fields> object(String field) {
        return any(field).map(value -> {
            if (!value.isObject()) {
                throw wrongType(at(field), "an object");
            }
            return new Fields(value, at(field));
        });
    }

    Fields requiredObject(String field) {
        return object(field).orElseThrow(() -> missing(field));
    }

    /** The objects of an array; none where there is no array. */
    List<Fields> objects(String field) {
        JsonNode array = any(field).orElse(JsonNodeFactory.instance.arrayNode());
        if (!array.isArray()) {
            throw wrongType(at(field), "an array");
        }
        List<Fields> objects = new ArrayList<>(array.size());
        for (int i = 0; i < array.size(); i++) {
            String place = "%s[%d]".formatted(at(field), i);
            if (!array.get(i).isObject()) {
                throw wrongType(place, "an object");
            }
            objects.add(new Fields(array.get(i), place));
        }
        return objects;
    }

    ApiException missing(String field) {
        return ApiError.invalid(at(field), "missing_field", "'%s' is required.".formatted(at(field)))
                .exception();
    }

    /** Refuses every field that is neither carried over nor dropped on purpose. */
    void only(Set<String> carried, Set<String> dropped) {
        for (String field : (Iterable<String>) node::fieldNames) {
            if (has(field) && !carried.contains(field) && !dropped.contains(field)) {
                throw refuse(field, "the provider's API has no such thing");
            }
        }
    }
}
