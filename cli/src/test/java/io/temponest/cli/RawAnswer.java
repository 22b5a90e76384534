package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.json.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/** What came back over a socket, as it came. */
record RawAnswer(int status, String head, String body) {

    private static final int PATIENCE_MS = 20_000;
    private static final Pattern START = Pattern.compile("(?m)^HTTP/1\\.[01] \\d{3}");

    /** Sends bytes and reads until the server closes. Fails unless exactly one answer came. */
    static RawAnswer only(URI server, String request) throws IOException {
        return of(exchange(server, request.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** Reads all that came over a connection. Fails unless it is exactly one answer. */
    static RawAnswer of(String text) {
        assertThat(START.matcher(text).results().count()).as(text).isEqualTo(1);
        int end = text.indexOf("\r\n\r\n");
        return new RawAnswer(
                Integer.parseInt(text.substring(9, 12)), text.substring(0, end + 2), text.substring(end + 4));
    }

    static String exchange(URI server, byte[] request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.getPort())) {
            socket.setSoTimeout(PATIENCE_MS);
            socket.getOutputStream().write(request);
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** A field of the error that the body is; empty where it is null. */
    String error(String field) {
        return Json.tree(body).path("error").path(field).asText("");
    }

    /** The first header of a name; empty where there is none. */
    String header(String name) {
        return head.lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElse("");
    }
}
