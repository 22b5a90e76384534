package io.temponest.model.relay;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.temponest.json.Json;
import java.io.IOException;

/** An answer in one piece. */
final class WholeAnswer {

    private WholeAnswer() {}

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
