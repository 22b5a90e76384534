package io.temponest.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.json.Json;
import io.temponest.testing.FakeProvider.Act;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** OpenAI's chat completions, as their API reference has them. */
record OpenAiVoice(String provider) implements Voice {

    private static final Map<String, Integer> USAGE =
            Map.of("prompt_tokens", 9, "completion_tokens", 5, "total_tokens", 14);

    @Override
    public String form() {
        return "OpenAI";
    }

    private static String completion(Map<String, Object> message, String finish) {
        return Json.text(Map.of(
                "id",
                "chatcmpl-1",
                "object",
                "chat.completion",
                "created",
                1_700_000_000,
                "model",
                "parrot",
                "choices",
                List.of(Map.of("index", 0, "message", message, "finish_reason", finish)),
                "usage",
                USAGE));
    }

    @Override
    public String whole(String text) {
        return completion(Map.of("role", "assistant", "content", text), "stop");
    }

    @Override
    public String wholeCall(String id, String tool, String arguments) {
        Map<String, Object> call =
                Map.of("id", id, "type", "function", "function", Map.of("name", tool, "arguments", arguments));
        return completion(Map.of("role", "assistant", "tool_calls", List.of(call)), "tool_calls");
    }

    private static String chunk(List<?> choices) {
        return "data: "
                + Json.text(Map.of(
                        "id",
                        "chatcmpl-1",
                        "object",
                        "chat.completion.chunk",
                        "created",
                        1_700_000_000,
                        "model",
                        "parrot",
                        "choices",
                        choices))
                + "\n\n";
    }

    private static String delta(Map<String, Object> delta) {
        return chunk(List.of(Map.of("index", 0, "delta", delta)));
    }

    @Override
    public String opening() {
        return delta(Map.of("role", "assistant", "content", ""));
    }

    @Override
    public String piece(String text) {
        return delta(Map.of("content", text));
    }

    @Override
    public String call(String id, String tool, String arguments) {
        int half = arguments.length() / 2;
        return opening()
                + delta(Map.of(
                        "tool_calls",
                        List.of(Map.of(
                                "index",
                                0,
                                "id",
                                id,
                                "type",
                                "function",
                                "function",
                                Map.of("name", tool, "arguments", "")))))
                + arguments(arguments.substring(0, half))
                + arguments(arguments.substring(half));
    }

    private static String arguments(String part) {
        return delta(Map.of("tool_calls", List.of(Map.of("index", 0, "function", Map.of("arguments", part)))));
    }

    @Override
    public String closing() {
        return finish("stop") + end();
    }

    @Override
    public String closingCall() {
        return finish("tool_calls") + end();
    }

    /** Why the answer is over, without the stream's own end. */
    String finish(String reason) {
        return chunk(List.of(Map.of("index", 0, "delta", Map.of(), "finish_reason", reason)));
    }

    private static String end() {
        return "data: "
                + Json.text(Map.of(
                        "id",
                        "chatcmpl-1",
                        "object",
                        "chat.completion.chunk",
                        "created",
                        1_700_000_000,
                        "model",
                        "parrot",
                        "choices",
                        List.of(),
                        "usage",
                        USAGE))
                + "\n\ndata: [DONE]\n\n";
    }

    @Override
    public String failure(String message) {
        return "data: " + Json.text(Map.of("error", Map.of("message", message, "type", "server_error"))) + "\n\n";
    }

    @Override
    public Act refusal(int status, String code, String message, Map<String, String> headers) {
        return new Act.RefuseAs(
                status, Json.text(Map.of("error", Map.of("message", message, "type", code, "code", code))), headers);
    }

    @Override
    public String toolResult(JsonNode request) {
        JsonNode last = last(request);
        return last.path("tool_call_id").asText() + "=" + words(last);
    }

    @Override
    public boolean wantsObject(JsonNode request, String... properties) {
        JsonNode format = request.path("response_format");
        return format.path("type").asText().equals("json_schema")
                && Arrays.stream(properties).allMatch(format.at("/json_schema/schema/properties")::has);
    }

    @Override
    public String lastWords(JsonNode request) {
        return words(last(request));
    }

    private static JsonNode last(JsonNode request) {
        JsonNode messages = request.path("messages");
        return messages.path(messages.size() - 1);
    }

    /** Of a message whose content is a text or one part. */
    private static String words(JsonNode message) {
        JsonNode content = message.path("content");
        return content.isTextual() ? content.textValue() : content.at("/0/text").asText();
    }
}
