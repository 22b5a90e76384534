package io.temponest.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.temponest.bus.Bus;
import io.temponest.identity.Ids;
import io.temponest.identity.TenantId;
import io.temponest.node.MessageTypes;
import io.temponest.store.Redis;
import io.temponest.testing.TestRedis;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two nodes with a cache over one Redis. */
class TwoLevelCacheTest {

    private static final TenantId TENANT = new Ids().nextTenant();
    private static final CacheKey KEY = new CacheKey.OfTenant(TENANT, "k");

    /** How far the caches' clock is ahead. */
    private final AtomicLong later = new AtomicLong();

    private final TestRedis server = TestRedis.start();
    private final Vertx vertx = Vertx.vertx();
    private final Bus bus = new Bus(vertx, MessageTypes.all());
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final Redis redis = Redis.connect(vertx, server.url(), metrics).await();
    private final TwoLevelCache<Word> here = node(Duration.ofMinutes(5), metrics);
    private final TwoLevelCache<Word> there = node(Duration.ofMinutes(5), new SimpleMeterRegistry());
    private final AtomicInteger loads = new AtomicInteger();

    record Word(String text) {}

    private TwoLevelCache<Word> node(Duration life, SimpleMeterRegistry registry) {
        return new Caches(vertx, bus, Optional.of(redis), registry, () -> System.nanoTime() + later.get())
                .cache(new Caches.Spec<>("words", Word.class, life, 100));
    }

    private Supplier<Future<Word>> load(String text) {
        return () -> {
            loads.incrementAndGet();
            return Future.succeededFuture(new Word(text));
        };
    }

    private double lookups(String level, String result) {
        return metrics.get("temponest_cache_lookups")
                .tags("cache", "words", "level", level, "result", result)
                .counter()
                .count();
    }

    @AfterEach
    void stop() {
        redis.close().await();
        vertx.close().await();
        server.close();
    }

    @Test
    void aValueIsLoadedOnceForAllNodesAndCounted() {
        assertThat(there.get(KEY, load("a")).await().text()).isEqualTo("a");
        assertThat(here.get(KEY, load("b")).await().text()).isEqualTo("a");
        assertThat(here.get(KEY, load("c")).await().text()).isEqualTo("a");

        assertThat(loads).hasValue(1);
        assertThat(lookups("near", "miss")).isEqualTo(1);
        assertThat(lookups("far", "hit")).isEqualTo(1);
        assertThat(lookups("near", "hit")).isEqualTo(1);
    }

    @Test
    void thoseWhoAskForTheSameKeyAtOnceShareOneLoad() {
        Promise<Word> slow = Promise.promise();
        Supplier<Future<Word>> load = () -> {
            loads.incrementAndGet();
            return slow.future();
        };
        Future<Word> first = here.get(KEY, load);
        Future<Word> second = here.get(KEY, load);
        await().untilAtomic(loads, org.hamcrest.Matchers.is(1));

        slow.complete(new Word("a"));

        assertThat(first.await()).isEqualTo(second.await());
        assertThat(loads).hasValue(1);
    }

    @Test
    void aFailureIsToldAndNotKept() {
        assertThatThrownBy(() -> here.get(KEY, () -> Future.failedFuture(new IllegalStateException("no")))
                        .await())
                .hasMessageContaining("no");

        assertThat(here.get(KEY, load("a")).await().text()).isEqualTo("a");
    }

    @Test
    void whatIsPutOnOneNodeIsFoundOnAllByItsTenant() {
        here.put(KEY, new Word("a")).await();
        assertThat(there.find(KEY).await()).contains(new Word("a"));
        assertThat(there.find(new CacheKey.OfTenant(new Ids().nextTenant(), "k"))
                        .await())
                .isEmpty();

        here.put(KEY, new Word("b")).await();
        assertThat(there.find(KEY).await()).contains(new Word("a"));
        assertThat(there.latest(KEY).await()).contains(new Word("b"));
        assertThat(lookups("far", "hit")).isZero();
    }

    @Test
    void whatIsPutWhileRedisIsAwayIsFoundHere() {
        server.kill();
        here.put(KEY, new Word("a")).await();

        assertThat(here.find(KEY).await()).contains(new Word("a"));
        assertThat(here.latest(KEY).await()).contains(new Word("a"));
        assertThat(there.find(KEY).await()).isEmpty();
    }

    @Test
    void valuesAreHeldByTheirWeight() {
        TwoLevelCache<Word> small = new Caches(vertx, bus, Optional.empty(), new SimpleMeterRegistry())
                .cache(new Caches.Spec<>(
                        "heavy",
                        Word.class,
                        Duration.ofMinutes(5),
                        10L,
                        word -> word.text().length()));
        small.put(KEY, new Word("a".repeat(11))).await();
        await().until(() -> small.find(KEY).await().isEmpty());
        small.put(KEY, new Word("a".repeat(9))).await();
        assertThat(small.find(KEY).await()).isPresent();
    }

    @Test
    void anotherTenantsValueOfTheSameNameIsAnother() {
        here.get(KEY, load("a")).await();

        CacheKey other = new CacheKey.OfTenant(new Ids().nextTenant(), "k");

        assertThat(here.get(other, load("b")).await().text()).isEqualTo("b");
        assertThat(here.get(new CacheKey.Shared("k"), load("c")).await().text()).isEqualTo("c");
    }

    @Test
    void whatIsInvalidatedIsGoneOnEveryNode() {
        here.get(KEY, load("old")).await();
        there.get(KEY, load("unused")).await();

        here.invalidate(KEY).await();

        assertThat(here.get(KEY, load("new")).await().text()).isEqualTo("new");
        await().atMost(Duration.ofSeconds(1))
                .until(() -> there.get(KEY, load("new")).await().text().equals("new"));
    }

