package io.temponest.spend;

import io.temponest.store.SqlFailure;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that a node tells PostgreSQL about money, one transaction at a time: rows for the ledger in groups, and questions
 * for money. Because one follows the other, what a node asks to hold is what it holds. What fails is repeated until it is done;
 * there are no more rows than slots of journals. Its own state belongs to one context.
 */
final class Flusher {

    /** So many rows do not wait for others. */
    private static final int GROUP = 256;

    /** In one transaction; what came meanwhile goes together, so that whoever is behind catches up. */
    private static final int MOST = 2_048;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    private static final Duration ASIDE = Duration.ofMinutes(1);
    private static final Logger LOG = LoggerFactory.getLogger(Flusher.class);

    private final Vertx vertx;
    private final Context context;
    private final LedgerStore ledger;
    private final Questions questions;
    private final SpendPace pace;
    private final SpendMetrics metrics;
    private final Supplier<List<SpendCall>> reservable;
    private final Queue<Pending> pending = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicBoolean armed = new AtomicBoolean();
    private final Deque<Pending> again = new ArrayDeque<>();
    private List<SpendCall> open = List.of();
    private volatile boolean running;
    private boolean pausing;
    private boolean askedLast;
    private int failures;
    private int most = MOST;

    /**
     * Where it writes.
     *
     * @param reservable calls to write to the reservations, each told once
     */
    record Wiring(
            LedgerStore ledger, Questions questions, SpendMetrics metrics, Supplier<List<SpendCall>> reservable) {}

    Flusher(Vertx vertx, Wiring wiring, SpendPace pace) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.ledger = wiring.ledger();
        this.questions = wiring.questions();
        this.metrics = wiring.metrics();
        this.reservable = wiring.reservable();
        this.pace = pace;
    }

    /** Has a row written. Safe for any thread. */
    void add(Pending row) {
        pending.add(row);
        if (count.incrementAndGet() == GROUP) {
            context.runOnContext(now -> run());
        }
        arm();
    }

    private void arm() {
        if (armed.compareAndSet(false, true)) {
            context.runOnContext(
                    now -> vertx.setTimer(Math.max(1, pace.flushWithin().toMillis()), due -> {
                        armed.set(false);
                        run();
                    }));
        }
    }

    /** Has a tenant's wishes asked. Safe for any thread. */
    void ask(TenantMoney tenant) {
        if (questions.add(tenant)) {
            context.runOnContext(now -> run());
        }
    }

    /** Has the calls that are open for a while written. */
    Future<Void> reserve() {
        context.runOnContext(now -> {
            open = new ArrayList<>(open);
            open.addAll(reservable.get());
            run();
        });
        return Future.succeededFuture();
    }

    /** Whether nothing is left to do. */
    boolean isIdle() {
        return count.get() == 0 && questions.isEmpty() && !running;
    }

    private void run() {
        if (running) {
            return;
        }
        boolean due = !pausing && (count.get() > 0 || !open.isEmpty());
        if (!questions.isEmpty() && !(askedLast && due)) {
            askedLast = true;
            running = true;
            questions.ask().onComplete(done -> ended());
        } else if (due) {
            askedLast = false;
            running = true;
            flush().onComplete(done -> ended());
        }
    }

    private void ended() {
        running = false;
        if (!questions.isEmpty() || count.get() >= GROUP || !open.isEmpty()) {
            context.runOnContext(now -> run());
        } else if (count.get() > 0) {
            arm();
        }
    }

    private Future<Void> flush() {
        List<Pending> batch = new ArrayList<>();
        while (batch.size() < most && !again.isEmpty()) {
            batch.add(again.remove());
        }
        while (batch.size() < most && !pending.isEmpty()) {
            batch.add(pending.remove());
        }
        count.addAndGet(-batch.size());
        List<SpendCall> reserved = open;
        open = List.of();
        long start = System.nanoTime();
        return ledger.write(batch, reserved)
                .onSuccess(done -> {
                    metrics.flushed(batch.size(), System.nanoTime() - start);
                    failures = 0;
                    most = Math.min(MOST, most * 2);
                    batch.forEach(row -> row.written().run());
                })
                .onFailure(failure -> failed(batch, reserved, failure));
    }

    private void failed(List<Pending> batch, List<SpendCall> reserved, Throwable failure) {
        metrics.flushFailed();
        LOG.atWarn()
                .addKeyValue("rows", batch.size())
                .addKeyValue("reason", failure.getMessage())
                .log("spend.not_flushed");
        List<SpendCall> both = new ArrayList<>(reserved);
        both.addAll(open);
        open = both;
        if (!SqlFailure.isRetryable(failure) && batch.size() == 1 && reserved.isEmpty()) {
            setAside(batch.getFirst(), failure);
            return;
        }
        batch.reversed().forEach(again::addFirst);
        count.addAndGet(batch.size());
        if (SqlFailure.isRetryable(failure)) {
            pause();
        } else {
            // One of them is at fault: smaller groups find out which. Reservations are an addition to the journal only.
            open = List.of();
            most = Math.max(1, batch.size() / 2);
        }
    }

    /** A row that the ledger does not take must not keep the others from it. */
    private void setAside(Pending row, Throwable failure) {
        metrics.unwritable();
        LOG.atError()
                .setCause(failure)
                .addKeyValue("usage", row.row().call().attempt())
                .log("spend.row_not_taken");
        vertx.setTimer(ASIDE.toMillis(), due -> add(row));
    }

    private void pause() {
        long pauseMillis = Math.min(LONGEST_PAUSE.toMillis(), FIRST_PAUSE.toMillis() << Math.min(failures, 10));
        failures++;
        pausing = true;
        vertx.setTimer(pauseMillis / 2 + ThreadLocalRandom.current().nextLong(pauseMillis / 2 + 1), due -> {
            pausing = false;
            run();
        });
    }
}
