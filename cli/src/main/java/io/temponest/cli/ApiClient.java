package io.temponest.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.config.Secret;
import io.temponest.json.Json;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Calls a running server's API. Every failure is a {@link CommandFailure} in words for a person. Blocks its thread. */
final class ApiClient implements AutoCloseable {

    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(60);

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(CONNECT_LIMIT).build();
    private final String url;
    private final Secret apiKey;

    /** @param url without {@code /v1} */
    ApiClient(String url, Secret apiKey) {
        this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        this.apiKey = apiKey;
    }

    JsonNode get(String path) {
        return json(request(path).GET());
    }

    JsonNode post(String path, Map<String, ?> body) {
        return json(request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(Json.bytes(body))));
    }

    /** Sends a file as the field {@code file} of a form (RFC 7578). */
    JsonNode upload(String path, Path file) {
        String boundary = "temponest-" + UUID.randomUUID();
        // The HTML standard's way to escape what would end the name.
        String filename = String.valueOf(file.getFileName())
                .replace("\"", "%22")
                .replace("\r", "%0D")
                .replace("\n", "%0A");
        String head =
                "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\nContent-Type: application/octet-stream\r\n\r\n"
                        .formatted(boundary, filename);
        try {
            return json(request(path)
                    .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                    .POST(BodyPublishers.concat(
                            BodyPublishers.ofString(head),
                            BodyPublishers.ofFile(file),
                            BodyPublishers.ofString("\r\n--" + boundary + "--\r\n"))));
        } catch (FileNotFoundException e) {
            throw new CommandFailure("cannot read the file " + file, e);
        }
    }

    /**
     * Reads a stream of server-sent events.
     *
     * @param lastSeen the last event's id that was seen; empty: from the start
     * @param more told of each event; false ends the reading
     * @return whether {@code more} ended it, and not the server
     */
    boolean events(String path, String lastSeen, Predicate<SseEvents.Event> more) {
        HttpRequest.Builder request = request(path).header("Accept", "text/event-stream");
        if (!lastSeen.isEmpty()) {
            request.header("Last-Event-ID", lastSeen);
        }
        HttpResponse<Stream<String>> response = send(request.GET().build(), BodyHandlers.ofLines());
        try (Stream<String> lines = response.body()) {
            if (response.statusCode() != 200) {
                throw refused(response.statusCode(), String.join("\n", lines.toList()));
            }
            SseEvents events = new SseEvents();
            return lines.flatMap(line -> events.feed(line).stream()).anyMatch(event -> !more.test(event));
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    private HttpRequest.Builder request(String path) {
        try {
            return HttpRequest.newBuilder(URI.create(url + path))
                    .timeout(ANSWER_LIMIT)
                    .header("Authorization", "Bearer " + apiKey.reveal());
        } catch (IllegalArgumentException e) {
            throw new CommandFailure("'%s' is not the URL of a server".formatted(url), e);
        }
    }

    private JsonNode json(HttpRequest.Builder request) {
        HttpResponse<String> response = send(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
        if (response.statusCode() >= 300) {
            throw refused(response.statusCode(), response.body());
        }
        try {
            return Json.tree(response.body());
        } catch (UncheckedIOException e) {
            throw new CommandFailure("%s does not answer like TempoNest".formatted(url), e);
        }
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> body) {
        try {
            return http.send(request, body);
        } catch (ConnectException e) {
            throw new CommandFailure("no server answers at %s; start it with './temponest up'".formatted(url), e);
        } catch (IOException e) {
            throw new CommandFailure("lost the server at %s: %s".formatted(url, e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted", e);
        }
    }

    private CommandFailure refused(int status, String body) {
        JsonNode error;
        try {
            error = Json.tree(body).path("error");
        } catch (UncheckedIOException e) {
            return new CommandFailure("%s answered %d and does not look like TempoNest".formatted(url, status), e);
        }
        String words = "the server answered %d: %s"
                .formatted(status, error.path("message").asText("no reason given"));
        return new CommandFailure(status == 401 ? words + " (is --api-key or admin.json of this server?)" : words);
    }

    @Override
    public void close() {
        http.close();
    }
}
