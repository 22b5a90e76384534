package io.temponest.gateway.limit;

import io.temponest.gateway.limit.Window.Taken;
import io.temponest.store.RedisBusy;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * One window of the cluster as a node sees it. Permits are fetched ahead, as many as the node has lately used in a lease's life,
 * and handed out here until the lease ends; what is left then is given back. A refusal is remembered. One question is on its
 * way at a time, and whoever comes meanwhile waits for its answer. Safe for any thread; answers are given outside the lock.
 */
final class LeasedKey {

    /** Requests that wait for one answer; one more is refused at once. */
    private static final int MOST_WAITING = 1_000;

    /** Others may have given back permits, or the limit may have been raised. */
    private static final Duration REFUSAL_REMEMBERED = Duration.ofMillis(500);

    private static final Allowance NOBODY_KNOWS = new Allowance.Undecided();

    private final Surroundings around;
    private final LimitKey key;
    private final Quota quota;
    private final long leaseNanos;
    private final Deque<Waiter> waiting = new ArrayDeque<>();
    private Optional<Lease> lease = Optional.empty();
    private Optional<Refusal> refusal = Optional.empty();
    private boolean asking;
    private long askedAt;
    private long usedSince;

    /**
     * What all keys of a node share.
     *
     * @param nanos a clock that does not go back
     */
    record Surroundings(Windows windows, LongSupplier nanos, Later later) {}

    /** Does something after so many milliseconds. */
    interface Later {
        void after(long millis, Runnable action);
    }

    private record Waiter(int amount, Promise<Allowance> promise) {}

    private record Refusal(int amount, long until, long retryAt, Usage usage) {}

    /** Permits of a slot that may be used until a time; mutable, under the key's lock. */
    private static final class Lease {
        private final Taken grant;
        private final long grantedAt;
        private final long until;
        private int left;

        private Lease(Taken grant, long grantedAt, long until) {
            this.grant = grant;
            this.grantedAt = grantedAt;
            this.until = until;
            this.left = grant.granted();
        }
    }

    LeasedKey(Surroundings around, LimitKey key, Quota quota) {
        this.around = around;
        this.key = key;
        this.quota = quota;
        this.leaseNanos = Duration.ofMillis(quota.leaseMillis()).toNanos();
        this.askedAt = around.nanos().getAsLong() - leaseNanos;
    }

    Future<Allowance> take(int amount) {
        Promise<Allowance> promise = Promise.promise();
        synchronized (this) {
            long now = around.nanos().getAsLong();
            endLease(now);
            Optional<Allowance> known = decided(amount, now);
            if (known.isPresent()) {
                return Future.succeededFuture(known.get());
            }
            if (waiting.size() >= MOST_WAITING) {
                return Future.succeededFuture(new Allowance.Overloaded());
            }
            waiting.add(new Waiter(amount, promise));
            if (asking) {
                return promise.future();
            }
            asking = true;
        }
        ask();
        return promise.future();
    }

    private Optional<Allowance> decided(int amount, long now) {
        if (lease.filter(held -> held.left >= amount).isPresent()) {
            return Optional.of(use(lease.get(), amount, now, Allowance.Where.LEASE));
        }
        // While it is asked again, what was said last still goes for all others.
        return refusal.filter(known ->
                        amount >= known.amount() && (known.until() - now > 0 || (asking && known.retryAt() - now > 0)))
                .map(known -> refused(known, now));
    }

    private Allowance use(Lease from, int amount, long now, Allowance.Where where) {
        from.left -= amount;
        usedSince += amount;
        Duration reset = Duration.ofMillis(from.grant.resetMillis()).minusNanos(now - from.grantedAt);
        Usage usage = new Usage(quota, from.grant.remaining() + from.left, reset.isNegative() ? Duration.ZERO : reset);
        return new Allowance.Granted(usage, where, () -> giveBack(from, amount));
    }

    private void giveBack(Lease to, int amount) {
        synchronized (this) {
            if (lease.filter(held -> held == to).isPresent()
                    && to.until - around.nanos().getAsLong() > 0) {
                to.left += amount;
                usedSince -= amount;
                return;
            }
        }
        around.windows().giveBack(key, quota, to.grant.slot(), amount);
    }

