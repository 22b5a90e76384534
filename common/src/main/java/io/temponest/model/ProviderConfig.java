package io.temponest.model;

import io.temponest.config.Environment;
import io.temponest.config.Secret;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A provider that speaks the OpenAI API.
 *
 * @param name the part of its models' names before the slash
 * @param baseUrl up to and including {@code /v1}
 * @param keys used in turn; none: requests carry no key
 * @param patience how long a call may be silent, before its first token and between tokens
 */
public record ProviderConfig(String name, URI baseUrl, List<Secret> keys, Duration patience) {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    public ProviderConfig {
        keys = List.copyOf(keys);
    }

    /** Reads {@code TEMPONEST_PROVIDER_<NAME>_…}; mistakes are told to the environment. */
    public static List<ProviderConfig> read(Environment environment) {
        return environment.providerNames().stream()
                .flatMap(name -> read(environment, name).stream())
                .toList();
    }

    private static Optional<ProviderConfig> read(Environment environment, String name) {
        String variable = environment.providerVariable(name, "");
        if (name.equals("temponest") || ModelName.find(name + "/x").isEmpty()) {
            environment.problem(variable + "KIND: '" + name + "' cannot be a provider's name");
            return Optional.empty();
        }
        String kind = environment.provider(name, "KIND").orElse("");
        Optional<String> standard = switch (kind) {
            case "openai" -> Optional.of("https://api.openai.com/v1");
            case "ollama" -> Optional.of("http://127.0.0.1:11434/v1");
            default -> {
                environment.problem("%sKIND must be openai or ollama, not '%s'".formatted(variable, kind));
                yield Optional.empty();
            }
        };
        Optional<URI> url = environment
                .provider(name, "BASE_URL")
                .or(() -> standard)
                .flatMap(text -> url(environment, variable + "BASE_URL", text));
        List<Secret> keys = environment.provider(name, "API_KEY").stream()
                .flatMap(text -> Arrays.stream(text.split(",")))
                .map(String::strip)
                .filter(key -> !key.isEmpty())
                .map(Secret::new)
                .toList();
        return url.map(base -> new ProviderConfig(name, base, keys, PATIENCE));
    }

    private static Optional<URI> url(Environment environment, String variable, String text) {
        try {
            URI uri = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return Optional.of(uri);
            }
        } catch (IllegalArgumentException e) {
            // reported below, as any other text that is no URL
        }
        environment.problem("%s must be an http or https URL, not '%s'".formatted(variable, text));
        return Optional.empty();
    }

    boolean tls() {
        return "https".equals(baseUrl.getScheme());
    }

    int port() {
        return baseUrl.getPort() > 0 ? baseUrl.getPort() : tls() ? 443 : 80;
    }
}
