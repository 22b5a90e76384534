package io.temponest.model.wire.answer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.json.Json;
import java.io.IOException;
import java.util.Set;

/**
 * What an answer says about the request that it answers.
 *
 * @param id letters and digits that no other answer has; the ids of the answer, its items and calls are made from it
 * @param created seconds of the Unix epoch
 * @param model the model's name as the client is to see it
 * @param requestId of this request, for failures in the middle of a stream
 * @param includeUsage whether a chat stream ends with a chunk of usage, see {@code stream_options.include_usage}
 * @param echo fields of a Responses request that its answer repeats, see {@link #echo}
 */
public record Answering(
        String id, long created, String model, String requestId, boolean includeUsage, ObjectNode echo) {

    /** Reads a value within a body, where more follows. */
    private static final ObjectReader FIELD =
            Json.LENIENT.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final Set<String> ECHOED = Set.of(
            "instructions",
            "max_output_tokens",
            "metadata",
            "parallel_tool_calls",
            "reasoning",
            "temperature",
            "text",
            "tool_choice",
            "tools",
            "top_p",
            "user");

    /** An answer that repeats nothing, for the forms that do not. */
    public static Answering of(String id, long created, String model, String requestId, boolean includeUsage) {
        return new Answering(id, created, model, requestId, includeUsage, JsonNodeFactory.instance.objectNode());
    }

    /** The fields that a Responses answer repeats; the input is read over, not kept. */
    public static ObjectNode echo(byte[] request) {
        ObjectNode echo = JsonNodeFactory.instance.objectNode();
        try (JsonParser parser = Json.LENIENT.createParser(request)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                if (ECHOED.contains(field)) {
                    echo.set(field, FIELD.readTree(parser));
                } else {
                    parser.skipChildren();
                }
            }
        } catch (IOException e) {
            throw ApiError.of(ErrorType.INVALID_REQUEST_ERROR, "json_malformed", "The body is not valid JSON.")
                    .exception();
        }
        return echo;
    }
}
