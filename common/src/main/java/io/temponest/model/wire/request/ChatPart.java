package io.temponest.model.wire.request;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** A part of a chat message's content. */
sealed interface ChatPart {

    record Text(String text) implements ChatPart {}

    /**
     * A picture.
     *
     * @param url of the web, or a {@code data:} URL that holds it
     * @param path where the request has it
     */
    record Image(String url, String path) implements ChatPart {}

    /** The content of a message; empty texts are left out, because Anthropic refuses them and they say nothing. */
    static List<ChatPart> of(Fields message) {
        Optional<JsonNode> content = message.any("content");
        if (content.isEmpty()) {
            return List.of();
        }
        if (content.get().isTextual()) {
            String text = content.get().textValue();
            return text.isEmpty() ? List.of() : List.of(new Text(text));
        }
        return message.objects("content").stream()
                .map(ChatPart::part)
                .filter(part -> !part.equals(new Text("")))
                .toList();
    }

    private static ChatPart part(Fields part) {
        String type = part.requiredText("type");
        return switch (type) {
            case "text" -> new Text(part.requiredText("text"));
            case "refusal" -> new Text(part.requiredText("refusal"));
            case "image_url" -> {
                Fields image = part.requiredObject("image_url");
                yield new Image(image.requiredText("url"), image.at("url"));
            }
            default -> throw part.refuse("type", "the provider takes texts and images, not '" + type + "'");
        };
    }

    /** The texts of a message that can hold nothing else. */
    static String texts(Fields message, String separator) {
        return of(message).stream()
                .map(part -> switch (part) {
                    case Text text -> text.text();
                    case Image image -> throw Fields.refusal(image.path(), "here the provider takes texts only");
                })
                .collect(Collectors.joining(separator));
    }
}
