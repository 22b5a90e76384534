package io.temponest.model.relay;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.json.Json;
import java.io.IOException;
import java.util.Optional;

/** An answer in one piece. */
final class WholeAnswer {

    /** No failure needs more words. */
    private static final int LONGEST_FAILURE = 64 << 10;

    private WholeAnswer() {}

    /** What an answer tells of a failure, though its status was 200: an object, or words alone. */
    static Optional<JsonNode> failure(byte[] body) {
        if (body.length > LONGEST_FAILURE) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(Json.LENIENT.readTree(body))
                    .map(answer -> answer.path("error"))
                    .filter(error -> error.isObject() || error.isTextual());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Whether a body is an object of JSON that tells no failure; some servers tell theirs with 200. */
    static boolean isOne(byte[] body) {
        try (JsonParser parser = Json.LENIENT.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            boolean failed = false;
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean error = parser.currentName().equals("error");
                JsonToken value = parser.nextToken();
                failed |= error && (value == JsonToken.START_OBJECT || value == JsonToken.VALUE_STRING);
                parser.skipChildren();
            }
            return !failed && parser.currentToken() == JsonToken.END_OBJECT;
        } catch (IOException e) {
            return false;
        }
    }
}
