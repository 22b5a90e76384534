package io.temponest.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.json.Json;
import io.temponest.testing.FakeProvider.Act;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Anthropic's messages, as their API reference has them. */
record AnthropicVoice(String provider) implements Voice {

    @Override
    public String form() {
        return "Anthropic";
    }

    private static String message(Map<String, Object> block, String stop) {
        return Json.text(Map.of(
                "id",
                "msg_1",
                "type",
                "message",
                "role",
                "assistant",
                "model",
                "parrot",
                "content",
                List.of(block),
                "stop_reason",
                stop,
                "usage",
                Map.of("input_tokens", 9, "output_tokens", 5)));
    }

    @Override
    public String whole(String text) {
        return message(Map.of("type", "text", "text", text), "end_turn");
    }

    @Override
    public String wholeCall(String id, String tool, String arguments) {
        return message(Map.of("type", "tool_use", "id", id, "name", tool, "input", Json.tree(arguments)), "tool_use");
    }

    private static String event(String type, Map<String, Object> rest) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("type", type);
        all.putAll(rest);
        return "event: " + type + "\ndata: " + Json.text(all) + "\n\n";
    }

    private static String block(Map<String, Object> start) {
        return event("content_block_start", Map.of("index", 0, "content_block", start));
    }

    private static String delta(Map<String, Object> delta) {
        return event("content_block_delta", Map.of("index", 0, "delta", delta));
    }

    private static String start() {
        return event(
                "message_start",
                Map.of(
                        "message",
                        Map.of(
                                "id",
                                "msg_1",
                                "type",
                                "message",
                                "role",
                                "assistant",
                                "model",
                                "parrot",
                                "content",
                                List.of(),
                                "usage",
                                Map.of("input_tokens", 9, "output_tokens", 1))));
    }

    @Override
    public String opening() {
        return start() + block(Map.of("type", "text", "text", "")) + event("ping", Map.of());
    }

    @Override
    public String piece(String text) {
        return delta(Map.of("type", "text_delta", "text", text));
    }

    @Override
    public String call(String id, String tool, String arguments) {
        int half = arguments.length() / 2;
        return start()
                + block(Map.of("type", "tool_use", "id", id, "name", tool, "input", Map.of()))
                + delta(Map.of("type", "input_json_delta", "partial_json", arguments.substring(0, half)))
                + delta(Map.of("type", "input_json_delta", "partial_json", arguments.substring(half)));
    }

    @Override
    public String closing() {
        return end("end_turn");
    }

    @Override
    public String closingCall() {
        return end("tool_use");
    }

    private static String end(String stop) {
        return event("content_block_stop", Map.of("index", 0))
                + event(
                        "message_delta",
                        Map.of("delta", Map.of("stop_reason", stop), "usage", Map.of("output_tokens", 5)))
                + event("message_stop", Map.of());
    }

    @Override
    public String failure(String message) {
        return event("error", Map.of("error", Map.of("type", "api_error", "message", message)));
    }

    @Override
    public Act refusal(int status, String code, String message, Map<String, String> headers) {
        Map<String, Object> body = Map.of("type", "error", "error", Map.of("type", code, "message", message));
        return new Act.RefuseAs(status, Json.text(body), headers);
    }

    @Override
    public String toolResult(JsonNode request) {
        JsonNode result = last(request).at("/content/0");
        JsonNode content = result.path("content");
        return result.path("tool_use_id").asText() + "="
                + (content.isTextual()
                        ? content.textValue()
                        : content.at("/0/text").asText());
    }

    @Override
    public boolean wantsObject(JsonNode request, String... properties) {
        JsonNode format = request.at("/output_config/format");
        return format.path("type").asText().equals("json_schema")
                && Arrays.stream(properties).allMatch(format.at("/schema/properties")::has);
    }

    @Override
    public String lastWords(JsonNode request) {
        JsonNode content = last(request).path("content");
        return content.isTextual() ? content.textValue() : content.at("/0/text").asText();
    }

    private static JsonNode last(JsonNode request) {
        JsonNode messages = request.path("messages");
        return messages.path(messages.size() - 1);
    }
}
