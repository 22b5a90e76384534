package io.temponest.model;

import io.temponest.config.Secret;
import io.temponest.model.wire.Form;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The APIs that providers speak: their paths, and how they take a key. */
public enum ProviderKind {
    OPENAI("https://api.openai.com/v1"),
    AZURE(""),
    ANTHROPIC("https://api.anthropic.com/v1"),
    OLLAMA("http://127.0.0.1:11434");

    /** The version of Azure's API that has all of what OpenAI's stable API has. */
    private static final String AZURE_VERSION = "2024-10-21";

    /** See Anthropic's documentation on API versions; there has been no other since. */
    private static final String ANTHROPIC_VERSION = "2023-06-01";

    private final String standardUrl;

    ProviderKind(String standardUrl) {
        this.standardUrl = standardUrl;
    }

    /** What a provider of this kind is asked for. */
    public enum Operation {
        CHAT,
        EMBEDDINGS,
        MODELS
    }

    static Optional<ProviderKind> find(String name) {
        return Arrays.stream(values())
                .filter(kind -> kind.toString().equals(name))
                .findFirst();
    }

    static String names() {
        return Arrays.stream(values()).map(ProviderKind::toString).collect(Collectors.joining(", "));
    }

    /** The base URL when none is set; empty where every customer has one of their own. */
    Optional<String> standardUrl() {
        return Optional.of(standardUrl).filter(url -> !url.isEmpty());
    }

    /** The form of its requests and answers. */
    public Form form() {
        return switch (this) {
            case OPENAI, AZURE -> Form.OPENAI_CHAT;
            case ANTHROPIC -> Form.ANTHROPIC_MESSAGES;
            case OLLAMA -> Form.OLLAMA_CHAT;
        };
    }

    /** The path, below the base URL's, of an operation. */
    public String path(Operation operation, String model) {
        return switch (this) {
            case OPENAI ->
                switch (operation) {
                    case CHAT -> "/chat/completions";
                    case EMBEDDINGS -> "/embeddings";
                    case MODELS -> "/models";
                };
            case AZURE ->
                switch (operation) {
                    case CHAT -> deployment(model) + "/chat/completions" + version();
                    case EMBEDDINGS -> deployment(model) + "/embeddings" + version();
                    case MODELS -> "/openai/models" + version();
                };
            case ANTHROPIC ->
                switch (operation) {
                    case CHAT, EMBEDDINGS -> "/messages";
                    case MODELS -> "/models?limit=1000";
                };
            case OLLAMA ->
                switch (operation) {
                    case CHAT -> "/api/chat";
                    case EMBEDDINGS -> "/v1/embeddings";
                    case MODELS -> "/api/tags";
                };
        };
    }

    /** The path at which a provider counts a request's tokens without answering it; empty where it does not. */
    public Optional<String> countPath() {
        return switch (this) {
            case ANTHROPIC -> Optional.of("/messages/count_tokens");
            case OPENAI, AZURE, OLLAMA -> Optional.empty();
        };
    }

    private static String deployment(String model) {
        return "/openai/deployments/" + URLEncoder.encode(model, StandardCharsets.UTF_8);
    }

    private static String version() {
        return "?api-version=" + AZURE_VERSION;
    }

    /** The headers of a request besides its content type. */
    public Map<String, String> headers(Optional<Secret> key) {
        return switch (this) {
            case OPENAI, OLLAMA ->
                key.map(secret -> Map.of("authorization", "Bearer " + secret.reveal()))
                        .orElseGet(Map::of);
            case AZURE -> key.map(secret -> Map.of("api-key", secret.reveal())).orElseGet(Map::of);
            case ANTHROPIC ->
                key.map(secret -> Map.of("anthropic-version", ANTHROPIC_VERSION, "x-api-key", secret.reveal()))
                        .orElseGet(() -> Map.of("anthropic-version", ANTHROPIC_VERSION));
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
