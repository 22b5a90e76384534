package io.temponest.model.price;

import io.temponest.bus.Bus;
import io.temponest.identity.TenantId;
import io.temponest.model.Price;
import io.temponest.model.Prices;
import io.temponest.model.price.PriceAddresses.PricesChanged;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What models cost the tenants whose calls this node has lately made, in memory. A change counts when its node has told this
 * one, and within two seconds where that was lost. Safe for any context; futures complete on the caller's.
 */
public final class TenantPrices {

    private static final Logger LOG = LoggerFactory.getLogger(TenantPrices.class);
    private static final Duration READ_EVERY = Duration.ofSeconds(1);
    private static final long LONGEST_WAIT_S = 5;
    private static final long FORGOTTEN_AFTER = 60_000_000_000L;

    private final Vertx vertx;
    private final Bus bus;
    private final Supplier<Prices> table;
    private final PriceStore store;
    private final Map<TenantId, Known> tenants = new ConcurrentHashMap<>();
    private final AtomicLong questions = new AtomicLong();
    private final MessageConsumer<PricesChanged> ear;
    private volatile boolean closed;

    /** @param table the operator's, as it is now */
    public TenantPrices(Vertx vertx, Bus bus, Supplier<Prices> table, PriceStore store) {
        this.vertx = vertx;
        this.bus = bus;
        this.table = table;
        this.store = store;
        this.ear = bus.hear(PriceAddresses.PRICES_CHANGED, told -> read(Set.of(told.tenant())));
        readAgain();
    }

    /** What is known of a tenant. */
    private static final class Known {

        private final Promise<Void> first = Promise.promise();
        private volatile Merged merged;
        private volatile long usedAt = System.nanoTime();
        private long answered;

        /** A table with the tenant's prices before it, made when one of the two has changed. */
        private record Merged(Prices table, List<Price> own, Prices prices) {

            static Merged of(Prices table, List<Price> own) {
                return new Merged(table, own, table.with(own));
            }
        }

        Known(Prices table) {
            this.merged = Merged.of(table, List.of());
        }

        Prices prices(Prices table) {
            usedAt = System.nanoTime();
            Merged now = merged;
            if (now.table() != table) {
                synchronized (this) {
                    now = Merged.of(table, merged.own());
                    merged = now;
                }
            }
            return now.prices();
        }

        /** @param question grows with each, so that an answer that was overtaken is known */
        void follow(Prices table, List<Price> own, long question) {
            synchronized (this) {
                if (question < answered) {
                    return;
                }
                answered = question;
                if (!own.equals(merged.own())) {
                    merged = Merged.of(table, List.copyOf(own));
                }
            }
            first.tryComplete();
        }

        boolean isIdle() {
            return first.future().succeeded() && System.nanoTime() - usedAt > FORGOTTEN_AFTER;
        }
    }

    /**
     * The prices of a tenant's calls. They are at hand but for the first call of a tenant that made none for a minute. Fails where
     * they are not known and the database is away, within five seconds.
     */
    public Future<Prices> of(TenantId tenant) {
        Optional<Known> there = Optional.ofNullable(tenants.get(tenant));
        Known known = there.orElseGet(() -> tenants.computeIfAbsent(tenant, fresh -> new Known(table.get())));
        Future<Void> first = known.first.future();
        if (first.succeeded()) {
            return Future.succeededFuture(known.prices(table.get()));
        }
        if (there.isEmpty()) {
            read(Set.of(tenant));
        }
        CompletableFuture<Void> inTime =
                first.toCompletionStage().toCompletableFuture().orTimeout(LONGEST_WAIT_S, TimeUnit.SECONDS);
        return Future.fromCompletionStage(inTime, vertx.getOrCreateContext()).map(read -> known.prices(table.get()));
    }

    /**
     * Takes note of a change of a tenant's prices, after the transaction that made it: on this node when the future completes,
     * on the others as soon as they hear of it. Never fails.
     */
    public Future<Void> changed(TenantId tenant) {
        bus.nudgeAll(PriceAddresses.PRICES_CHANGED, new PricesChanged(tenant));
        return read(Set.of(tenant));
    }

    /** Reads again what is known here of these tenants. */
    private Future<Void> read(Collection<TenantId> wanted) {
        Map<TenantId, Known> asked = new HashMap<>();
        wanted.forEach(tenant -> Optional.ofNullable(tenants.get(tenant)).ifPresent(known -> asked.put(tenant, known)));
        if (asked.isEmpty()) {
            return Future.succeededFuture();
        }
        long question = questions.incrementAndGet();
        return store.of(asked.keySet())
                .onSuccess(prices -> asked.forEach(
                        (tenant, known) -> known.follow(table.get(), prices.getOrDefault(tenant, List.of()), question)))
                .onFailure(failure -> {
                    LOG.atWarn().addKeyValue("reason", failure.getMessage()).log("model.prices_not_read");
                    asked.forEach((tenant, known) -> {
                        // What is known goes on; who waits to know gets to know that.
                        if (known.first.tryFail(failure)) {
                            tenants.remove(tenant, known);
                        }
                    });
                })
                .<Void>mapEmpty()
                .otherwiseEmpty();
    }

    private void readAgain() {
        vertx.setTimer(READ_EVERY.toMillis(), due -> {
            tenants.values().removeIf(Known::isIdle);
            if (!closed) {
                read(tenants.keySet()).onComplete(done -> readAgain());
            }
        });
    }

    /** Nobody is told any more. */
    public Future<Void> close() {
        closed = true;
        return ear.unregister();
    }
}
