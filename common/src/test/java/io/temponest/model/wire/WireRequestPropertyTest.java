package io.temponest.model.wire;

import static io.temponest.model.wire.Form.ANTHROPIC_MESSAGES;
import static io.temponest.model.wire.Form.OLLAMA_CHAT;
import static io.temponest.model.wire.Form.OPENAI_CHAT;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** A conversation says the same in every form, word for word and call for call. */
class WireRequestPropertyTest {

    /** A question, an answer with tool calls, and one result for each of them. */
    record Turn(String question, String answer, List<String> results) {}

    @Provide
    Arbitrary<List<Turn>> conversations() {
        Arbitrary<String> text = Arbitraries.strings()
                .withChars("ab \"\\\n{}[]é😀")
                .ofMinLength(1)
                .ofMaxLength(12);
        return Combinators.combine(text, text, text.list().ofMaxSize(3))
                .as(Turn::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(4);
    }

    private static byte[] chat(List<Turn> turns) {
        ObjectNode body = (ObjectNode) Json.tree("{\"model\":\"m\",\"max_tokens\":9}");
        ArrayNode messages = body.putArray("messages");
        messages.addObject().put("role", "system").put("content", "Be kind.");
        int id = 0;
        for (Turn turn : turns) {
            messages.addObject().put("role", "user").put("content", turn.question());
            ObjectNode answer = messages.addObject().put("role", "assistant").put("content", turn.answer());
            for (String result : turn.results()) {
                ObjectNode call =
                        answer.withArrayProperty("tool_calls").addObject().put("id", "call_" + id);
                call.put("type", "function")
                        .putObject("function")
                        .put("name", "find")
                        .put("arguments", Json.text(Map.of("for", result)));
                messages.addObject()
                        .put("role", "tool")
                        .put("tool_call_id", "call_" + id++)
                        .put("content", result);
            }
        }
        messages.addObject().put("role", "user").put("content", "And now?");
        return Json.bytes(body);
    }

    /** Everything that the messages of a chat or of an Ollama chat say, in order. */
    private static List<String> said(byte[] body) {
        List<String> said = new ArrayList<>();
        for (JsonNode message : Json.read(body, JsonNode.class).get("messages")) {
            String who = message.get("role").textValue()
                    + message.path("tool_call_id").asText() + ": ";
            JsonNode content = message.get("content");
            if (content.isTextual()) {
                said.add(who + content.textValue());
            }
            content.forEach(part -> said.add(who + part.get("text").textValue()));
            for (JsonNode call : message.path("tool_calls")) {
                JsonNode arguments = call.at("/function/arguments");
                said.add("%s calls %s with %s"
                        .formatted(
                                call.get("id").textValue(),
                                call.at("/function/name").textValue(),
                                arguments.isTextual() ? Json.tree(arguments.textValue()) : arguments));
            }
        }
        return said;
    }

    @Property
    void aConversationComesBackFromAnthropicAsItWent(@ForAll("conversations") List<Turn> turns) {
        byte[] chat = chat(turns);

        byte[] anthropic = Wire.request(OPENAI_CHAT, ANTHROPIC_MESSAGES, chat, "m");

        assertThat(said(Wire.request(ANTHROPIC_MESSAGES, OPENAI_CHAT, anthropic, "m")))
                .isEqualTo(said(chat));
    }

    @Property
    void ollamaIsToldTheSame(@ForAll("conversations") List<Turn> turns) {
        byte[] chat = chat(turns);

        assertThat(said(Wire.request(OPENAI_CHAT, OLLAMA_CHAT, chat, "m"))).isEqualTo(said(chat));
    }
}
