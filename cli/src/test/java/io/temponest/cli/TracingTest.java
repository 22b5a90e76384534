package io.temponest.cli;

import static java.net.http.HttpRequest.BodyPublishers.ofString;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.temponest.testing.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an OpenTelemetry collector is sent. */
class TracingTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    @TempDir
    private Path folder;

    /** A span of HTTP, of the bus at both ends and of SQL belong to the trace that the client began. */
    @Test
    void aRequestIsOneTraceFromHttpOverTheBusToSql() throws IOException {
        List<String> received = new CopyOnWriteArrayList<>();
        HttpServer collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/v1/traces", exchange -> {
            // Byte for character: spans are Protocol Buffers, whose ids are bytes and whose names are text.
            received.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        collector.start();
        try {
            Map<String, String> settings = new HashMap<>(TestServer.databaseSettings(TestDatabase.create()));
            settings.put(
                    "TEMPONEST_OTLP_ENDPOINT",
                    "http://127.0.0.1:" + collector.getAddress().getPort());
            settings.put("TEMPONEST_TRACE_SHARE", "1");
            try (TempoNestProcess process = TempoNestProcess.start(folder, settings, "up");
                    ApiCaller api = TestServer.admin(process, folder)) {
                assertThat(api.send(
                                        "POST",
                                        "/v1/tokens/count",
                                        ofString("{\"model\":\"gpt-4o\",\"text\":\"confidential words\"}"),
                                        Map.of(
                                                "Content-Type",
                                                "application/json",
                                                "traceparent",
                                                "00-" + TRACE + "-00f067aa0ba902b7-01"))
                                .status())
                        .isEqualTo(200);
                assertThat(process.stop()).as(process.log()).isZero();
            }
        } finally {
            collector.stop(0);
        }
        String id = new String(HexFormat.of().parseHex(TRACE), StandardCharsets.ISO_8859_1);
        String all = String.join("", received);
        assertThat(all.split(id, -1)).as("spans of the client's trace").hasSizeGreaterThan(3);
        assertThat(all).contains("token.count", "api_key_by_prefix").doesNotContain("confidential words");
    }
}
