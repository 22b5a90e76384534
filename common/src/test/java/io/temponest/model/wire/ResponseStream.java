package io.temponest.model.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Follows the life cycle of a response: what its deltas make is what is done, and what is done is what is completed. */
final class ResponseStream {

    private final StringBuilder growing = new StringBuilder();
    private final List<JsonNode> done = new ArrayList<>();
    private Optional<JsonNode> open = Optional.empty();
    private Optional<JsonNode> last = Optional.empty();
    private int number;

    Said hear(List<String> frames) {
        for (String frame : frames) {
            JsonNode event = Clients.data(frame);
            assertThat(event.get("sequence_number").intValue()).isEqualTo(number++);
            assertThat(last).isEmpty();
            hear(event.get("type").textValue(), event);
        }
        JsonNode response = last.orElseThrow();
        assertThat(response.get("output")).containsExactlyElementsOf(done);
        return Clients.whole(Form.OPENAI_RESPONSES, Json.bytes(response));
    }

    private void hear(String type, JsonNode event) {
        switch (type) {
            case "response.created" -> assertThat(number).isEqualTo(1);
            case "response.in_progress" -> assertThat(number).isEqualTo(2);
            case "response.output_item.added" -> {
                assertThat(open).isEmpty();
                assertThat(event.get("output_index").intValue()).isEqualTo(done.size());
                open = Optional.of(event.get("item"));
                growing.setLength(0);
            }
            case "response.output_item.done" -> {
                assertThat(event.at("/item/id")).isEqualTo(open.orElseThrow().get("id"));
                done.add(event.get("item"));
                open = Optional.empty();
            }
            case "response.completed", "response.incomplete" -> {
                assertThat(open).isEmpty();
                assertThat("response." + event.at("/response/status").textValue())
                        .isEqualTo(type);
                last = Optional.of(event.get("response"));
            }
            default -> within(type, event);
        }
    }

    private void within(String type, JsonNode event) {
        assertThat(event.get("item_id")).isEqualTo(open.orElseThrow().get("id"));
        assertThat(event.get("output_index").intValue()).isEqualTo(done.size());
        switch (type) {
            case "response.output_text.delta",
                    "response.reasoning_summary_text.delta",
                    "response.function_call_arguments.delta" ->
                growing.append(event.get("delta").textValue());
            case "response.output_text.done", "response.reasoning_summary_text.done" ->
                assertThat(event.get("text").textValue()).isEqualTo(growing.toString());
            case "response.function_call_arguments.done" ->
                assertThat(event.get("arguments").textValue()).isEqualTo(growing.isEmpty() ? "{}" : growing.toString());
            case "response.content_part.added", "response.reasoning_summary_part.added" ->
                assertThat(event.at("/part/text").textValue()).isEmpty();
            default -> {
                assertThat(type).isIn("response.content_part.done", "response.reasoning_summary_part.done");
                assertThat(event.at("/part/text").textValue()).isEqualTo(growing.toString());
            }
        }
    }
}
