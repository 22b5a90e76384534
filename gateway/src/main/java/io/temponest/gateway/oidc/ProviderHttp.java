package io.temponest.gateway.oidc;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** Asks identity providers, whose answers may be large, slow or elsewhere: none is waited for or read beyond a bound or followed. */
final class ProviderHttp {

    private static final int CONNECT_MS = 3_000;
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int MOST_BYTES = 256 << 10;
    private static final int CONNECTIONS = 8;
    private static final int WAITING = 64;

    private final Vertx vertx;
    private final HttpClientAgent http;

    ProviderHttp(Vertx vertx) {
        this.vertx = vertx;
        this.http = vertx.createHttpClient(
                new HttpClientOptions()
                        .setConnectTimeout(CONNECT_MS)
                        .setVerifyHost(true)
                        .setKeepAliveTimeout(10),
                new PoolOptions().setHttp1MaxSize(CONNECTIONS).setMaxWaitQueueSize(WAITING));
    }

    /** What a provider answered. */
    record Reply(int status, Buffer body) {}

    Future<Reply> get(URI url) {
        return send(HttpMethod.GET, url, Map.of(), Buffer.buffer());
    }

    /** @param form already encoded */
    Future<Reply> post(URI url, Map<String, String> headers, String form) {
        return send(HttpMethod.POST, url, headers, Buffer.buffer(form));
    }

    private Future<Reply> send(HttpMethod method, URI url, Map<String, String> headers, Buffer body) {
        RequestOptions options = new RequestOptions()
                .setMethod(method)
                .setAbsoluteURI(url.toString())
                .setConnectTimeout(CONNECT_MS)
                .putHeader("Accept", "application/json");
        headers.forEach(options::putHeader);
        return http.request(options).compose(request -> inTime(request, exchange(request, body)));
    }

    private static Future<Reply> exchange(HttpClientRequest request, Buffer body) {
        return request.send(body).compose(response -> read(request, response));
    }

    private Future<Reply> inTime(HttpClientRequest request, Future<Reply> reply) {
        long timer = vertx.setTimer(PATIENCE.toMillis(), late -> request.reset(0, new TimeoutException("too slow")));
        return reply.onComplete(done -> vertx.cancelTimer(timer));
    }

    private static Future<Reply> read(HttpClientRequest request, HttpClientResponse response) {
        Promise<Reply> whole = Promise.promise();
        Buffer body = Buffer.buffer();
        response.handler(chunk -> {
                    body.appendBuffer(chunk);
                    if (body.length() > MOST_BYTES) {
                        whole.tryFail(new IOException("more than %d bytes".formatted(MOST_BYTES)));
                        request.reset();
                    }
                })
                .exceptionHandler(whole::tryFail)
                .endHandler(end -> whole.tryComplete(new Reply(response.statusCode(), body)));
        return whole.future();
    }
}
