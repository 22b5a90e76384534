package io.temponest.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bodies in pieces, over a real socket. */
class BodyStreamTest {

    private static final int PIECE = 64 << 10;
    private static final int PIECES = 1_000;

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = vertx.createHttpClient();

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    private HttpServer serving(Consumer<BodyStream> source) {
        return vertx.createHttpServer()
                .requestHandler(request -> {
                    request.response().setChunked(true).writeHead();
                    source.accept(new BodyStream(vertx, request.response(), () -> {}));
                })
                .listen(0, "127.0.0.1")
                .await();
    }

    private HttpClientResponse answer(HttpServer server) {
        return client.request(HttpMethod.GET, server.actualPort(), "127.0.0.1", "/")
                .compose(request -> request.send())
                .map(response -> {
                    response.pause();
                    return response;
                })
                .await();
    }

    private static void send(BodyStream body, int left, AtomicLong sent) {
        if (left == 0) {
            body.end();
            return;
        }
        sent.addAndGet(PIECE);
        body.write(Buffer.buffer(new byte[PIECE])).onComplete(room -> send(body, left - 1, sent));
    }

    @Test
    void whatAReaderDoesNotTakeIsNotMade() throws Exception {
        AtomicLong sent = new AtomicLong();
        HttpServer server = serving(body -> send(body, PIECES, sent));
        HttpClientResponse response = answer(server);

        // The sockets' own buffers take some megabytes; then nothing more is asked of the source.
        AtomicLong before = new AtomicLong(-1);
        await().pollInterval(Duration.ofMillis(200)).until(() -> before.getAndSet(sent.get()) == sent.get());
        assertThat(sent.get()).isLessThan((long) PIECE * PIECES / 2);

        AtomicLong got = new AtomicLong();
        CompletableFuture<Void> all = new CompletableFuture<>();
        response.handler(piece -> got.addAndGet(piece.length()))
                .endHandler(all::complete)
                .resume();
        all.get(30, TimeUnit.SECONDS);
        assertThat(got.get()).isEqualTo((long) PIECE * PIECES);
    }

    @Test
    void aBodyThatIsBrokenOffIsNotTakenForTheWhole() {
        HttpServer server = serving(body -> body.write(Buffer.buffer("half")).onComplete(room -> body.abort()));

        Future<Buffer> body = answer(server).body();

        assertThat(body.transform(ended -> Future.succeededFuture(ended.failed()))
                        .await())
                .isTrue();
    }

    @Test
    void aReaderWhoGoesAwayFreesTheSource() throws Exception {
        CompletableFuture<Void> over = new CompletableFuture<>();
        HttpServer server = serving(body -> {
            body.onClose(() -> over.complete(null));
            send(body, PIECES, new AtomicLong());
        });

        answer(server).request().reset();

        over.get(10, TimeUnit.SECONDS);
    }
}
