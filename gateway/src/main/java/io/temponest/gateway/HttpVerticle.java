package io.temponest.gateway;

import io.temponest.crypto.TlsFiles;
import io.temponest.gateway.http.Connections;
import io.temponest.gateway.http.Cors;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.InvalidRequests;
import io.temponest.gateway.http.Pipeline;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The API on one event loop; all instances share a port. HTTP/1.1, and HTTP/2 over TLS. */
final class HttpVerticle extends VerticleBase {

    private static final int MAX_HEAD_BYTES = 16 << 10;
    private static final int MAX_LINE_BYTES = 8 << 10;
    private static final int MAX_STREAMS = 100;
    private static final int IDLE_S = 120;

    private final GatewayConfig config;
    private final Pipeline pipeline;
    private final List<Endpoint> endpoints;
    private final InvalidRequests invalid;
    private final HttpServerOptions options;
    private @Nullable HttpServer server;

    HttpVerticle(GatewayConfig config, Pipeline pipeline, List<Endpoint> endpoints, InvalidRequests invalid) {
        this.config = config;
        this.pipeline = pipeline;
        this.endpoints = endpoints;
        this.invalid = invalid;
        this.options = options(config);
    }

    @Override
    public Future<?> start() {
        Connections connections =
                new Connections(vertx, config.edge().patience().head());
        connections.start();
        return vertx.executeBlocking(() -> config.edge().tls().map(TlsFiles::read), false)
                .compose(tls -> listen(connections, tls));
    }

    private Future<HttpServer> listen(Connections connections, Optional<PemKeyCertOptions> tls) {
        tls.ifPresent(pem -> options.setSsl(true).setUseAlpn(true).setKeyCertOptions(pem));
        HttpServer http = vertx.createHttpServer(options);
        server = http;
        return http.requestHandler(pipeline.router(
                        endpoints, connections, new Cors(config.edge().corsOrigins(), endpoints)))
                .connectionHandler(connections::opened)
                .invalidRequestHandler(invalid::refuse)
                .listen();
    }

    /** Takes another certificate, once deployed. Connections that are open keep the one that they began with. */
    Future<Boolean> renew(PemKeyCertOptions pem) {
        return Objects.requireNonNull(server)
                .updateSSLOptions(options.getSslOptions().copy().setKeyCertOptions(pem));
    }

    private static HttpServerOptions options(GatewayConfig config) {
        return new HttpServerOptions()
                .setHost(config.host())
                // A negative port is a free one that the instances share.
                .setPort(config.httpPort() == 0 ? -1 : config.httpPort())
                .setMaxHeaderSize(MAX_HEAD_BYTES)
                .setMaxInitialLineLength(MAX_LINE_BYTES)
                // docs/decisions/0027-no-cleartext-http2.md
                .setHttp2ClearTextEnabled(false)
                .setInitialSettings(
                        new Http2Settings().setMaxHeaderListSize(MAX_HEAD_BYTES).setMaxConcurrentStreams(MAX_STREAMS))
                // There are no WebSockets: nothing needs to look for them in every message.
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setIdleTimeout(IDLE_S);
    }

    /** The port that it listens on, once deployed. */
    int port() {
        return Objects.requireNonNull(server).actualPort();
    }

    /** Takes no more connections, lets requests in progress end, and closes what is left when the time is up. */
    Future<Void> shutdown(Duration grace) {
        return Objects.requireNonNull(server).shutdown(Math.max(1, grace.toMillis()), TimeUnit.MILLISECONDS);
    }
}
