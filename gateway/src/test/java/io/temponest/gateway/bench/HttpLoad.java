package io.temponest.gateway.bench;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A closed loop of HTTP/1.1 on loopback: each connection sends its request again as soon as it has the answer, which must be
 * 200 and have a content length. The cheapest client that still reads every answer.
 */
final class HttpLoad {

    private static final byte[] OK = "HTTP/1.1 200".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END_OF_HEAD = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LENGTH = "content-length: ".getBytes(StandardCharsets.US_ASCII);

    private final Vertx vertx;
    private final NetClient client;
    private final int connections;

    HttpLoad(Vertx vertx, int connections) {
        this.vertx = vertx;
        this.client = vertx.createNetClient(new NetClientOptions().setTcpNoDelay(true));
        this.connections = connections;
    }

    /** @return answers in that time */
    long run(int port, String path, String header, int seconds) {
        Buffer request = Buffer.buffer("GET " + path + " HTTP/1.1\r\nhost: 127.0.0.1\r\n" + header + "\r\n");
        AtomicLong answers = new AtomicLong();
        List<NetSocket> sockets = new ArrayList<>();
        Promise<Void> broken = Promise.promise();
        for (int i = 0; i < connections; i++) {
            NetSocket socket = client.connect(port, "127.0.0.1").await();
            sockets.add(socket);
            new Connection(socket, request, answers, broken).start();
        }
        Future.any(vertx.timer(seconds, TimeUnit.SECONDS).mapEmpty(), broken.future())
                .await();
        long counted = answers.get();
        sockets.forEach(NetSocket::close);
        if (broken.future().failed()) {
            throw new IllegalStateException(broken.future().cause());
        }
        return counted;
    }

    private static final class Connection {

        private final NetSocket socket;
        private final Buffer request;
        private final AtomicLong answers;
        private final Promise<Void> broken;
        private Buffer pending = Buffer.buffer();

        Connection(NetSocket socket, Buffer request, AtomicLong answers, Promise<Void> broken) {
            this.socket = socket;
            this.request = request;
            this.answers = answers;
            this.broken = broken;
        }

        void start() {
            socket.handler(this::received);
            socket.write(request);
        }

        private void received(Buffer bytes) {
            Buffer all = pending.length() == 0 ? bytes : pending.appendBuffer(bytes);
            byte[] answer = all.getBytes();
            int head = find(answer, END_OF_HEAD, 0);
            int length = head < 0 ? -1 : length(answer, head);
            if (head < 0 || answer.length < head + END_OF_HEAD.length + length) {
                pending = all;
                return;
            }
            if (find(answer, OK, 0) != 0 || length < 0) {
                broken.tryFail(new String(answer, StandardCharsets.ISO_8859_1));
                return;
            }
            pending = Buffer.buffer();
            answers.incrementAndGet();
            socket.write(request);
        }

        private static int length(byte[] answer, int head) {
            int at = find(answer, LENGTH, 0);
            if (at < 0 || at > head) {
                return -1;
            }
            int value = 0;
            for (int i = at + LENGTH.length; answer[i] != '\r'; i++) {
                value = value * 10 + answer[i] - '0';
            }
            return value;
        }

        private static int find(byte[] text, byte[] wanted, int from) {
            outer:
            for (int i = from; i <= text.length - wanted.length; i++) {
                for (int j = 0; j < wanted.length; j++) {
                    if (text[i + j] != wanted[j]) {
                        continue outer;
                    }
                }
                return i;
            }
            return -1;
        }
    }
}
