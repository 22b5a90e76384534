package io.temponest.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.temponest.testing.TestRedis;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A Redis that is there, goes, hangs and comes back. */
class RedisTest {

    private final TestRedis server = TestRedis.start();
    private final Vertx vertx = Vertx.vertx();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private Redis redis;

    @BeforeEach
    void connect() {
        redis = Redis.connect(vertx, server.url(), metrics).await();
    }

    @AfterEach
    void stop() {
        redis.close().await();
        vertx.close().await();
        server.close();
    }

    private Response echo(String text) throws Exception {
        return redis.send(Request.cmd(Command.ECHO).arg(text)).await(5, TimeUnit.SECONDS);
    }

    private static long millis(ThrowingRunnable work) {
        long began = System.nanoTime();
        assertThatThrownBy(work::run).isInstanceOf(RedisAway.class);
        return (System.nanoTime() - began) / 1_000_000;
    }

    private interface ThrowingRunnable {
        void run() throws Exception;
    }

    /** From an event loop, as gateways call; a JVM that never did so may need longer than a call has. */
    @Test
    void answersManyCallsAtOnceEachWithItsOwn() {
        await().ignoreExceptions().until(() -> echo("warm").toString().equals("warm"));
        Promise<List<Future<Response>>> sent = Promise.promise();
        vertx.runOnContext(go -> sent.complete(Stream.iterate(0, i -> i + 1)
                .limit(100)
                .map(i -> redis.send(Request.cmd(Command.ECHO).arg("n" + i)))
                .toList()));

        List<Future<Response>> calls = sent.future().await();
        Future.all(calls).await();

        assertThat(calls)
                .allSatisfy(call -> assertThat(call.result().toString()).isEqualTo("n" + calls.indexOf(call)));
    }

    @Test
    void aScriptThatTheServerForgotIsSentAgain() throws Exception {
        RedisScript script = new RedisScript("return {KEYS[1], ARGV[1]}");
        assertThat(script.run(redis, "k", 1).await().get(1).toString()).isEqualTo("1");

        redis.send(Request.cmd(Command.SCRIPT).arg("FLUSH")).await();

        assertThat(script.run(redis, "k", 2).await().get(1).toString()).isEqualTo("2");
    }

    @Test
    void whatTheServerSaysAgainstACallFailsThatCallAlone() throws Exception {
        RedisScript wrong = new RedisScript("return redis.call('INCR', KEYS[1], 'too', 'many')");

        assertThatThrownBy(() -> wrong.run(redis, "k").await()).isNotInstanceOf(RedisAway.class);

        assertThat(redis.up()).isTrue();
        assertThat(echo("still here").toString()).isEqualTo("still here");
    }

    @Test
    void aServerThatIsKilledFailsCallsAtOnceAndIsBackWithinTwoSecondsOfItsReturn() throws Exception {
        server.kill();
        await().atMost(Duration.ofSeconds(1)).until(() -> !redis.up());

        assertThat(millis(() -> echo("x"))).isLessThan(50);
        assertThat(metrics.get("temponest_redis_up").gauge().value()).isZero();
        assertThat(metrics.get("temponest_redis_losses").counter().count()).isEqualTo(1);

        server.restart();
        await().atMost(Duration.ofSeconds(2)).until(redis::up);
        assertThat(echo("back").toString()).isEqualTo("back");
    }

    @Test
    void aServerThatHangsHoldsUpNobodyForLongAndOnlyThoseThatWereFirst() {
        server.freeze();
        try {
            assertThat(millis(() -> echo("first"))).isLessThan(600);
            assertThat(millis(() -> echo("second"))).isLessThan(50);
        } finally {
            server.thaw();
        }

        await().atMost(Duration.ofSeconds(2)).until(redis::up);
    }

    @Test
    void callsBeyondThoseThatMayWaitFailAloneAndTheConnectionStays() {
        await().ignoreExceptions().until(() -> echo("warm").toString().equals("warm"));
        Promise<List<Future<Response>>> sent = Promise.promise();
        vertx.runOnContext(go -> sent.complete(
                Stream.generate(() -> redis.send(Request.cmd(Command.ECHO).arg("n")))
                        .limit(6_000)
                        .toList()));

        List<Future<Response>> calls = sent.future().await();
        Future.join(calls).transform(all -> Future.succeededFuture()).await();

        assertThat(calls).filteredOn(Future::succeeded).hasSize(4_096);
        assertThat(calls)
                .filteredOn(Future::failed)
                .hasSize(6_000 - 4_096)
                .allSatisfy(call -> assertThat(call.cause()).isInstanceOf(RedisBusy.class));
        assertThat(redis.up()).isTrue();
        assertThat(metrics.get("temponest_redis_losses").counter().count()).isZero();
    }

    @Test
    void whyItCannotBeReachedIsLoggedOnceAndWithoutItsPassword() {
        redis.send(Request.cmd(Command.CONFIG).arg("SET").arg("requirepass").arg("another"))
                .await();
        RedisUrl wrong = RedisUrl.parse(server.text().replace("redis://", "redis://:opensesame@"));
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(Redis.class);
        log.start();
        logger.addAppender(log);
        try {
            Redis refused =
                    Redis.connect(vertx, wrong, new SimpleMeterRegistry()).await();
            await().during(Duration.ofMillis(800))
                    .until(() -> List.copyOf(log.list).stream()
                                    .filter(event -> event.getMessage().equals("redis.unreachable"))
                                    .count()
                            == 1);
            refused.close().await();
        } finally {
            logger.detachAppender(log);
        }

        assertThat(log.list)
                .allSatisfy(event -> assertThat(event.getKeyValuePairs().toString())
                        .containsIgnoringCase("password")
                        .doesNotContain("opensesame"));
    }

    @Test
    void aServerThatIsNotThereAtTheStartIsFoundLater() {
        server.kill();
        Redis early =
                Redis.connect(vertx, server.url(), new SimpleMeterRegistry()).await();
        assertThat(early.up()).isFalse();

        server.restart();

        await().atMost(Duration.ofSeconds(2)).until(early::up);
        early.close().await();
    }
}
