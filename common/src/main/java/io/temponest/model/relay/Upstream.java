package io.temponest.model.relay;

import io.temponest.bus.Deadline;
import io.temponest.identity.TypeId;
import io.temponest.json.Json;
import io.temponest.model.ProviderConfig;
import io.temponest.model.ProviderKind.Operation;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The connections to one provider, and its keys. Safe for use by any context. */
final class Upstream {

    private static final int CONNECTIONS = 1_024;
    private static final int WAITING = 1_024;
    private static final int HTTP_2_CONNECTIONS = 8;
    private static final int CONNECT_MS = 5_000;
    private static final int KEEP_ALIVE_S = 30;
    private static final long LIST_MS = 5_000;
    private static final Duration COUNT_LIMIT = Duration.ofSeconds(5);

    /** Of a connection of HTTP/2: more than the streams of many slow clients hold back, or one would stop all others. */
    private static final int CONNECTION_WINDOW = 32 << 20;

    private final ProviderConfig config;
    private final HttpClientAgent http;
    private final KeyRing keys;

    Upstream(Vertx vertx, ProviderConfig config) {
        this.config = config;
        this.keys = new KeyRing(config.keys(), System::nanoTime);
        HttpClientOptions options = new HttpClientOptions()
                .setConnectTimeout(CONNECT_MS)
                .setSsl(config.tls())
                .setVerifyHost(true)
                .setTcpNoDelay(true)
                .setHttp2ConnectionWindowSize(CONNECTION_WINDOW)
                .setKeepAliveTimeout(KEEP_ALIVE_S);
        if (config.tls()) {
            options.setUseAlpn(true).setProtocolVersion(HttpVersion.HTTP_2);
        }
        this.http = vertx.createHttpClient(
                options,
                new PoolOptions()
                        .setHttp1MaxSize(CONNECTIONS)
                        .setHttp2MaxSize(HTTP_2_CONNECTIONS)
                        .setMaxWaitQueueSize(WAITING));
    }

    ProviderConfig config() {
        return config;
    }

    KeyRing keys() {
        return keys;
    }

    /**
     * A request that is ready to be sent.
     *
     * @param id the attempt's, by which the provider's logs and the ledger can be compared
     */
    Future<HttpClientRequest> post(Operation operation, String model, KeyRing.Key key, TypeId id) {
        return http.request(options(HttpMethod.POST, config.kind().path(operation, model), key.secret())
                .putHeader("x-client-request-id", id.toString()));
    }

    private record Counted(Optional<Long> inputTokens) {}

    /**
     * What the provider says that a request of its own form has of tokens; empty where it does not count, or not at the moment.
     * Never fails.
     */
    Future<Optional<Long>> countTokens(byte[] request, Deadline deadline) {
        Optional<String> path = config.kind().countPath();
        if (path.isEmpty()) {
            return Future.succeededFuture(Optional.empty());
        }
        long limit = deadline.atMost(COUNT_LIMIT).remainingMillis();
        return http.request(options(
                                HttpMethod.POST,
                                path.get(),
                                keys.next("", Set.of()).flatMap(KeyRing.Key::secret))
                        .setTimeout(limit)
                        .setIdleTimeout(limit)
                        .putHeader("content-type", "application/json"))
                .compose(ready -> ready.send(Buffer.buffer(request)))
                .compose(response -> response.statusCode() == 200
                        ? response.body()
                        : Future.failedFuture(
                                "provider '%s' answered %d".formatted(config.name(), response.statusCode())))
                .map(body -> Json.read(body.getBytes(), Counted.class).inputTokens())
                .otherwise(Optional.empty());
    }

    private RequestOptions options(HttpMethod method, String path, Optional<io.temponest.config.Secret> key) {
        RequestOptions options = new RequestOptions()
                .setMethod(method)
                .setHost(config.baseUrl().getHost())
                .setPort(config.port())
                .setSsl(config.tls())
                .setURI(config.baseUrl().getPath() + path);
        config.kind().headers(key).forEach(options::putHeader);
        return options;
    }

    private record ModelList(Optional<List<Entry>> data, Optional<List<Entry>> models) {

        /** The APIs name the list, and what is in it, differently. */
        List<String> names() {
            return data.or(() -> models).orElse(List.of()).stream()
                    .flatMap(entry -> entry.id().or(entry::name).stream())
                    .toList();
        }
    }

    private record Entry(Optional<String> id, Optional<String> name) {}

    /** The names of its models. Fails when it cannot be asked. */
    Future<List<String>> models() {
        return http.request(options(
                                HttpMethod.GET,
                                config.kind().path(Operation.MODELS, ""),
                                keys.next("", Set.of()).flatMap(KeyRing.Key::secret))
                        .setTimeout(LIST_MS)
                        .setIdleTimeout(LIST_MS))
                .compose(HttpClientRequest::send)
                .compose(response -> response.statusCode() == 200
                        ? response.body()
                        : Future.failedFuture(
                                "provider '%s' answered %d".formatted(config.name(), response.statusCode())))
                .map(body -> Json.read(body.getBytes(), ModelList.class).names());
    }

    Future<Void> close() {
        return http.close();
    }
}
