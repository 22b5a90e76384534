package io.temponest.egress;

import io.temponest.address.IpAddress;
import io.temponest.egress.EgressFailure.Kind;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.TrustOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import javax.net.ssl.SSLException;

/**
 * Asks servers whose addresses a tenant chose. Names are resolved here, every address that a name leads to must be within the
 * rules, and one of these very addresses is the one connected to, so that an answer which changes meanwhile changes nothing;
 * the certificate must be the name's. Redirects are not followed. Each exchange has a connection of its own, an end, and a
 * bound on what is read. Safe for use by any context.
 */
public final class Egress {

    private static final int CONNECT_MS = 5_000;
    private static final int CONNECTIONS = 256;
    private static final int WAITING = 256;
    private static final int RESOLVERS = 8;

    /** How many of a name's addresses are tried. */
    private static final int MOST_ADDRESSES = 4;

    private final Vertx vertx;
    private final EgressRules rules;
    private final Names names;
    private final HttpClientAgent http;
    private final WorkerExecutor resolvers;

    public Egress(Vertx vertx, EgressRules rules) {
        this.vertx = vertx;
        this.rules = rules;
        this.resolvers = vertx.createSharedWorkerExecutor("egress-names", RESOLVERS);
        this.names = (host, over) -> resolvers.executeBlocking(() -> resolve(host, over), false);
        this.http = client(vertx, Optional.empty());
    }

    /** With another resolver, and other authorities of certificates. */
    Egress(
            Vertx vertx,
            EgressRules rules,
            Function<String, Future<List<IpAddress>>> names,
            Optional<TrustOptions> trust) {
        this.vertx = vertx;
        this.rules = rules;
        this.resolvers = vertx.createSharedWorkerExecutor("egress-names", RESOLVERS);
        this.names = (host, over) -> names.apply(host);
        this.http = client(vertx, trust);
    }

    private static HttpClientAgent client(Vertx vertx, Optional<TrustOptions> trust) {
        HttpClientOptions options = new HttpClientOptions()
                .setConnectTimeout(CONNECT_MS)
                .setVerifyHost(true)
                .setForceSni(true)
                .setKeepAlive(false)
                .setMaxRedirects(0)
                .setDecompressionSupported(false);
        trust.ifPresent(options::setTrustOptions);
        return vertx.createHttpClient(
                options, new PoolOptions().setHttp1MaxSize(CONNECTIONS).setMaxWaitQueueSize(WAITING));
    }

    /** Finds a name's addresses, unless nobody waits for them any more. */
    private interface Names {
        Future<List<IpAddress>> find(String host, BooleanSupplier over);
    }

    private static List<IpAddress> resolve(String host, BooleanSupplier over) throws UnknownHostException {
        if (over.getAsBoolean()) {
            // It waited behind names whose servers are slow; those that come after it are not to wait for it as well.
            throw new UnknownHostException(host);
        }
        return Arrays.stream(InetAddress.getAllByName(host)).map(IpAddress::of).toList();
    }

    /**
     * What is to be sent.
     *
     * @param url as the tenant wrote it
     * @param limit for all of it, from the name to the answer's end
     * @param mostBytes of the answer's body that are read
     */
    public record Request(
            HttpMethod method, String url, Map<String, String> headers, Buffer body, Duration limit, int mostBytes) {
        public Request {
            headers = Map.copyOf(headers);
        }
    }

    /**
     * What was answered.
     *
     * @param body its first bytes
     * @param whole whether there were no more
     */
    public record Reply(int status, Map<String, String> headers, Buffer body, boolean whole) {
        public Reply {
            headers = Map.copyOf(headers);
        }

        /** @param name in lower case */
        public Optional<String> header(String name) {
            return Optional.ofNullable(headers.get(name));
        }
    }

    /** Sends a request once. A failure is an {@link EgressFailure}. */
    public Future<Reply> send(Request request) {
        Destination destination;
        try {
            destination = Destination.parse(request.url(), rules);
        } catch (EgressFailure refused) {
            return Future.failedFuture(refused);
        }
        Exchange exchange = new Exchange(request, destination);
        long timer = vertx.setTimer(Math.max(1, request.limit().toMillis()), late -> exchange.late());
        addresses(destination, () -> exchange.reply.future().isComplete()).onComplete(found -> {
            if (found.succeeded()) {
                exchange.connect(found.result());
            } else {
                exchange.fail(found.cause());
            }
        });
        return exchange.reply.future().onComplete(done -> vertx.cancelTimer(timer));
    }

