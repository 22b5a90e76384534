package io.temponest.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Talks to a server as a client with one token does, and takes whatever it answers, as long as the server's own description
 * allows it.
 */
final class ApiCaller implements AutoCloseable {

    /** As long as a request may ask for. */
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI url;
    private final String token;
    private final Contract contract;

    /** @param token an API key, an access token, or nothing */
    ApiCaller(URI url, String token) {
        this.url = url;
        this.token = token;
        this.contract = Contract.of(url);
    }

    String token() {
        return token;
    }

    /** The same server with other credentials. */
    ApiCaller as(String other) {
        return new ApiCaller(url, other);
    }

    /** An answer; a body that is not JSON is a missing node. */
    record Answer(int status, Map<String, java.util.List<String>> headers, String text) {

        JsonNode json() {
            try {
                return Json.tree(text);
            } catch (UncheckedIOException e) {
                return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
            }
        }

        /** A header's first line; nothing where it is absent. */
        String header(String name) {
            return headers.getOrDefault(name, java.util.List.of("")).getFirst();
        }

        String error(String field) {
            return json().path("error").path(field).asText("");
        }
    }

    Answer get(String path) {
        return send("GET", path, BodyPublishers.noBody(), Map.of());
    }

    Answer delete(String path) {
        return send("DELETE", path, BodyPublishers.noBody(), Map.of());
    }

    Answer post(String path, Object body) {
        return post(path, Json.text(body));
    }

    Answer post(String path, String body) {
        return send("POST", path, BodyPublishers.ofString(body), Map.of("Content-Type", "application/json"));
    }

    Answer upload(String path, String filename, byte[] content) {
        String head =
                "--frontier\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\nContent-Type: application/octet-stream\r\n\r\n"
                        .formatted(filename);
        return send(
                "POST",
                path,
                BodyPublishers.concat(
                        BodyPublishers.ofString(head, StandardCharsets.UTF_8),
                        BodyPublishers.ofByteArray(content),
                        BodyPublishers.ofString("\r\n--frontier--\r\n")),
                Map.of("Content-Type", "multipart/form-data; boundary=frontier"));
    }

    Answer send(String method, String path, BodyPublisher body, Map<String, String> headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(url.resolve(path)).timeout(LIMIT).method(method, body);
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        headers.forEach(request::header);
        try {
            HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
            Answer answer = new Answer(response.statusCode(), response.headers().map(), response.body());
            contract.check(method, request.build().uri().getPath(), answer);
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Opens a run's event stream. */
    Events events(String run, Optional<String> lastEventId) {
        HttpRequest.Builder request = HttpRequest.newBuilder(url.resolve("/v1/runs/" + run + "/events"))
                .timeout(LIMIT)
                .header("Authorization", "Bearer " + token)
                .header("Accept", "text/event-stream");
        lastEventId.ifPresent(id -> request.header("Last-Event-ID", id));
        try {
            HttpResponse<Stream<String>> response = http.send(request.build(), BodyHandlers.ofLines());
            if (response.statusCode() != 200) {
                throw new AssertionError(
                        response.statusCode() + " " + response.body().toList());
            }
            return new Events(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Waits, at the server, for a run's end. */
    JsonNode ended(String run) {
        JsonNode seen = get("/v1/runs/" + run + "?wait=25").json();
        if (!seen.has("finished_at")) {
            throw new AssertionError("run did not end: " + seen);
        }
        return seen;
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    /** A stream of events, read as they come. */
    static final class Events implements AutoCloseable {

        private final Stream<String> stream;
        private final Iterator<String> lines;
        private final SseEvents parser = new SseEvents();
        private final Deque<SseEvents.Event> seen = new ArrayDeque<>();

        private Events(Stream<String> stream) {
            this.stream = stream;
            this.lines = stream.iterator();
        }

        /** The next event; empty at the stream's end. A stream that is lost fails. */
        Optional<SseEvents.Event> next() {
            while (lines.hasNext()) {
                Optional<SseEvents.Event> event = parser.feed(lines.next());
                if (event.isPresent()) {
                    seen.add(event.get());
                    return event;
                }
            }
            return Optional.empty();
        }

        /** The next event of a type; those between are passed over. */
        JsonNode next(String type) {
            for (Optional<SseEvents.Event> event = next(); event.isPresent(); event = next()) {
                if (event.get().type().equals(type)) {
                    return Json.tree(event.get().data());
                }
            }
            throw new AssertionError("the stream ended before an event of type " + type + ": " + seen);
        }

        @Override
        public void close() {
            stream.close();
        }
    }
}
