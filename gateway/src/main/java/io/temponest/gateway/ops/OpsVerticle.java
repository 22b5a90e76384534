package io.temponest.gateway.ops;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.temponest.gateway.http.Headers;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;

/** The second server: what an operator's own systems read. It says who is ready even while the first one stops. */
public final class OpsVerticle extends VerticleBase {

    private static final int IDLE_S = 60;

    private final String host;
    private final int port;
    private final Health health;
    private final PrometheusMeterRegistry metrics;
    private volatile int actualPort;

    public OpsVerticle(String host, int port, Health health, PrometheusMeterRegistry metrics) {
        this.host = host;
        this.port = port;
        this.health = health;
        this.metrics = metrics;
    }

    @Override
    public Future<?> start() {
        HttpServer server = vertx.createHttpServer(
                new HttpServerOptions().setHost(host).setPort(port).setIdleTimeout(IDLE_S));
        return server.requestHandler(this::handle).listen().onSuccess(listening -> actualPort = listening.actualPort());
    }

    /** The port that it listens on, once deployed. */
    public int port() {
        return actualPort;
    }

    private void handle(HttpServerRequest request) {
        Headers.protect(request.response().headers());
        if (!request.method().equals(HttpMethod.GET)) {
            request.response().setStatusCode(405).putHeader("allow", "GET").end();
            return;
        }
        switch (request.path()) {
            case "/health/live" -> request.response().end("live\n");
            case "/health/ready" ->
                health.ready()
                        .onSuccess(ready -> request.response()
                                .setStatusCode(ready ? 200 : 503)
                                .end(ready ? "ready\n" : "not ready\n"));
            case "/metrics" ->
                vertx.executeBlocking(() -> metrics.scrape("text/plain; version=0.0.4"), false)
                        .onSuccess(text -> request.response()
                                .putHeader("content-type", "text/plain; version=0.0.4; charset=utf-8")
                                .end(text))
                        .onFailure(
                                broken -> request.response().setStatusCode(500).end());
            default -> request.response().setStatusCode(404).end();
        }
    }
}
