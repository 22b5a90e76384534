package io.temponest.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.gateway.limit.Allowance.Granted;
import io.temponest.gateway.limit.Allowance.Overloaded;
import io.temponest.gateway.limit.Allowance.Refused;
import io.temponest.gateway.limit.Allowance.Undecided;
import io.temponest.gateway.limit.Allowance.Where;
import io.temponest.gateway.limit.Window.Taken;
import io.temponest.identity.Ids;
import io.temponest.store.Redis;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Nodes that hold leases of one window, on a clock that the test moves. */
class LeasedKeyTest {

    private static final LimitKey KEY = new LimitKey.OfTenant(new Ids().nextTenant(), "read", Subject.TENANT, "");

    /** A cluster whose answers take their time, on the way there and on the way back. */
    private static final class Cluster implements Windows {

        private final Window window = new Window();
        private final PriorityQueue<Due> due = new PriorityQueue<>(Comparator.comparingLong(Due::at));
        private final Random random;
        private final int slowest;
        private long now = 1_000_000;
        private int asked;
        private boolean away;

        private record Due(long at, Runnable action) {}

        private Cluster(Random random, int slowest) {
            this.random = random;
            this.slowest = slowest;
        }

        private LeasedKey node(Quota quota) {
            return new LeasedKey(new LeasedKey.Surroundings(this, () -> now * 1_000_000, this::after), KEY, quota);
        }

        private void after(long millis, Runnable action) {
            due.add(new Due(now + millis, action));
        }

        private long travel() {
            return slowest == 0 ? 0 : random.nextInt(slowest);
        }

        @Override
        public Future<Taken> take(LimitKey key, Quota quota, int least, int most) {
            asked++;
            if (away) {
                return Future.failedFuture("away");
            }
            Promise<Taken> answer = Promise.promise();
            after(travel(), () -> {
                Taken taken = window.take(now, quota, least, most);
                after(travel(), () -> answer.complete(taken));
            });
            return answer.future();
        }

        @Override
        public Future<Void> giveBack(LimitKey key, Quota quota, long slot, int permits) {
            after(travel(), () -> window.giveBack(slot, permits));
            return Future.succeededFuture();
        }

        /** Lets time pass, in which everything that is due happens. */
        private void pass(long millis) {
            long until = now + millis;
            while (!due.isEmpty() && due.peek().at() <= until) {
                Due next = due.remove();
                now = Math.max(now, next.at());
                next.action().run();
            }
            now = until;
        }
    }

    private record Used(long at, int amount) {}