    @Test
    void aLoadThatBeganBeforeAnInvalidationCannotBringTheOldValueBack() {
        Promise<Word> slow = Promise.promise();
        Future<Word> early = there.get(KEY, () -> {
            loads.incrementAndGet();
            return slow.future();
        });
        await().untilAtomic(loads, org.hamcrest.Matchers.is(1));

        here.invalidate(KEY).await();
        slow.complete(new Word("old"));
        early.await();

        assertThat(here.get(KEY, load("new")).await().text()).isEqualTo("new");
        assertThat(there.get(KEY, load("new")).await().text()).isEqualTo("new");
    }

    @Test
    void aLoadThatTookLongerThanItMayIsNotKept() {
        Promise<Word> slow = Promise.promise();
        Future<Word> early = there.get(KEY, () -> {
            loads.incrementAndGet();
            return slow.future();
        });
        await().untilAtomic(loads, org.hamcrest.Matchers.is(1));

        later.set(TwoLevelCache.LOAD_LIMIT.plusMillis(1).toNanos());
        slow.complete(new Word("old"));

        assertThat(early.await().text()).isEqualTo("old");
        assertThat(here.get(KEY, load("new")).await().text()).isEqualTo("new");
        assertThat(there.get(KEY, load("newer")).await().text()).isEqualTo("new");
    }

    @Test
    void whatCannotBeReadInRedisIsAMiss() {
        here.get(KEY, load("a")).await();
        String place = redis.send(Request.cmd(Command.KEYS).arg("*" + KEY.text()))
                .await()
                .get(0)
                .toString();
        for (String unreadable : List.of("no JSON", "{\"text\":{}}", "[]")) {
            redis.send(Request.cmd(Command.SET)
                            .arg(place)
                            .arg(unreadable)
                            .arg("PX")
                            .arg(60_000))
                    .await();
            there.forget(KEY);

            assertThat(there.get(KEY, load(unreadable)).await().text()).isEqualTo(unreadable);
        }
    }

    @Test
    void whatWasInvalidatedWhileRedisWasAwayIsBuriedInPiecesThatItsConnectionHolds() {
        int many = 6_000;
        server.kill();
        await().until(() -> !redis.up());
        for (int i = 0; i < many; i++) {
            here.invalidate(new CacheKey.OfTenant(TENANT, "k" + i)).await();
        }
        server.restart();
        await().until(redis::up);

        vertx.runOnContext(go -> here.get(KEY, load("a")));

        await().until(() -> redis.send(Request.cmd(Command.DBSIZE)).await().toInteger() >= many);
        assertThat(metrics.get("temponest_redis_losses").counter().count()).isEqualTo(1);
    }

    @Test
    void aRedisThatIsAwayIsAMissAndNothingHangs() {
        server.kill();
        await().until(() -> !redis.up());

        assertThat(here.get(KEY, load("a")).await().text()).isEqualTo("a");
        assertThat(here.get(KEY, load("b")).await().text()).isEqualTo("a");
        assertThat(lookups("far", "miss")).isEqualTo(1);
    }

    @Test
    void whatWasInvalidatedWhileRedisHungIsBuriedBeforeItIsReadAgain() {
        there.get(KEY, load("old")).await();
        server.freeze();
        here.invalidate(KEY).await();
        assertThat(here.get(KEY, load("new")).await().text()).isEqualTo("new");
        here.forget(KEY);

        server.thaw();
        await().atMost(Duration.ofSeconds(2)).until(redis::up);

        assertThat(here.get(KEY, load("newer")).await().text()).isEqualTo("newer");
    }

    @Test
    void whatIsDroppedIsLookedUpAnewWhateverRedisHoldsAndKeptFromThenOn() {
        there.get(KEY, load("old")).await();
        here.get(KEY, load("unused")).await();

        here.drop(KEY);

        assertThat(here.get(KEY, load("new")).await().text()).isEqualTo("new");
        assertThat(here.get(KEY, load("newer")).await().text()).isEqualTo("new");
        assertThat(lookups("far", "hit")).isEqualTo(1);
        assertThat(loads).hasValue(2);
    }

    @Test
    void aLoadThatBeganBeforeADropIsNeitherKeptNorStored() {
        Promise<Word> slow = Promise.promise();
        Future<Word> early = here.get(KEY, () -> {
            loads.incrementAndGet();
            return slow.future();
        });
        await().untilAtomic(loads, org.hamcrest.Matchers.is(1));

        here.drop(KEY);
        slow.complete(new Word("old"));
        early.await();

        assertThat(here.get(KEY, load("new")).await().text()).isEqualTo("new");
        assertThat(there.get(KEY, load("new")).await().text()).isEqualTo("new");
        assertThat(loads).hasValue(3);
    }

    @Test
    void whatWasDroppedWhileRedisHungIsNotReadThereWhenItIsBack() {
        there.get(KEY, load("old")).await();
        server.freeze();
        here.drop(KEY);
        server.thaw();

        assertThat(here.get(KEY, load("new")).await().text()).isEqualTo("new");
    }

    @Test
    void aValueIsNeverOlderThanItMayGetWhicheverLevelsItPassed() {
        TwoLevelCache<Word> brief = node(Duration.ofMillis(400), new SimpleMeterRegistry());
        TwoLevelCache<Word> other = node(Duration.ofMillis(400), new SimpleMeterRegistry());
        long began = System.nanoTime();
        brief.get(KEY, load("old")).await();

        await().pollInterval(Duration.ofMillis(20))
                .atMost(Duration.ofSeconds(2))
                .until(() -> other.get(KEY, load("new")).await().text().equals("new"));

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMillis(700));
    }
}
