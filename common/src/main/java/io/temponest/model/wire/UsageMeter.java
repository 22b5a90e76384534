package io.temponest.model.wire;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.json.Json;
import io.temponest.model.wire.answer.Tokens;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/**
 * Reads what an answer used while it passes. A frame is scanned once; only an object of usage is parsed, so that frames of
 * text cost no more than their characters. What cannot be read counts as not sent. Not for several threads.
 */
public final class UsageMeter {

    private static final Set<String> SPOKEN = Set.of(
            "content", "text", "refusal", "arguments", "partial_json", "reasoning_content", "reasoning", "thinking");

    private final Form provider;
    private Optional<Tokens> tokens = Optional.empty();
    private Optional<String> finishReason = Optional.empty();
    private long outputCharacters;

    public UsageMeter(Form provider) {
        this.provider = provider;
    }

    /** Reads a whole answer. */
    public void whole(byte[] body) {
        event(new String(body, StandardCharsets.UTF_8));
    }

    /** Reads the data of a stream's event, or a line of one of Ollama's. */
    public void event(String data) {
        boolean[] done = {provider != Form.OLLAMA_CHAT};
        JsonScan.fields(data, (name, depth, from, to) -> {
            if (to > from) {
                text(data, name, depth, from, to);
            } else if (name.equals("usage") && depth <= 2 && data.charAt(from) == '{') {
                usage(data.substring(from, JsonScan.endOfObject(data, from)));
            } else if (name.equals("done") && depth == 1 && data.charAt(from) == 't') {
                done[0] = true;
            }
        });
        if (provider == Form.OLLAMA_CHAT && done[0]) {
            parse(data).filter(JsonNode::isObject).ifPresent(line -> tokens = Optional.of(Tokens.ofOllama(line)));
        }
    }

    private void text(String data, String name, int depth, int from, int to) {
        if (name.equals(reasonName()) && depth <= 3) {
            finishReason = Optional.of(data.substring(from + 1, to - 1));
        } else if (provider == Form.OPENAI_RESPONSES ? name.equals("delta") : SPOKEN.contains(name)) {
            outputCharacters += JsonScan.characters(data, from, to);
        }
    }

    private String reasonName() {
        return switch (provider) {
            case OPENAI_CHAT -> "finish_reason";
            case ANTHROPIC_MESSAGES -> "stop_reason";
            case OLLAMA_CHAT -> "done_reason";
            case OPENAI_RESPONSES -> "reason";
        };
    }

    private void usage(String json) {
        parse(json)
                .ifPresent(usage -> tokens = switch (provider) {
                    case OPENAI_CHAT -> Optional.of(Tokens.ofChat(usage));
                    case OPENAI_RESPONSES -> Optional.of(Tokens.ofResponses(usage));
                    case ANTHROPIC_MESSAGES ->
                        Optional.of(tokens.orElse(Tokens.NONE).andAnthropic(usage));
                    case OLLAMA_CHAT -> tokens;
                });
    }

    private static Optional<JsonNode> parse(String json) {
        try {
            return Optional.of(Json.tree(json));
        } catch (UncheckedIOException e) {
            return Optional.empty();
        }
    }

    /** What the provider said that it used, so far. */
    public Optional<Tokens> tokens() {
        return tokens;
    }

    /** Why the answer ended, in the provider's word. */
    public Optional<String> finishReason() {
        return finishReason;
    }

    /** The characters (UTF-16) of text, reasoning and arguments that passed: what an estimate goes by without numbers. */
    public long outputCharacters() {
        return outputCharacters;
    }
}