    @Property(tries = 150)
    void noWindowOfUseEverHoldsMoreThanTheLimitWhateverLeasesThereAre(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 400) int limit,
            @ForAll @IntRange(min = 6, max = 120) int seconds) {
        Random random = new Random(seed);
        Quota quota = new Quota(limit, Duration.ofSeconds(seconds));
        Cluster cluster = new Cluster(random, 40);
        List<LeasedKey> nodes =
                IntStream.range(0, 3).mapToObj(node -> cluster.node(quota)).toList();
        List<Used> used = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            int amount = random.nextInt(10) == 0 ? 1 + random.nextInt(Math.max(1, limit / 10)) : 1;
            nodes.get(random.nextInt(3)).take(amount).onSuccess(allowance -> {
                if (allowance instanceof Granted granted) {
                    if (random.nextInt(20) == 0) {
                        granted.giveBack().run();
                    } else {
                        used.add(new Used(cluster.now, amount));
                    }
                }
            });
            cluster.pass(random.nextInt(8) == 0 ? random.nextInt(2_000) : random.nextInt(10));
        }

        long span = quota.window().toMillis();
        int first = 0;
        long sum = 0;
        for (Used last : used) {
            sum += last.amount();
            while (used.get(first).at() <= last.at() - span) {
                sum -= used.get(first).amount();
                first++;
            }
            assertThat(sum).isLessThanOrEqualTo(limit);
        }
    }

    @Test
    void threeBusyNodesReachNearlyAllOfTheLimitAndAskSeldom() {
        Cluster cluster = new Cluster(new Random(1), 4);
        Quota quota = Quota.perMinute(1_000);
        List<LeasedKey> nodes =
                IntStream.range(0, 3).mapToObj(node -> cluster.node(quota)).toList();
        List<Allowance> decisions = new ArrayList<>();
        for (int millis = 0; millis < 600_000; millis += 3) {
            nodes.get(millis % 3).take(1).onSuccess(decisions::add);
            nodes.get((millis + 1) % 3).take(1).onSuccess(decisions::add);
            cluster.pass(3);
        }

        long admitted = decisions.stream().filter(Granted.class::isInstance).count();
        assertThat(admitted / 10.0).isBetween(950.0, 1_040.0);
        assertThat((double) cluster.asked / decisions.size()).isLessThan(0.2);
    }

    /** As long as a call may take, in one go or there and back. */
    @Test
    void anAnswerThatTakesAllItsTimeIsStillOfUse() {
        int slowest = (int) Redis.DEADLINE.toMillis() / 2;
        Cluster cluster = new Cluster(new Slowest(), slowest);
        LeasedKey node = cluster.node(new Quota(1, Duration.ofSeconds(6)));

        Future<Allowance> first = node.take(1);
        cluster.pass(2_000);

        assertThat(first.result()).isInstanceOf(Granted.class);
        assertThat(cluster.asked).isEqualTo(1);
    }

    private static final class Slowest extends Random {

        private static final long serialVersionUID = 1L;

        @Override
        public int nextInt(int bound) {
            return bound - 1;
        }
    }

    @Test
    void aQuietNodeFetchesNoMoreThanItNeeds() {
        Cluster cluster = new Cluster(new Random(1), 0);
        LeasedKey node = cluster.node(Quota.perMinute(1_000));
        for (int i = 0; i < 5; i++) {
            node.take(1);
            cluster.pass(5_000);
        }

        assertThat(cluster.asked).isEqualTo(5);
        assertThat(cluster.window
                        .take(cluster.now, Quota.perMinute(1_000), 1, 1)
                        .remaining())
                .isEqualTo(994);
    }

    @Test
    void permitsThatWereNotUsedAreBackWhenTheirLeaseHasEnded() {
        Cluster cluster = new Cluster(new Random(1), 0);
        LeasedKey node = cluster.node(Quota.perMinute(1_000));
        for (int i = 0; i < 12; i++) {
            node.take(1);
            cluster.pass(10);
        }
        cluster.pass(2_000);

        assertThat(cluster.window
                        .take(cluster.now, Quota.perMinute(1_000), 1, 1)
                        .remaining())
                .isEqualTo(1_000 - 12 - 1);
    }

    @Test
    void thoseWhoComeWhileAQuestionIsOnItsWayShareItsAnswer() {
        Cluster cluster = new Cluster(new Random(1), 0);
        LeasedKey node = cluster.node(Quota.perMinute(5_000));

        List<Future<Allowance>> waiting =
                IntStream.range(0, 50).mapToObj(i -> node.take(1)).toList();
        cluster.pass(1);

        assertThat(waiting).allSatisfy(one -> assertThat(one.result()).isInstanceOf(Granted.class));
        assertThat(cluster.asked).isEqualTo(2);
    }

    @Test
    void asManyAsWaitAreAskedForAtOnce() {
        Cluster cluster = new Cluster(new Random(1), 0);
        LeasedKey node = cluster.node(Quota.perMinute(1_000));

        List<Future<Allowance>> waiting =
                IntStream.range(0, 301).mapToObj(i -> node.take(1)).toList();
        cluster.pass(1);

        assertThat(waiting).allSatisfy(one -> assertThat(one.result()).isInstanceOf(Granted.class));
        assertThat(cluster.asked).isEqualTo(2);
    }

    @Test
    void thoseWhoWaitAreBoundedInNumber() {
        Cluster cluster = new Cluster(new Random(1), 0);
        LeasedKey node = cluster.node(Quota.perMinute(1_000_000));
        IntStream.range(0, 1_000).forEach(i -> node.take(1));

        assertThat(node.take(1).result()).isInstanceOf(Overloaded.class);
    }

    @Test
    void aRefusalIsRememberedForAMomentAndSmallerAmountsAreAskedFor() {
        Cluster cluster = new Cluster(new Random(1), 0);
        LeasedKey node = cluster.node(Quota.perMinute(10));
        node.take(8);
        cluster.pass(1);
        Future<Allowance> large = node.take(5);
        cluster.pass(1);
        int asked = cluster.asked;

        assertThat(large.result()).isInstanceOfSatisfying(Refused.class, refused -> {
            assertThat(refused.where()).isEqualTo(Where.REDIS);
            assertThat(refused.usage().remaining()).isEqualTo(2);
        });
        assertThat(node.take(5).result()).isInstanceOfSatisfying(Refused.class, refused -> {
            assertThat(refused.where()).isEqualTo(Where.LOCAL);
            assertThat(refused.retryAfter()).isBetween(Duration.ofSeconds(59), Duration.ofSeconds(62));
        });
        assertThat(cluster.asked).isEqualTo(asked);

        Future<Allowance> small = node.take(2);
        cluster.pass(1);
        assertThat(small.result()).isInstanceOf(Granted.class);
    }

    @Test
    void whileTheClusterIsAwayALeaseStillServesAndThenNothingIsDecided() {
        Cluster cluster = new Cluster(new Random(1), 0);
        LeasedKey node = cluster.node(Quota.perMinute(1_000));
        for (int i = 0; i < 2; i++) {
            node.take(1);
            cluster.pass(1);
        }
        cluster.away = true;

        assertThat(node.take(1).result())
                .isInstanceOfSatisfying(
                        Granted.class, held -> assertThat(held.where()).isEqualTo(Where.LEASE));
        cluster.pass(1_500);
        assertThat(node.take(1).result()).isInstanceOf(Undecided.class);
    }

    @Test
    void whatWasRefusedForAMinuteStaysRefusedWhileTheClusterIsAway() {
        Cluster cluster = new Cluster(new Random(1), 0);
        LeasedKey node = cluster.node(Quota.perMinute(1));
        node.take(1);
        cluster.pass(1);
        node.take(1);
        cluster.pass(1);
        cluster.away = true;

        cluster.pass(30_000);
        assertThat(node.take(1).result()).isInstanceOf(Refused.class);
        cluster.pass(40_000);
        assertThat(node.take(1).result()).isInstanceOf(Undecided.class);
    }
}
