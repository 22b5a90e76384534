package io.temponest.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.temponest.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/** Answers as Vault's key-value store, version 2, does. */
final class VaultFixture implements AutoCloseable {

    static final String TOKEN = "hvs.fixture-token";

    private final HttpServer server;
    private final Map<String, Map<String, Object>> secrets = new ConcurrentHashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile boolean sealed;
    private volatile boolean mute;

    private VaultFixture() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    static VaultFixture start() {
        try {
            return new VaultFixture();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    void put(String path, Map<String, Object> values) {
        secrets.put("/v1/" + path, values);
    }

    void seal() {
        sealed = true;
    }

    void fallSilent() {
        mute = true;
    }

    private void answer(HttpExchange exchange) throws IOException {
        if (mute) {
            try {
                closing.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        Map<String, Object> values = secrets.get(exchange.getRequestURI().getPath());
        if (sealed) {
            send(exchange, 503, Map.of("errors", List.of("Vault is sealed")));
        } else if (!TOKEN.equals(exchange.getRequestHeaders().getFirst("X-Vault-Token"))) {
            send(exchange, 403, Map.of("errors", List.of("permission denied")));
        } else if (values == null) {
            send(exchange, 404, Map.of("errors", List.of()));
        } else {
            Map<String, Object> metadata =
                    Map.of("created_time", "2026-11-24T00:00:00Z", "destroyed", false, "version", 3);
            send(exchange, 200, Map.of("request_id", "r", "data", Map.of("data", values, "metadata", metadata)));
        }
    }

    private static void send(HttpExchange exchange, int status, Object body) throws IOException {
        byte[] bytes = Json.text(body).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
    }
}
