package io.temponest.model.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.json.Json;
import java.util.List;

/** Puts an Anthropic message together from its stream, block by block, and checks the order of its events. */
final class MessageStream {

    private ObjectNode message = (ObjectNode) Json.tree("{}");
    private ObjectNode block = message;
    private final StringBuilder input = new StringBuilder();
    private boolean open;
    private boolean ended;

    Said hear(List<String> frames) {
        frames.forEach(frame -> hear(Clients.data(frame)));
        assertThat(ended).isTrue();
        return Clients.whole(Form.ANTHROPIC_MESSAGES, Json.bytes(message));
    }

    private void hear(JsonNode event) {
        assertThat(ended).isFalse();
        switch (event.get("type").textValue()) {
            case "message_start" -> {
                assertThat(message).isEmpty();
                message = event.get("message").deepCopy();
                assertThat(message.get("stop_reason").isNull()).isTrue();
            }
            case "content_block_start" -> {
                assertThat(open).isFalse();
                assertThat(event.get("index").intValue())
                        .isEqualTo(message.get("content").size());
                open = true;
                input.setLength(0);
                block = event.get("content_block").deepCopy();
                message.withArrayProperty("content").add(block);
            }
            case "content_block_delta" -> {
                assertThat(open).isTrue();
                assertThat(event.get("index").intValue())
                        .isEqualTo(message.get("content").size() - 1);
                delta(event.get("delta"));
            }
            case "content_block_stop" -> {
                assertThat(open).isTrue();
                open = false;
                if (!input.isEmpty()) {
                    block.set("input", Json.tree(input.toString()));
                }
            }
            case "message_delta" -> {
                assertThat(open).isFalse();
                message.setAll((ObjectNode) event.get("delta"));
                message.set("usage", event.get("usage"));
            }
            default -> {
                assertThat(event.get("type").textValue()).isEqualTo("message_stop");
                ended = true;
            }
        }
    }

    private void delta(JsonNode delta) {
        switch (delta.get("type").textValue()) {
            case "text_delta" -> append("text", delta);
            case "thinking_delta" -> append("thinking", delta);
            case "signature_delta" -> append("signature", delta);
            default -> input.append(delta.get("partial_json").textValue());
        }
    }

    private void append(String field, JsonNode delta) {
        block.put(field, block.get(field).textValue() + delta.get(field).textValue());
    }
}
