package io.temponest.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.config.ConfigException;
import io.temponest.config.Environment;
import io.temponest.config.Secret;
import io.temponest.config.Setting;
import io.temponest.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Settings that are a secret in Vault's key-value store, version 2. They are read once, at the start, which blocks for it. Its
 * failures are {@link ConfigException}s that say what is wrong and hold neither the token nor anything that Vault answered.
 *
 * @param path below {@code /v1/}, with {@code data} in it, such as {@code secret/data/temponest}
 * @param patience for the whole answer
 */
record Vault(URI address, Secret token, String path, Duration patience) {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int LARGEST = 1 << 20;
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    /** The one that is named, if one is; {@link ConfigException} where it cannot be used. */
    static Optional<Vault> named(Environment settings) {
        Optional<String> address = settings.optional(Setting.VAULT_ADDR);
        if (address.isEmpty()) {
            return Optional.empty();
        }
        Secret token = settings.secret(Setting.VAULT_TOKEN)
                .orElseThrow(() -> wrong("%s is set and %s is not"
                        .formatted(Setting.VAULT_ADDR.variable(), Setting.VAULT_TOKEN.variable())));
        if (!token.reveal().matches("[!-~]+")) {
            throw wrong(Setting.VAULT_TOKEN.variable() + " holds characters that no token has");
        }
        String path = settings.text(Setting.VAULT_PATH);
        if (!path.matches("[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*") || path.contains("..")) {
            throw wrong(Setting.VAULT_PATH.variable() + " must be a path such as " + Setting.VAULT_PATH.standard());
        }
        return Optional.of(new Vault(url(address.get()), token, path, PATIENCE));
    }

    private static URI url(String text) {
        URI url;
        try {
            url = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
        } catch (IllegalArgumentException e) {
            throw wrong(Setting.VAULT_ADDR.variable() + " is not a URL");
        }
        boolean here = url.getHost() != null && LOOPBACK.contains(url.getHost());
        if (url.getHost() == null
                || url.getRawUserInfo() != null
                || !("https".equals(url.getScheme()) || (here && "http".equals(url.getScheme())))) {
            throw wrong(
                    Setting.VAULT_ADDR.variable()
                            + " must be an https URL without credentials; http only on this machine: the token would be read on the way");
        }
        return url;
    }

    /** What Vault holds, by the names that it has there. */
    Map<String, String> secrets() {
        HttpResponse<byte[]> answer = ask();
        return switch (answer.statusCode()) {
            case 200 -> values(answer.body());
            case 400 -> throw failed("does not understand the request for '%s'".formatted(path));
            case 401, 403 -> throw failed("does not let this token read '%s' (403)".formatted(path));
            case 404 ->
                throw failed("has nothing at '%s' (404); the path of a version 2 store has 'data' after the mount"
                        .formatted(path));
            case 501 -> throw failed("is not initialised (501)");
            case 503 -> throw failed("is sealed or in maintenance (503)");
            default -> throw failed("answered %d".formatted(answer.statusCode()));
        };
    }

    private HttpResponse<byte[]> ask() {
        // Redirects are not followed: the token is for this server alone.
        try (HttpClient http = HttpClient.newBuilder()
                .connectTimeout(patience)
                .followRedirects(HttpClient.Redirect.NEVER)
                .version(HttpClient.Version.HTTP_1_1)
                .build()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(address + "/v1/" + path))
                    .header("X-Vault-Token", token.reveal())
                    .header("X-Vault-Request", "true")
                    .timeout(patience)
                    .build();
            CompletableFuture<HttpResponse<byte[]>> answer =
                    http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), LARGEST));
            try {
                return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                throw failed("did not answer within %d s".formatted(patience.toSeconds()));
            } catch (ExecutionException e) {
                throw failed(
                        e.getCause() instanceof IOException away
                                ? "cannot be reached (%s)"
                                        .formatted(away.getClass().getSimpleName())
                                : "cannot be asked");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw failed("was not waited for");
            } finally {
                answer.cancel(true);
                http.shutdownNow();
            }
        }
    }

    private Map<String, String> values(byte[] body) {
        JsonNode data;
        try {
            data = Json.tree(new String(body, StandardCharsets.UTF_8)).at("/data/data");
        } catch (UncheckedIOException | IllegalArgumentException e) {
            throw failed("answered something that is not JSON");
        }
        if (!data.isObject()) {
            throw failed("has no version of a secret at '%s' that is there".formatted(path));
        }
        Map<String, String> values = new HashMap<>();
        data.properties().forEach(entry -> {
            if (!entry.getValue().isValueNode() || entry.getValue().isNull()) {
                throw failed("holds '%s' at '%s', which is neither text nor a number".formatted(entry.getKey(), path));
            }
            if (Settings.variable(entry.getKey()).startsWith("TEMPONEST_VAULT_")) {
                throw failed("holds '%s' at '%s', which says where Vault is and cannot come from it"
                        .formatted(entry.getKey(), path));
            }
            values.put(entry.getKey(), entry.getValue().asText());
        });
        return values;
    }

    private ConfigException failed(String what) {
        return wrong("Vault at %s %s".formatted(address, what));
    }

    private static ConfigException wrong(String problem) {
        return new ConfigException(List.of(problem));
    }
}
