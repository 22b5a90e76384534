package io.temponest.workers.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.json.Json;
import java.io.UncheckedIOException;
import java.util.Optional;

/** Reads the arguments that models write. */
final class Arguments {

    private static final int LONGEST = 256 << 10;
    private static final int LARGEST_EXPONENT = 300;

    /** The journal has them within an object of its own, and must be readable itself. */
    private static final int DEEPEST = 60;

    private Arguments() {}

    /**
     * An object as the database can keep it: texts without NULs and without halves of characters. Empty for anything else,
     * for numbers that would become very long when written out, and for what is nested very deep.
     */
    static Optional<ObjectNode> read(String text) {
        if (text.length() > LONGEST) {
            return Optional.empty();
        }
        try {
            JsonNode read = Json.tree(text.isBlank() ? "{}" : text);
            return read instanceof ObjectNode object && bounded(object, 1)
                    ? Optional.of((ObjectNode) storable(object))
                    : Optional.empty();
        } catch (UncheckedIOException e) {
            return Optional.empty();
        }
    }

    private static boolean bounded(JsonNode node, int depth) {
        if (node.isContainerNode() && depth > DEEPEST) {
            return false;
        }
        if (node.isNumber() && Math.abs((long) node.decimalValue().scale()) > LARGEST_EXPONENT) {
            return false;
        }
        for (JsonNode child : node) {
            if (!bounded(child, depth + 1)) {
                return false;
            }
        }
        return true;
    }

    private static JsonNode storable(JsonNode node) {
        if (node.isObject()) {
            ObjectNode copy = Json.STRICT.createObjectNode();
            node.properties().forEach(member -> copy.set(storable(member.getKey()), storable(member.getValue())));
            return copy;
        }
        if (node.isArray()) {
            ArrayNode copy = Json.STRICT.createArrayNode();
            node.forEach(item -> copy.add(storable(item)));
            return copy;
        }
        return node.isTextual() ? copy(node.textValue()) : node;
    }

    private static JsonNode copy(String text) {
        return Json.STRICT.getNodeFactory().textNode(storable(text));
    }

    private static String storable(String text) {
        StringBuilder kept = new StringBuilder(text.length());
        text.codePoints().filter(c -> c != 0).forEach(c -> {
            boolean half = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
            kept.appendCodePoint(half ? 0xFFFD : c);
        });
        return kept.toString();
    }
}
