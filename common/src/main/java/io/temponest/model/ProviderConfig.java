package io.temponest.model;

import io.temponest.config.Environment;
import io.temponest.config.Secret;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A provider of models.
 *
 * @param name the part of its models' names before the slash
 * @param kind the API that it speaks
 * @param baseUrl what stands before the kind's paths
 * @param keys used in turn; none: requests carry no key
 * @param patience how long a call may be silent, before its first token and between tokens
 * @param newLimitName whether it knows the limit of output by the name {@code max_completion_tokens}
 * @param free whether its models cost nothing unless they have a price
 */
public record ProviderConfig(
        String name,
        ProviderKind kind,
        URI baseUrl,
        List<Secret> keys,
        Duration patience,
        boolean newLimitName,
        boolean free) {

    private static final String OLD_LIMIT = "max_tokens";
    private static final String NEW_LIMIT = "max_completion_tokens";

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
        String given = environment.provider(name, "KIND").orElse("");
        Optional<ProviderKind> kind = ProviderKind.find(given);
        if (kind.isEmpty()) {
            environment.problem("%sKIND must be one of %s, not '%s'".formatted(variable, ProviderKind.names(), given));
            return Optional.empty();
        }
        Optional<String> base = environment.provider(name, "BASE_URL").or(kind.get()::standardUrl);
        if (base.isEmpty()) {
            environment.problem(
                    "%sBASE_URL is missing: %s has no address that all share".formatted(variable, kind.get()));
        }
        Optional<URI> url = base.flatMap(text -> url(environment, variable + "BASE_URL", text));
        List<Secret> keys = environment.provider(name, "API_KEY").stream()
                .flatMap(text -> Arrays.stream(text.split(",")))
                .map(String::strip)
                .filter(key -> !key.isEmpty())
                .map(Secret::new)
                .toList();
        return url.map(address -> new ProviderConfig(
                name,
                spoken(kind.get(), address),
                address,
                keys,
                PATIENCE,
                newLimitName(environment, name).orElseGet(() -> newest(kind.get(), address)),
                kind.get() == ProviderKind.OLLAMA));
    }

    private static Optional<Boolean> newLimitName(Environment environment, String name) {
        Optional<String> given = environment.provider(name, "OUTPUT_LIMIT");
        if (given.isPresent() && !OLD_LIMIT.equals(given.get()) && !NEW_LIMIT.equals(given.get())) {
            environment.problem("%s must be %s or %s, not '%s'"
                    .formatted(environment.providerVariable(name, "OUTPUT_LIMIT"), OLD_LIMIT, NEW_LIMIT, given.get()));
        }
        return given.map(NEW_LIMIT::equals);
    }

    /** Ollama speaks OpenAI's API as well, below {@code /v1}. */
    private static ProviderKind spoken(ProviderKind kind, URI address) {
        return kind == ProviderKind.OLLAMA && address.getPath().endsWith("/v1") ? ProviderKind.OPENAI : kind;
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

    /** Whether it has all of OpenAI's API; servers of others that speak it may not know what is new there. */
    private static boolean newest(ProviderKind kind, URI address) {
        return kind == ProviderKind.AZURE
                || "api.openai.com".equals(address.getHost())
                || address.getHost().endsWith(".api.openai.com");
    }

    public boolean tls() {
        return "https".equals(baseUrl.getScheme());
    }

    public int port() {
        return baseUrl.getPort() > 0 ? baseUrl.getPort() : tls() ? 443 : 80;
    }
}