    private Future<List<IpAddress>> addresses(Destination destination, BooleanSupplier over) {
        Future<List<IpAddress>> found = destination
                .literal()
                .map(address -> Future.succeededFuture(List.of(address)))
                .orElseGet(() -> names.find(destination.host(), over)
                        .recover(unknown -> Future.failedFuture(
                                new EgressFailure(Kind.UNRESOLVED, "names a host that is not known"))));
        return found.map(all -> {
            if (all.isEmpty()) {
                throw new EgressFailure(Kind.UNRESOLVED, "names a host without an address");
            }
            // One that is out of bounds among others is no accident.
            all.forEach(rules::check);
            return all.subList(0, Math.min(all.size(), MOST_ADDRESSES));
        });
    }

    /** One request on its way. */
    private final class Exchange {

        private final Request request;
        private final Destination destination;
        private final Promise<Reply> reply = Promise.promise();
        private volatile Optional<HttpClientRequest> sent = Optional.empty();

        Exchange(Request request, Destination destination) {
            this.request = request;
            this.destination = destination;
        }

        void connect(List<IpAddress> addresses) {
            if (reply.future().isComplete()) {
                return;
            }
            http.request(options(addresses.getFirst())).onComplete(ready -> {
                if (ready.succeeded()) {
                    exchange(ready.result());
                } else if (addresses.size() > 1 && !untrusted(ready.cause())) {
                    connect(addresses.subList(1, addresses.size()));
                } else {
                    fail(untrusted(ready.cause()) ? notTrusted() : unreachable());
                }
            });
        }

        /** The name is for the head and the certificate; the address alone says where to. */
        private RequestOptions options(IpAddress address) {
            RequestOptions options = new RequestOptions()
                    .setMethod(request.method())
                    .setServer(SocketAddress.inetSocketAddress(
                            new InetSocketAddress(address.named(destination.host()), destination.port())))
                    .setHost(destination.host())
                    .setPort(destination.port())
                    .setSsl(destination.tls())
                    .setURI(destination.target())
                    .setFollowRedirects(false)
                    .setConnectTimeout(CONNECT_MS);
            request.headers().forEach(options::putHeader);
            if (destination.host().indexOf(':') >= 0) {
                // The client would write an address of IPv6 without its brackets (RFC 9110, section 7.2).
                options.putHeader("Host", "[%s]:%d".formatted(destination.host(), destination.port()));
            }
            return options;
        }

        private void exchange(HttpClientRequest ready) {
            sent = Optional.of(ready);
            if (reply.future().isComplete()) {
                ready.reset();
                return;
            }
            ready.exceptionHandler(this::fail);
            ready.send(request.body()).onFailure(this::fail).onSuccess(response -> read(ready, response));
        }

        private void read(HttpClientRequest ready, HttpClientResponse response) {
            Buffer body = Buffer.buffer();
            response.handler(chunk -> {
                        int room = request.mostBytes() - body.length();
                        body.appendBuffer(chunk.length() > room ? chunk.slice(0, room) : chunk);
                        if (chunk.length() > room && reply.tryComplete(reply(response, body, false))) {
                            ready.reset();
                        }
                    })
                    .exceptionHandler(this::fail)
                    .endHandler(end -> reply.tryComplete(reply(response, body, true)));
        }

        private static Reply reply(HttpClientResponse response, Buffer body, boolean whole) {
            Map<String, String> headers = new HashMap<>();
            response.headers()
                    .forEach(
                            header -> headers.putIfAbsent(header.getKey().toLowerCase(Locale.ROOT), header.getValue()));
            return new Reply(response.statusCode(), headers, body, whole);
        }

        void late() {
            if (reply.tryFail(new EgressFailure(
                    Kind.TIMED_OUT,
                    "did not answer within %d ms".formatted(request.limit().toMillis())))) {
                sent.ifPresent(HttpClientRequest::reset);
            }
        }

        void fail(Throwable cause) {
            EgressFailure failure = cause instanceof EgressFailure known
                    ? known
                    : untrusted(cause)
                            ? notTrusted()
                            : new EgressFailure(Kind.BROKEN, "broke the connection off, or answered what is no HTTP");
            reply.tryFail(failure);
        }
    }

    private static boolean untrusted(Throwable failure) {
        for (Optional<Throwable> cause = Optional.of(failure);
                cause.isPresent();
                cause = cause.map(Throwable::getCause)) {
            if (cause.get() instanceof SSLException) {
                return true;
            }
        }
        return false;
    }

    private static EgressFailure notTrusted() {
        return new EgressFailure(Kind.UNTRUSTED, "has no certificate for its name that can be trusted");
    }

    private static EgressFailure unreachable() {
        return new EgressFailure(Kind.UNREACHABLE, "names a server that takes no connection");
    }

    public Future<Void> close() {
        return http.close().eventually(resolvers::close);
    }
}
