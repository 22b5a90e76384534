package io.temponest.gateway.auth;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.temponest.account.AccessChange;
import io.temponest.account.AccessChangeStore;
import io.temponest.account.AccountAddresses;
import io.temponest.account.AccountAddresses.AccessChanged;
import io.temponest.bus.Bus;
import io.temponest.identity.TenantId;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the log of what gateways must forget: twice a second, and at once when the bus says that there is something. PostgreSQL
 * decides, the bus only makes it faster. Each reading goes back further than the last, because an entry can be seen later than
 * one that was made after it. One reading at a time, on one context; the rest is safe for use by any.
 */
public final class AccessLog {

    private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);

    private static final Duration PERIOD = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** Longer than a request may take: so late an entry can be seen. */
    private static final Duration OVERLAP = Duration.ofSeconds(40);

    /** What is older no token can be touched by any more. */
    private static final Duration LONGEST = AccessTokens.LIFETIME.plusMinutes(1).plus(OVERLAP);

    /** A gateway that has not read the log for so long knows nothing of what was revoked. */
    private static final Duration BLIND = Duration.ofSeconds(10);

    private final Vertx vertx;
    private final Bus bus;
    private final AccessChangeStore store;
    private final Counter nudged;
    private final Context context;
    private final Map<UUID, Long> seen = new HashMap<>();
    private final List<CompletableFuture<Void>> waiting = new ArrayList<>();
    private Optional<Consumer<AccessChange>> listener = Optional.empty();
    private Optional<MessageConsumer<AccessChanged>> nudges = Optional.empty();
    private boolean reading;
    private volatile long readAt = System.nanoTime() - LONGEST.toNanos();
    private long timer;

    public AccessLog(Vertx vertx, Bus bus, AccessChangeStore store, MeterRegistry metrics) {
        this.vertx = vertx;
        this.bus = bus;
        this.store = store;
        this.nudged = Counter.builder("temponest_access_nudges")
                .description("Times that a node, this one included, has told of changed access over the bus")
                .register(metrics);
        this.context = vertx.getOrCreateContext();
    }

    /** Reads what could still matter, and follows; the future fails when the log cannot be read. */
    public Future<Void> start(Consumer<AccessChange> changes) {
        listener = Optional.of(changes);
        nudges = Optional.of(bus.hear(AccountAddresses.ACCESS_CHANGED, changed -> {
            nudged.increment();
            refresh();
        }));
        return refresh().compose(done -> {
            if (!current()) {
                return Future.failedFuture("the log of revoked access cannot be read");
            }
            timer = vertx.setPeriodic(PERIOD.toMillis(), tick -> refresh());
            return Future.succeededFuture();
        });
    }

    /** Whether what was revoked is known, but for the last seconds. */
    public boolean current() {
        return System.nanoTime() - readAt < BLIND.toNanos();
    }

    /**
     * To be called when a transaction with an entry was committed: it counts on this node when the future completes, unless the log
     * could not be read just then; it does at the next reading.
     */
    public Future<Void> changed(TenantId tenant) {
        bus.nudgeAll(AccountAddresses.ACCESS_CHANGED, new AccessChanged(tenant));
        return refresh();
    }

    /** Reads the log from now on; never fails, the next reading mends it. */
    private Future<Void> refresh() {
        CompletableFuture<Void> read = new CompletableFuture<>();
        context.runOnContext(now -> {
            waiting.add(read);
            readNext();
        });
        return Future.fromCompletionStage(read, vertx.getOrCreateContext());
    }

    /** What was asked for during a reading needs another: the entry may have come behind it. */
    private void readNext() {
        if (reading || waiting.isEmpty()) {
            return;
        }
        reading = true;
        List<CompletableFuture<Void>> served = List.copyOf(waiting);
        waiting.clear();
        long since = System.nanoTime();
        store.within(window(since))
                .timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .onComplete(done ->
                        // A time-out comes on a context of its own.
                        context.runOnContext(now -> {
                            reading = false;
                            if (done.succeeded()) {
                                apply(done.result(), since);
                            } else {
                                LOG.atWarn()
                                        .addKeyValue("cause", String.valueOf(done.cause()))
                                        .log("access.log_unread");
                            }
                            served.forEach(read -> read.complete(null));
                            readNext();
                        }));
    }

    private Duration window(long now) {
        Duration since = Duration.ofNanos(now - readAt).plus(OVERLAP);
        return since.compareTo(LONGEST) > 0 ? LONGEST : since;
    }

    private void apply(List<AccessChange> changes, long since) {
        for (AccessChange change : changes) {
            if (seen.put(change.id(), since) == null) {
                listener.ifPresent(forgetter -> forgetter.accept(change));
            }
        }
        // What is still within the window was put again just now.
        seen.values().removeIf(last -> since - last > OVERLAP.toNanos());
        readAt = since;
    }

    public Future<Void> stop() {
        vertx.cancelTimer(timer);
        return nudges.map(MessageConsumer::unregister).orElseGet(Future::succeededFuture);
    }
}
