package io.temponest.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
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
import java.util.List;
import java.util.Map;

/** A client of the HTTP API as a user would write one: JSON in, JSON out, nothing of ours inside. */
final class Api {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String BOUNDARY = "----temponest-test-boundary";

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final String url;
    private final String key;

    Api(String url, String key) {
        this.url = url;
        this.key = key;
    }

    /** The same server, asked with another credential. */
    Api as(String otherKey) {
        return new Api(url, otherKey);
    }

    record Answer(int status, JsonNode body, HttpResponse<?> raw) {

        String header(String name) {
            return raw.headers().firstValue(name).orElse("");
        }

        JsonNode error() {
            return body.path("error");
        }
    }

    Answer get(String path) {
        return send("GET", path, BodyPublishers.noBody(), Map.of());
    }

    Answer delete(String path) {
        return send("DELETE", path, BodyPublishers.noBody(), Map.of());
    }

    Answer post(String path, Object body) {
        return post(path, body, Map.of());
    }

    Answer post(String path, Object body, Map<String, String> headers) {
        return send("POST", path, BodyPublishers.ofString(json(body)), withType(headers, "application/json"));
    }

    /** Sends text as it is, for bodies that are not JSON. */
    Answer postRaw(String path, String body, String type) {
        return send("POST", path, BodyPublishers.ofString(body), Map.of("Content-Type", type));
    }

    Answer upload(String path, String filename, byte[] content) {
        byte[] head = ("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + filename
                        + "\"\r\nContent-Type: application/octet-stream\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
        byte[] tail = ("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8);
        return send(
                "POST",
                path,
                BodyPublishers.ofByteArrays(List.of(head, content, tail)),
                Map.of("Content-Type", "multipart/form-data; boundary=" + BOUNDARY));
    }

    private static Map<String, String> withType(Map<String, String> headers, String type) {
        Map<String, String> all = new java.util.HashMap<>(headers);
        all.putIfAbsent("Content-Type", type);
        return all;
    }

    Answer send(String method, String path, BodyPublisher body, Map<String, String> headers) {
        try {
            HttpResponse<String> response =
                    http.send(request(method, path, body, headers), BodyHandlers.ofString(StandardCharsets.UTF_8));
            return new Answer(response.statusCode(), tree(response.body()), response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Opens a stream of server-sent events; the caller closes it. */
    Events stream(String method, String path, String body, Map<String, String> headers) {
        try {
            HttpResponse<InputStream> response = http.send(
                    request(method, path, BodyPublishers.ofString(body), withType(headers, "application/json")),
                    BodyHandlers.ofInputStream());
            return new Events(response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private HttpRequest request(String method, String path, BodyPublisher body, Map<String, String> headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofSeconds(90))
                .method(method, body);
        headers.forEach(request::header);
        if (!key.isEmpty()) {
            request.header("Authorization", "Bearer " + key);
        }
        return request.build();
    }

    static String json(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode tree(String text) {
        try {
            return text.isBlank() ? MAPPER.missingNode() : MAPPER.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException("not JSON: " + text, e);
        }
    }
}
