package io.temponest.store;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.NetClientOptions;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.ErrorType;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Redis server that all nodes share: one pipelined connection for each event loop that calls. An answer that does not come
 * within {@link #DEADLINE}, or a connection that is lost, makes the server "away": every call then fails at once with
 * {@link RedisAway}, nobody waits, and a probe four times a second brings it back. An error that the server itself replies
 * fails its call alone. Safe for use by any context.
 */
public final class Redis {

    /** How long a call may take. */
    public static final Duration DEADLINE = Duration.ofMillis(100);

    private static final Logger LOG = LoggerFactory.getLogger(Redis.class);

    private static final Duration PROBE_EVERY = Duration.ofMillis(250);
    private static final Duration PROBE_DEADLINE = Duration.ofSeconds(1);
    private static final int MOST_CONNECTIONS = 64;
    private static final int MOST_IN_FLIGHT = 4_096;

    private final Vertx vertx;
    private final RedisUrl url;
    private final Counter losses;
    private final AtomicReference<State> state = new AtomicReference<>(new State.Away());

    private sealed interface State {

        record Up(Link link) implements State {}

        record Away() implements State {}

        record Closed() implements State {}
    }

    /** A client with its connections, which is thrown away as a whole: a connection that hangs must not be met again. */
    private record Link(io.vertx.redis.client.Redis client, Map<EventLoop, Future<RedisConnection>> connections) {

        Future<Response> send(Vertx vertx, Request request) {
            EventLoop loop = ((ContextInternal) vertx.getOrCreateContext()).nettyEventLoop();
            return connections.computeIfAbsent(loop, first -> client.connect()).compose(to -> to.send(request));
        }
    }

    private Redis(Vertx vertx, RedisUrl url, MeterRegistry metrics) {
        this.vertx = vertx;
        this.url = url;
        this.losses = Counter.builder("temponest_redis_losses")
                .description("Times that Redis went away")
                .register(metrics);
        Gauge.builder("temponest_redis_up", this, redis -> redis.up() ? 1 : 0)
                .description("Whether Redis answers")
                .register(metrics);
    }

    /** Connects, or begins to try; completes after the first attempt, whatever came of it. */
    public static Future<Redis> connect(Vertx vertx, RedisUrl url, MeterRegistry metrics) {
        Redis redis = new Redis(vertx, url, metrics);
        return redis.probe().transform(tried -> Future.succeededFuture(redis));
    }

    /** Whether calls are made at all at the moment. */
    public boolean up() {
        return state.get() instanceof State.Up;
    }

    /** Sends a command; fails with {@link RedisAway}, or with what the server says against it. */
    public Future<Response> send(Request request) {
        if (!(state.get() instanceof State.Up up)) {
            return Future.failedFuture(new RedisAway());
        }
        return within(DEADLINE, up.link().send(vertx, request)).recover(failure -> {
            if (failure instanceof ErrorType) {
                return Future.failedFuture(failure);
            }
            lost(up, failure);
            return Future.failedFuture(new RedisAway());
        });
    }

    private Future<Response> within(Duration limit, Future<Response> reply) {
        Promise<Response> first = Promise.promise();
        long timer =
                vertx.setTimer(limit.toMillis(), late -> first.tryFail("no answer within " + limit.toMillis() + " ms"));
        reply.onComplete(done -> {
            vertx.cancelTimer(timer);
            if (done.succeeded()) {
                first.tryComplete(done.result());
            } else {
                first.tryFail(done.cause());
            }
        });
        return first.future();
    }

    private void lost(State.Up up, Throwable cause) {
        if (state.compareAndSet(up, new State.Away())) {
            losses.increment();
            LOG.atWarn()
                    .addKeyValue("host", url.host())
                    .addKeyValue("port", url.port())
                    .addKeyValue("cause", String.valueOf(cause.getMessage()))
                    .log("redis.away");
            up.link().client().close();
            probeLater();
        }
    }

    private void probeLater() {
        vertx.setTimer(PROBE_EVERY.toMillis(), go -> probe());
    }

    private Future<?> probe() {
        Link link = new Link(io.vertx.redis.client.Redis.createClient(vertx, options()), new ConcurrentHashMap<>());
        State.Up up = new State.Up(link);
        State before = state.get();
        return within(PROBE_DEADLINE, link.send(vertx, Request.cmd(Command.PING)))
                .onComplete(done -> {
                    if (done.succeeded() && before instanceof State.Away && state.compareAndSet(before, up)) {
                        link.connections().values().forEach(connection -> watch(up, connection));
                        LOG.atInfo()
                                .addKeyValue("host", url.host())
                                .addKeyValue("port", url.port())
                                .log("redis.up");
                        return;
                    }
                    link.client().close();
                    if (state.get() instanceof State.Away) {
                        probeLater();
                    }
                });
    }

    /** A server that goes is noticed before anybody asks it. */
    private void watch(State.Up up, Future<RedisConnection> connection) {
        connection.onSuccess(open -> open.exceptionHandler(broken -> lost(up, broken))
                .endHandler(end -> lost(up, new IllegalStateException("the connection was closed"))));
    }

    private RedisOptions options() {
        return new RedisOptions()
                .setConnectionString(url.whole().reveal())
                .setMaxPoolSize(MOST_CONNECTIONS)
                .setMaxPoolWaiting(MOST_CONNECTIONS)
                .setMaxWaitingHandlers(MOST_IN_FLIGHT)
                .setNetClientOptions(new NetClientOptions()
                        .setTcpNoDelay(true)
                        .setTcpKeepAlive(true)
                        .setConnectTimeout((int) PROBE_DEADLINE.toMillis()));
    }

    /** Closes all connections; whatever is called afterwards fails. */
    public Future<Void> close() {
        return state.getAndSet(new State.Closed()) instanceof State.Up(Link link)
                ? link.client().close()
                : Future.succeededFuture();
    }
}
