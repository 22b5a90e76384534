package io.temponest.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.temponest.gateway.limit.Window.Taken;
import io.temponest.identity.Ids;
import io.temponest.store.Redis;
import io.temponest.testing.TestRedis;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** The script in a real Redis, against the same window in Java. */
class RedisWindowsTest {

    private static TestRedis server;
    private static Vertx vertx;
    private static Redis redis;
    private static RedisWindows windows;
    private static Context context;

    private final LimitKey key = new LimitKey.OfTenant(new Ids().nextTenant(), "read", Subject.TENANT, "");

    @BeforeAll
    static void start() {
        server = TestRedis.start();
        vertx = Vertx.vertx();
        redis = Redis.connect(vertx, server.url(), new SimpleMeterRegistry(), Duration.ofSeconds(20))
                .await();
        windows = new RedisWindows(redis);
        context = vertx.getOrCreateContext();
    }

    /** On one event loop, whose calls reach the server in their order. */
    private static <T> T on(Supplier<Future<T>> call) {
        Promise<T> promise = Promise.promise();
        context.runOnContext(go -> call.get().onComplete(promise));
        return promise.future().await();
    }

    private Taken take(LimitKey of, Quota quota, int least, int most) {
        return on(() -> windows.take(of, quota, least, most));
    }

    @AfterAll
    static void stop() {
        redis.close().await();
        vertx.close().await();
        server.close();
    }

    /** The model is told the slot that the script decided in; what they say of times may differ by that slot's width. */
    @RepeatedTest(20)
    void saysWhatTheModelSays(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        Quota quota = new Quota(1 + random.nextInt(60), Duration.ofSeconds(6));
        Window model = new Window();
        Taken last = new Taken(0, 0, 0, 0, 0);
        for (int i = 0; i < 60; i++) {
            int least = 1 + random.nextInt(quota.limit());
            int most = least + random.nextInt(10);
            Taken said = take(key, quota, least, most);
            Taken expected = model.take(said.slot() * quota.slotMillis(), quota, least, most);

            assertThat(said.granted()).isEqualTo(expected.granted());
            assertThat(said.remaining()).isEqualTo(expected.remaining());
            assertThat(expected.retryMillis() - said.retryMillis()).isBetween(0L, quota.slotMillis());
            assertThat(expected.resetMillis() - said.resetMillis()).isBetween(0L, quota.slotMillis());
            if (said.granted() > 0) {
                last = said;
            } else if (random.nextBoolean() && last.granted() > 0) {
                long slot = last.slot();
                on(() -> windows.giveBack(key, quota, slot, 1));
                model.giveBack(slot, 1);
            }
        }
    }

    @Test
    void whatIsForgottenIsForgottenByTheServerToo() {
        Quota quota = new Quota(10, Duration.ofSeconds(6));

        take(key, quota, 1, 1);

        Response keys = redis.send(Request.cmd(Command.KEYS).arg("*" + key.text() + "*"))
                .await();
        assertThat(keys.size()).isEqualTo(1);
        assertThat(redis.send(Request.cmd(Command.PTTL).arg(keys.get(0).toString()))
                        .await()
                        .toLong())
                .isBetween(1L, (quota.counted() + 1) * quota.slotMillis());
    }

    @Test
    void anotherTenantsWindowIsAnother() {
        Quota quota = Quota.perMinute(1);
        LimitKey other = new LimitKey.OfTenant(new Ids().nextTenant(), "read", Subject.TENANT, "");

        assertThat(take(key, quota, 1, 1).granted()).isEqualTo(1);
        assertThat(take(key, quota, 1, 1).granted()).isZero();
        assertThat(take(other, quota, 1, 1).granted()).isEqualTo(1);
    }
}
