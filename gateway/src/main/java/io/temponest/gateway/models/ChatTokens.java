package io.temponest.gateway.models;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.json.Json;
import io.temponest.model.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a conversation comes to: texts to be counted, and the tokens that stand around them. As OpenAI documents it ("How to
 * count tokens with tiktoken", OpenAI Cookbook): 3 tokens and the role for each message, 1 for a name, 3 before the answer;
 * tools by the numbers given there, which fit flat parameters and are used for nested ones too. What a called tool's
 * arguments, a tool's result or a picture have around them is not public: it makes the count approximate. Not for several
 * threads.
 */
final class ChatTokens {

    private static final int PER_MESSAGE = 3;
    private static final int PER_NAME = 1;
    private static final int BEFORE_ANSWER = 3;

    private static final int FUNCTION_O200K = 7;
    private static final int FUNCTION_CL100K = 10;
    private static final int PROPERTIES = 3;
    private static final int PROPERTY = 3;
    private static final int CHOICES = -3;
    private static final int CHOICE = 3;
    private static final int AFTER_FUNCTIONS = 12;

    private static final int PER_CALL = 3;

    /** What Anthropic counts for a picture of the largest size that it does not make smaller. */
    private static final int PER_IMAGE = 1_600;

    /** Whose messages the document was checked with, against what the API itself counts. */
    private static final Pattern DOCUMENTED = Pattern.compile(
            "gpt-(3\\.5|35)-turbo(-16k)?(-\\d{4})?|gpt-4(-32k|-turbo)?(-\\d{4})?(-preview)?|gpt-4-turbo-\\d{4}-\\d{2}-\\d{2}"
                    + "|gpt-4o(-mini)?(-\\d{4}-\\d{2}-\\d{2})?");

    private final String model;
    private final Vocabulary vocabulary;
    private final List<String> texts = new ArrayList<>();
    private int around = BEFORE_ANSWER;
    private boolean exact;

    /** @param model the one that gets the conversation, with or without its provider */
    ChatTokens(String model) {
        this.model = model;
        this.vocabulary = Vocabulary.nearest(model);
        this.exact = DOCUMENTED.matcher(Vocabulary.bare(model)).matches();
    }

    List<String> texts() {
        return texts;
    }

    int around() {
        return around;
    }

    Vocabulary vocabulary() {
        return vocabulary;
    }

    /** Whether the document says all of it. */
    boolean exact() {
        return exact && Vocabulary.of(model).isPresent();
    }

    void message(String role) {
        around += PER_MESSAGE;
        texts.add(role);
    }

    void name(String name) {
        around += PER_NAME;
        texts.add(name);
    }

    void text(String text) {
        texts.add(text);
    }

    /** A call that a message makes. */
    void call(String name, String arguments) {
        exact = false;
        around += PER_CALL;
        texts.add(name);
        texts.add(arguments);
    }

    /** The id of the call that a message answers. */
    void callId(String id) {
        exact = false;
        texts.add(id);
    }

    void image() {
        exact = false;
        around += PER_IMAGE;
    }

    /** Functions, each with its schema of parameters at {@code schemaField}. */
    void functions(List<JsonNode> functions, String schemaField) {
        if (functions.isEmpty()) {
            return;
        }
        exact = false;
        around += AFTER_FUNCTIONS;
        for (JsonNode function : functions) {
            around += vocabulary == Vocabulary.O200K ? FUNCTION_O200K : FUNCTION_CL100K;
            texts.add(function.path("name").asText() + ":" + withoutStop(function));
            properties(function.path(schemaField));
        }
    }

    private void properties(JsonNode schema) {
        JsonNode properties = schema.path("properties");
        around += properties.isEmpty() ? 0 : PROPERTIES;
        properties.properties().forEach(entry -> {
            JsonNode property = entry.getValue();
            around += PROPERTY;
            texts.add("%s:%s:%s".formatted(entry.getKey(), type(property), withoutStop(property)));
            JsonNode choices = property.path("enum");
            around += choices.isEmpty() ? 0 : CHOICES;
            choices.forEach(choice -> {
                around += CHOICE;
                texts.add(choice.asText());
            });
            properties(property);
            properties(property.path("items"));
        });
    }

    private static String type(JsonNode property) {
        JsonNode type = property.path("type");
        return type.isArray() ? String.join("|", Json.read(Json.bytes(type), String[].class)) : type.asText();
    }

    private static String withoutStop(JsonNode described) {
        String text = described.path("description").asText();
        return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    }

    /** A request of Anthropic's API, whose counting is not public: as if OpenAI's models got it. */
    static ChatTokens ofAnthropic(String model, JsonNode request) {
        ChatTokens chat = new ChatTokens(model);
        chat.exact = false;
        JsonNode system = request.path("system");
        if (!system.isEmpty() || system.isTextual()) {
            chat.message("system");
            chat.blocks(system);
        }
        for (JsonNode message : request.path("messages")) {
            chat.message(message.path("role").asText());
            chat.blocks(message.path("content"));
        }
        chat.functions(request.path("tools").valueStream().toList(), "input_schema");
        return chat;
    }

    private void blocks(JsonNode content) {
        if (content.isTextual()) {
            text(content.textValue());
        }
        for (JsonNode block : content) {
            switch (block.path("type").asText()) {
                case "image" -> image();
                case "tool_use" -> call(block.path("name").asText(), Json.text(block.path("input")));
                case "tool_result" -> blocks(block.path("content"));
                default -> text(block.path("text").asText());
            }
        }
    }
}
