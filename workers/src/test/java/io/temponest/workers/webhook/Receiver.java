package io.temponest.workers.webhook;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.awaitility.Awaitility;

/** A server of a tenant's, which notes what it is sent and answers as a test says. */
final class Receiver implements AutoCloseable {

    private final HttpServer server;
    private final List<Got> got = new CopyOnWriteArrayList<>();
    private final List<HttpServerResponse> held = new CopyOnWriteArrayList<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger mostOpen = new AtomicInteger();
    private volatile Consumer<HttpServerResponse> answer =
            response -> response.setStatusCode(204).end();

    /** What came in. */
    record Got(String id, String timestamp, List<String> signatures, String contentType, String body) {}

    private Receiver(Vertx vertx) {
        this.server = vertx.createHttpServer()
                .requestHandler(this::take)
                .listen(0, "127.0.0.1")
                .await();
    }

    static Receiver listen(Vertx vertx) {
        return new Receiver(vertx);
    }

    String url() {
        return "http://127.0.0.1:%d/hooks".formatted(server.actualPort());
    }

    private void take(HttpServerRequest request) {
        mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
        request.response().endHandler(ended -> open.decrementAndGet());
        request.body().onSuccess(body -> {
            got.add(new Got(
                    request.getHeader("webhook-id"),
                    request.getHeader("webhook-timestamp"),
                    List.of(request.getHeader("webhook-signature").split(" ")),
                    request.getHeader("content-type"),
                    body.toString()));
            answer.accept(request.response());
        });
    }

    void willAnswer(Consumer<HttpServerResponse> next) {
        answer = next;
    }

    void willAnswer(int status) {
        answer = response -> response.setStatusCode(status).end("said " + status);
    }

    /** Answers nobody until told. */
    void willHold() {
        answer = held::add;
    }

    int held() {
        return held.size();
    }

    /** Answers those who wait, and from now on whoever comes. */
    void letGo() {
        answer = response -> response.setStatusCode(204).end();
        held.forEach(answer);
        held.clear();
    }

    int mostOpen() {
        return mostOpen.get();
    }

    List<Got> got() {
        return List.copyOf(got);
    }

    Got awaitGot(int number) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> got.size() >= number);
        return got.get(number - 1);
    }

    @Override
    public void close() {
        server.close().await();
    }
}
