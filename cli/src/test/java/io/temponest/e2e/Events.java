package io.temponest.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** A stream of server-sent events, read line by line as it comes. */
final class Events implements AutoCloseable {

    private final HttpResponse<InputStream> response;
    private final BufferedReader lines;

    Events(HttpResponse<InputStream> response) {
        this.response = response;
        this.lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
    }

    record Event(String id, String type, JsonNode data) {}

    int status() {
        return response.statusCode();
    }

    String contentType() {
        return response.headers().firstValue("content-type").orElse("");
    }

    /** The next event; empty at the end of the stream. */
    Optional<Event> next() throws IOException {
        String id = "";
        String type = "message";
        StringBuilder data = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.isEmpty() && !data.isEmpty()) {
                return Optional.of(new Event(id, type, Api.tree(data.toString())));
            } else if (line.startsWith("id:")) {
                id = line.substring(3).strip();
            } else if (line.startsWith("event:")) {
                type = line.substring(6).strip();
            } else if (line.startsWith("data:")) {
                data.append(line.substring(5).strip());
            }
        }
        return Optional.empty();
    }

    /** Reads up to and including the first event that fits; fails when the stream ends before. */
    List<Event> until(Predicate<Event> wanted) throws IOException {
        List<Event> seen = new ArrayList<>();
        for (Optional<Event> event = next(); event.isPresent(); event = next()) {
            seen.add(event.get());
            if (wanted.test(event.get())) {
                return seen;
            }
        }
        throw new AssertionError("the stream ended after " + seen);
    }

    /** Reads to the end of the stream. */
    List<Event> rest() throws IOException {
        List<Event> seen = new ArrayList<>();
        for (Optional<Event> event = next(); event.isPresent(); event = next()) {
            seen.add(event.get());
        }
        return seen;
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
