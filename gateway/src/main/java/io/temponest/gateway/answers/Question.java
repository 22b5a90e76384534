package io.temponest.gateway.answers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.identity.Sha256;
import io.temponest.json.Json;
import io.temponest.model.ModelName;
import io.temponest.model.wire.Form;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a request asks. All of its body counts but for how the answer is sent and who is behind it; the order of the outermost
 * fields does not, while that of inner ones does: models write the fields of an answer in the order of its schema.
 *
 * @param key the same for requests that ask the same
 * @param meaning where the request ends with a text of the user that is short enough to compare
 */
public record Question(String key, Optional<Meaning> meaning) {

    /** Characters. Of what is longer the embedding says too little of each sentence to tell questions apart. */
    private static final int LONGEST = 1_000;

    private static final Set<String> IRRELEVANT = Set.of("model", "stream", "stream_options", "user", "metadata");

    /** The sorts of parts that are text and nothing else, by their API. */
    private static final Set<String> TEXT_PARTS = Set.of("text", "input_text");

    /**
     * A question in its context.
     *
     * @param context the same for requests that ask the same but for their last text
     */
    public record Meaning(String context, String text) {}

    /**
     * The question of a request's body, which was scanned before.
     *
     * @param models who would be asked, in order
     */
    public static Question of(Form form, List<ModelName> models, byte[] body) {
        ObjectNode request = (ObjectNode) Json.read(body, JsonNode.class);
        request.remove(IRRELEVANT);
        String asked = form + " " + models.stream().map(ModelName::toString).collect(Collectors.joining(" ")) + "\n";
        String key = digest(asked, request);
        return new Question(key, meaning(form, asked, request));
    }

    /** Changes the request. */
    private static Optional<Meaning> meaning(Form form, String asked, ObjectNode request) {
        Optional<ObjectNode> last = lastMessage(form, request);
        ObjectNode holder = last.orElse(request);
        String field = last.isPresent() ? "content" : "input";
        Optional<String> text = text(holder.path(field))
                .map(String::strip)
                .filter(words -> !words.isEmpty() && words.length() <= LONGEST);
        holder.putNull(field);
        return text.map(words -> new Meaning(digest(asked, request), words));
    }

    private static Optional<ObjectNode> lastMessage(Form form, ObjectNode request) {
        JsonNode messages = request.path(form == Form.OPENAI_RESPONSES ? "input" : "messages");
        return messages instanceof ArrayNode list
                        && !list.isEmpty()
                        && list.get(list.size() - 1) instanceof ObjectNode last
                        && last.path("role").asText().equals("user")
                ? Optional.of(last)
                : Optional.empty();
    }

    private static Optional<String> text(JsonNode content) {
        if (content.isTextual()) {
            return Optional.of(content.textValue());
        }
        boolean texts = content.isArray()
                && content.valueStream()
                        .allMatch(part -> part.size() == 2
                                && part.path("text").isTextual()
                                && TEXT_PARTS.contains(part.path("type").asText()));
        return texts
                ? Optional.of(content.valueStream()
                        .map(part -> part.path("text").textValue())
                        .collect(Collectors.joining("\n")))
                : Optional.empty();
    }

    private static String digest(String asked, ObjectNode request) {
        Map<String, JsonNode> sorted = new TreeMap<>();
        request.properties().forEach(field -> sorted.put(field.getKey(), field.getValue()));
        return HexFormat.of().formatHex(Sha256.of(asked.getBytes(StandardCharsets.UTF_8), Json.bytes(sorted)));
    }
}
