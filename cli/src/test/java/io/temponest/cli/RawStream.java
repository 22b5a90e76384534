package io.temponest.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A stream of a model's answer, frame by frame as it comes over the wire; comments are left out. */
final class RawStream implements AutoCloseable {

    private final HttpClient http;
    private final HttpResponse<InputStream> response;
    private final BufferedReader lines;

    private RawStream(HttpClient http, HttpResponse<InputStream> response) {
        this.http = http;
        this.response = response;
        this.lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
    }

    /**
     * One frame.
     *
     * @param event its name, empty where it has none
     * @param rest lines that are neither its name nor its data
     */
    record Frame(String event, String data, List<String> rest) {

        static Frame data(String data) {
            return new Frame("", data, List.of());
        }
    }

    static RawStream post(URI url, String token, String body) {
        return post(HttpClient.newHttpClient(), url, token, body, Map.of());
    }

    static RawStream post(URI url, String token, String body, Map<String, String> headers) {
        return post(HttpClient.newHttpClient(), url, token, body, headers);
    }

    static RawStream post(HttpClient http, URI url, String token, String body) {
        return post(http, url, token, body, Map.of());
    }

    /** @param http closed with the stream */
    private static RawStream post(HttpClient http, URI url, String token, String body, Map<String, String> headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(url)
                .timeout(Duration.ofSeconds(40))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body));
        headers.forEach(request::header);
        try {
            return new RawStream(http, http.send(request.build(), BodyHandlers.ofInputStream()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    HttpClient.Version version() {
        return response.version();
    }

    int status() {
        return response.statusCode();
    }

    String header(String name) {
        return response.headers().firstValue(name).orElse("");
    }

    /** The next frame; empty at the stream's end. */
    Optional<Frame> next() {
        String event = "";
        StringBuilder data = new StringBuilder();
        List<String> rest = new ArrayList<>();
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.isEmpty() && !data.isEmpty()) {
                    return Optional.of(new Frame(event, data.toString(), rest));
                } else if (line.startsWith("event: ")) {
                    event = line.substring("event: ".length());
                } else if (line.startsWith("data: ")) {
                    data.append(line.substring("data: ".length()));
                } else if (!line.isEmpty() && !line.startsWith(":")) {
                    rest.add(line);
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Frame> rest() {
        List<Frame> frames = new ArrayList<>();
        for (Optional<Frame> frame = next(); frame.isPresent(); frame = next()) {
            frames.add(frame.get());
        }
        return frames;
    }

    /** The frames until the connection breaks. A stream that ends cleanly, as whole ones do, is a failure of the test. */
    List<Frame> untilBroken() {
        List<Frame> frames = new ArrayList<>();
        try {
            for (Optional<Frame> frame = next(); frame.isPresent(); frame = next()) {
                frames.add(frame.get());
            }
        } catch (UncheckedIOException broken) {
            return frames;
        }
        throw new AssertionError("the stream ended as if it were whole: " + frames);
    }

    /** Closes the connection. */
    @Override
    public void close() {
        try {
            response.body().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        http.shutdownNow();
    }
}
