package io.temponest.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A tenant's server for webhooks, which verifies them as docs/WEBHOOKS.md says, with none of the program's code. */
final class HookReceiver implements AutoCloseable {

    private final HttpServer server;
    private final BlockingQueue<Got> got = new LinkedBlockingQueue<>();
    private volatile int status = 204;
    private volatile CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);

    /** What came in. */
    record Got(String path, String id, long timestamp, List<String> signatures, String body) {

        boolean signedBy(String secret) {
            byte[] key = Base64.getDecoder().decode(secret.substring("whsec_".length()));
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(key, "HmacSHA256"));
                byte[] wanted = mac.doFinal((id + "." + timestamp + "." + body).getBytes(StandardCharsets.UTF_8));
                return signatures.contains("v1," + Base64.getEncoder().encodeToString(wanted));
            } catch (GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        }
    }

    private HookReceiver(HttpServer server) {
        this.server = server;
    }

    static HookReceiver listen() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            HookReceiver receiver = new HookReceiver(server);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/", receiver::take);
            server.start();
            return receiver;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of a server that may be reached here, without TLS. */
    static Map<String, String> settings() {
        return Map.of("TEMPONEST_EGRESS_ALLOW", "127.0.0.1", "TEMPONEST_EGRESS_HTTP", "on");
    }

    String url(String path) {
        return "http://127.0.0.1:%d%s".formatted(server.getAddress().getPort(), path);
    }

    private void take(HttpExchange exchange) throws IOException {
        var headers = exchange.getRequestHeaders();
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        got.add(new Got(
                exchange.getRequestURI().getPath(),
                headers.getFirst("webhook-id"),
                Long.parseLong(headers.getFirst("webhook-timestamp")),
                Arrays.asList(headers.getFirst("webhook-signature").split(" ")),
                body));
        gate.join();
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }

    void willAnswer(int next) {
        status = next;
    }

    /** Answers nobody until {@link #letGo}. */
    void willHold() {
        gate = new CompletableFuture<>();
    }

    void letGo() {
        gate.complete(null);
    }

    /** The next one, in order of coming. */
    Got next() {
        try {
            Got next = got.poll(30, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("nothing came");
            }
            return next;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    int unseen() {
        return got.size();
    }

    @Override
    public void close() {
        letGo();
        server.stop(0);
    }
}