    private void ask() {
        int least;
        int most;
        long now = around.nanos().getAsLong();
        synchronized (this) {
            least = waiting.getFirst().amount();
            most = (int) Math.max(least, Math.min(quota.limit(), useful(now)));
            askedAt = now;
            usedSince = 0;
        }
        around.windows().take(key, quota, least, most).onComplete(answer -> answered(now, least, answer));
    }

    /** All that is waited for, or what a lease's life would take at the pace since the last question, up to the node's share. */
    private long useful(long now) {
        long waited = waiting.stream().mapToLong(Waiter::amount).sum();
        long pace = usedSince * leaseNanos / Math.max(now - askedAt, leaseNanos / 10);
        return Math.max(waited, Math.min(quota.share(), pace));
    }

    private void answered(long sentAt, int least, AsyncResult<Taken> answer) {
        List<Runnable> answers = new ArrayList<>();
        boolean more;
        synchronized (this) {
            long now = around.nanos().getAsLong();
            // From when it was asked for: the server granted it later than that.
            long until = sentAt + leaseNanos;
            if (answer.failed()) {
                undecided(
                        now, answer.cause() instanceof RedisBusy ? new Allowance.Overloaded() : NOBODY_KNOWS, answers);
            } else if (answer.result().granted() == 0) {
                refuse(answer.result(), least, now, answers);
            } else {
                leave();
                lease = Optional.of(new Lease(answer.result(), now, until));
                refusal = Optional.empty();
                // One that came too late is given back, and whoever waits asks again.
                endLease(now);
                serve(now, answers);
                endLease(now);
            }
            more = !waiting.isEmpty();
            asking = more;
            lease.ifPresent(held -> around.later().after((held.until - now) / 1_000_000 + 1, this::expire));
        }
        answers.forEach(Runnable::run);
        if (more) {
            ask();
        }
    }

    /** What was refused for a time stays refused for that time; of anything else nothing is known. */
    private void undecided(long now, Allowance otherwise, List<Runnable> answers) {
        for (Waiter waiter : waiting) {
            Allowance said = refusal.filter(known -> waiter.amount() >= known.amount() && known.retryAt() - now > 0)
                    .map(known -> refused(known, now))
                    .orElse(otherwise);
            answers.add(() -> waiter.promise().complete(said));
        }
        waiting.clear();
    }

    private static Allowance refused(Refusal known, long now) {
        return new Allowance.Refused(
                known.usage(), Duration.ofNanos(Math.max(0, known.retryAt() - now)), Allowance.Where.LOCAL);
    }

    private void serve(long now, List<Runnable> answers) {
        lease.ifPresent(held -> {
            while (!waiting.isEmpty() && waiting.getFirst().amount() <= held.left) {
                Waiter waiter = waiting.removeFirst();
                Allowance granted = use(held, waiter.amount(), now, Allowance.Where.REDIS);
                answers.add(() -> waiter.promise().complete(granted));
            }
        });
    }

    private void refuse(Taken taken, int least, long now, List<Runnable> answers) {
        Usage usage = new Usage(quota, taken.remaining(), Duration.ofMillis(taken.resetMillis()));
        Duration retryAfter = MemoryAllowances.retryAfter(taken, quota);
        long remembered = Math.min(REFUSAL_REMEMBERED.toNanos(), retryAfter.toNanos());
        refusal = Optional.of(new Refusal(least, now + remembered, now + retryAfter.toNanos(), usage));
        waiting.removeIf(waiter -> {
            if (waiter.amount() < least) {
                return false;
            }
            answers.add(
                    () -> waiter.promise().complete(new Allowance.Refused(usage, retryAfter, Allowance.Where.REDIS)));
            return true;
        });
    }

    /** Nanoseconds that the last refusal stands yet, should the cluster not be asked again; 0 where there is none. */
    synchronized long refusedFor() {
        long now = around.nanos().getAsLong();
        return refusal.map(known -> Math.max(0, known.retryAt() - now)).orElse(0L);
    }

    private synchronized void expire() {
        endLease(around.nanos().getAsLong());
    }

    private void endLease(long now) {
        if (lease.filter(held -> held.left == 0 || held.until - now <= 0).isPresent()) {
            leave();
        }
    }

    private void leave() {
        lease.filter(held -> held.left > 0)
                .ifPresent(held -> around.windows().giveBack(key, quota, held.grant.slot(), held.left));
        lease = Optional.empty();
    }
}
