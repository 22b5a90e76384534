package io.temponest.cli;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.PoolOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * What {@link OverheadBenchmark} has beside the product, each in a process of its own that says its port and ends with its
 * input: a model server that costs next to nothing, and a proxy that does nothing but pass on.
 */
final class MockModels {

    static final int FRAMES = 100;
    private static final int FRAME_MS = 10;
    private static final int SLOW_MS = 20;
    private static final Buffer ANSWER = Buffer.buffer(
            "{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"parrot\",\"choices\":[{\"index\":0,"
                    + "\"message\":{\"role\":\"assistant\",\"content\":\"The lamp turns once every twelve seconds.\"},"
                    + "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":19,\"completion_tokens\":9,\"total_tokens\":28}}");
    private static final Buffer LAST = Buffer.buffer(
            "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
                    + "data: {\"id\":\"c1\",\"choices\":[],\"usage\":{\"prompt_tokens\":19,\"completion_tokens\":100}}\n\n"
                    + "data: [DONE]\n\n");

    private MockModels() {}

    /** @param arguments {@code models} and its port, -1 for a free one; or {@code proxy} and the port that it passes on to */
    public static void main(String[] arguments) throws IOException {
        Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(false));
        int given = Integer.parseInt(arguments[1]);
        int port = arguments[0].equals("models")
                ? listen(vertx, given, here -> request -> answer(here, request))
                : listen(vertx, -1, here -> passOn(here, given));
        System.out.println("port " + port);
        while (System.in.read() >= 0) {
            // Until whoever started this ends.
        }
        System.exit(0);
    }

    private interface Handler extends io.vertx.core.Handler<HttpServerRequest> {}

    private static int listen(Vertx vertx, int port, Function<Vertx, Handler> handler) {
        List<HttpServer> servers = new ArrayList<>();
        vertx.deployVerticle(
                        () -> new VerticleBase() {
                            @Override
                            public Future<?> start() {
                                HttpServer server = vertx.createHttpServer(new HttpServerOptions()
                                                .setHost("127.0.0.1")
                                                .setPort(port))
                                        .requestHandler(handler.apply(vertx));
                                synchronized (servers) {
                                    servers.add(server);
                                }
                                return server.listen();
                            }
                        },
                        new DeploymentOptions()
                                .setInstances(Runtime.getRuntime().availableProcessors()))
                .await();
        return servers.getFirst().actualPort();
    }

    /** Models below {@code /slow/} answer after {@value #SLOW_MS} ms; traces are taken and thrown away. */
    private static void answer(Vertx vertx, HttpServerRequest request) {
        request.body().onSuccess(body -> {
            HttpServerResponse response = request.response();
            if (request.path().endsWith("/traces")) {
                response.end();
            } else if (streams(body)) {
                response.setChunked(true).putHeader("content-type", "text/event-stream");
                frame(vertx, response, 0);
            } else if (request.path().startsWith("/slow/")) {
                vertx.setTimer(SLOW_MS, due -> whole(response));
            } else {
                whole(response);
            }
        });
    }

    private static boolean streams(Buffer body) {
        return body.toString(java.nio.charset.StandardCharsets.ISO_8859_1).contains("\"stream\":true");
    }

    private static void whole(HttpServerResponse response) {
        response.putHeader("content-type", "application/json").end(ANSWER);
    }

    private static void frame(Vertx vertx, HttpServerResponse response, int number) {
        if (number == FRAMES) {
            response.end(LAST);
            return;
        }
        response.write(String.format(
                Locale.ROOT,
                "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word%04d \"}}]}\n\n",
                number));
        vertx.setTimer(FRAME_MS, due -> frame(vertx, response, number + 1));
    }

    private static Handler passOn(Vertx vertx, int port) {
        HttpClientAgent client = vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(1_024));
        return request -> {
            request.pause();
            client.request(HttpMethod.POST, port, "127.0.0.1", request.path())
                    .compose(out -> send(request, out))
                    .onFailure(broken -> request.response().reset());
        };
    }

    private static Future<Void> send(HttpServerRequest request, HttpClientRequest out) {
        out.headers().setAll(request.headers());
        return Future.all(request.pipeTo(out), out.response().compose(answer -> {
                    HttpServerResponse response = request.response().setStatusCode(answer.statusCode());
                    response.headers().setAll(answer.headers());
                    return answer.pipeTo(response);
                }))
                .mapEmpty();
    }
}
