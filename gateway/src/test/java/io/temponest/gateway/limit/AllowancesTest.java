package io.temponest.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.gateway.limit.Allowance.Granted;
import io.temponest.gateway.limit.Allowance.Refused;
import io.temponest.gateway.limit.Allowance.Undecided;
import io.temponest.identity.Ids;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is remembered of windows, and for how long, on a clock that the test moves. */
class AllowancesTest {

    private static final LimitKey KEY = new LimitKey.OfTenant(new Ids().nextTenant(), "read", Subject.TENANT, "");

    private final Vertx vertx = Vertx.vertx();
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicBoolean away = new AtomicBoolean();

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    /** One window for all keys, which may be away. */
    private final class Cluster implements Windows {

        private final Window window = new Window();

        @Override
        public Future<Window.Taken> take(LimitKey key, Quota quota, int least, int most) {
            return away.get()
                    ? Future.failedFuture("away")
                    : Future.succeededFuture(window.take(nanos.get() / 1_000_000, quota, least, most));
        }

        @Override
        public Future<Void> giveBack(LimitKey key, Quota quota, long slot, int permits) {
            window.giveBack(slot, permits);
            return Future.succeededFuture();
        }
    }

    @Test
    void aNumberThatChangesDoesNotBeginTheWindowAnew() {
        MemoryAllowances memory = new MemoryAllowances(() -> nanos.get() / 1_000_000);
        assertThat(memory.take(KEY, Quota.perMinute(5), 5).result()).isInstanceOf(Granted.class);

        assertThat(memory.take(KEY, Quota.perMinute(10), 6).result()).isInstanceOf(Refused.class);
        assertThat(memory.take(KEY, Quota.perMinute(10), 5).result()).isInstanceOf(Granted.class);
        assertThat(memory.take(KEY, Quota.perMinute(3), 1).result()).isInstanceOf(Refused.class);
    }

    @Test
    void whatWasRefusedForAnHourStaysRefusedWhileTheClusterIsAwayThoughNobodyAsksMeanwhile() {
        LeasedAllowances leased = new LeasedAllowances(vertx, new Cluster(), nanos::get);
        Quota hourly = new Quota(1, Duration.ofHours(1));
        assertThat(leased.take(KEY, hourly, 1).result()).isInstanceOf(Granted.class);
        assertThat(leased.take(KEY, hourly, 1).result()).isInstanceOf(Refused.class);
        away.set(true);

        pass(Duration.ofMinutes(50));
        assertThat(leased.take(KEY, hourly, 1).result()).isInstanceOf(Refused.class);
        pass(Duration.ofMinutes(50));
        assertThat(leased.take(KEY, hourly, 1).result()).isInstanceOf(Undecided.class);
    }
}
