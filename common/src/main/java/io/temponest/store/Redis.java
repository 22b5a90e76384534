package io.temponest.store;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Redis server that all nodes share: one pipelined connection for each event loop. An answer that does not come
 * within its deadline, or a connection that is lost, makes the server "away": every call then fails at once with
 * {@link RedisAway}, nobody waits, and a probe four times a second brings it back. An error that the server itself replies,
 * and a call too many at once ({@link RedisBusy}), fail that call alone. Safe for use by any context.
 */
public final class Redis {

    /** How long a call may take where nothing else is said. */
    public static final Duration DEADLINE = Duration.ofMillis(500);

    private static final Logger LOG = LoggerFactory.getLogger(Redis.class);

    private static final Duration PROBE_EVERY = Duration.ofMillis(250);
    private static final Duration PROBE_DEADLINE = Duration.ofMillis(1_500);
    private static final int MOST_IN_FLIGHT = 4_096;

    /** The client has no type for it. */
    private static final String QUEUE_FULL = "Redis waiting queue is full";

    private final Vertx vertx;
    private final RedisUrl url;
    private final Duration deadline;
    private final Counter losses;
    private final AtomicBoolean told = new AtomicBoolean();
    private final AtomicReference<State> state = new AtomicReference<>(new State.Away());

    private sealed interface State {

        record Up(Link link) implements State {}

        record Away() implements State {}

        record Closed() implements State {}
    }

    /** A client with its connections, which is thrown away as a whole: a connection that hangs must not be met again. */
    private record Link(io.vertx.redis.client.Redis client, Map<EventLoop, RedisConnection> connections) {}

    private Redis(Vertx vertx, RedisUrl url, MeterRegistry metrics, Duration deadline) {
        this.vertx = vertx;
        this.url = url;
        this.deadline = deadline;
        this.losses = Counter.builder("temponest_redis_losses")
                .description("Times that Redis went away")
                .register(metrics);
        Gauge.builder("temponest_redis_up", this, redis -> redis.up() ? 1 : 0)
                .description("Whether Redis answers")
                .register(metrics);
    }

    /** Connects, or begins to try; completes after the first attempt, whatever came of it. */
    public static Future<Redis> connect(Vertx vertx, RedisUrl url, MeterRegistry metrics) {
        return connect(vertx, url, metrics, DEADLINE);
    }

    /** @param deadline how long a call may take */
    public static Future<Redis> connect(Vertx vertx, RedisUrl url, MeterRegistry metrics, Duration deadline) {
        Redis redis = new Redis(vertx, url, metrics, deadline);
        return redis.probe().transform(tried -> Future.succeededFuture(redis));
    }

    /** Whether calls are made at all at the moment. */
    public boolean up() {
        return state.get() instanceof State.Up;
    }

    /** Sends a command; fails with {@link RedisAway}, {@link RedisBusy}, or with what the server says against it. */
    public Future<Response> send(Request request) {
        if (!(state.get() instanceof State.Up up)) {
            return Future.failedFuture(new RedisAway());
        }
        EventLoop loop = ((ContextInternal) vertx.getOrCreateContext()).nettyEventLoop();
        RedisConnection connection = up.link().connections().get(loop);
        if (connection == null) {
            return Future.failedFuture(new RedisAway());
        }
        return within(deadline, connection.send(request)).recover(failure -> {
            if (failure instanceof ErrorType) {
                return Future.failedFuture(failure);
            }
            if (QUEUE_FULL.equals(failure.getMessage())) {
                return Future.failedFuture(new RedisBusy());
            }
            lost(up, failure);
            return Future.failedFuture(new RedisAway());
        });
    }

    private <T> Future<T> within(Duration limit, Future<T> reply) {
        Promise<T> first = Promise.promise();
        Timer timer = new Timer(limit.toMillis(), () -> first.tryFail("no answer within " + limit.toMillis() + " ms"));
        reply.onComplete(done -> {
            timer.cancel();
            if (done.succeeded()) {
                first.tryComplete(done.result());
            } else {
                first.tryFail(done.cause());
            }
        });
        return first.future();
    }

    /** Fires in time, or once more as much later where this process itself was held up: the answer may have come meanwhile. */
    private final class Timer {

        private static final long HELD_UP_MS = 20;

        private final long due;
        private volatile long id;

        private Timer(long millis, Runnable late) {
            due = System.nanoTime() + millis * 1_000_000;
            id = vertx.setTimer(millis, fired -> {
                if ((System.nanoTime() - due) / 1_000_000 > HELD_UP_MS) {
                    id = vertx.setTimer(millis, again -> late.run());
                } else {
                    late.run();
                }
            });
        }

        private void cancel() {
            vertx.cancelTimer(id);
        }
    }

    private void lost(State.Up up, Throwable cause) {
        if (state.compareAndSet(up, new State.Away())) {
            losses.increment();
            warn("redis.away", cause);
            up.link().client().close();
            probeLater();
        }
    }

    private void warn(String event, Throwable cause) {
        LOG.atWarn()
                .addKeyValue("host", url.host())
                .addKeyValue("port", url.port())
                .addKeyValue("cause", String.valueOf(cause.getMessage()))
                .log(event);
    }

    private void probeLater() {
        vertx.setTimer(PROBE_EVERY.toMillis(), go -> probe());
    }

    /** Opens all connections anew, and is up when each has answered. */
    private Future<?> probe() {
        State.Up up = new State.Up(
                new Link(io.vertx.redis.client.Redis.createClient(vertx, options()), new ConcurrentHashMap<>()));
        State before = state.get();
        Future<?> opened = Future.all(loops().map(loop -> open(up, loop)).toList());
        return within(PROBE_DEADLINE, opened).onComplete(done -> {
            if (done.succeeded() && before instanceof State.Away && state.compareAndSet(before, up)) {
                told.set(false);
                LOG.atInfo()
                        .addKeyValue("host", url.host())
                        .addKeyValue("port", url.port())
                        .log("redis.up");
                return;
            }
            up.link().client().close();
            if (state.get() instanceof State.Away) {
                // Once for all the time that it is away, be it wrong credentials or nobody there.
                if (done.failed() && told.compareAndSet(false, true)) {
                    warn("redis.unreachable", done.cause());
                }
                probeLater();
            }
        });
    }

    private Stream<EventLoop> loops() {
        return StreamSupport.stream(
                        ((VertxInternal) vertx).nettyEventLoopGroup().spliterator(), false)
                .map(EventLoop.class::cast);
    }

    private Future<?> open(State.Up up, EventLoop loop) {
        Promise<Response> pong = Promise.promise();
        ((VertxInternal) vertx)
                .contextBuilder()
                .withEventLoop(loop)
                .build()
                .runOnContext(go -> up.link()
                        .client()
                        .connect()
                        .compose(connection -> {
                            up.link().connections().put(loop, connection);
                            connection
                                    .exceptionHandler(broken -> lost(up, broken))
                                    .endHandler(
                                            end -> lost(up, new IllegalStateException("the connection was closed")));
                            return connection.send(Request.cmd(Command.PING));
                        })
                        .onComplete(pong));
        return pong.future();
    }

    private RedisOptions options() {
        return new RedisOptions()
                .setConnectionString(url.whole().reveal())
                .setMaxPoolSize((int) loops().count())
                .setMaxPoolWaiting((int) loops().count())
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
