package io.temponest.spend;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What the money of a node comes to. */
final class SpendMetrics {

    private final MeterRegistry registry;
    private final Counter opened;
    private final Counter refused;
    private final Counter unavailable;
    private final Map<Settlement.Status, Counter> settled = new EnumMap<>(Settlement.Status.class);
    private final Timer flush;
    private final DistributionSummary rows;
    private final Counter flushFailures;
    private final Counter unwritable;
    private final Timer lease;
    private final Counter leaseFailures;
    private final Counter buried;

    SpendMetrics(MeterRegistry registry) {
        this.registry = registry;
        opened = calls("opened");
        refused = calls("refused");
        unavailable = calls("unavailable");
        for (Settlement.Status status : Settlement.Status.values()) {
            settled.put(
                    status,
                    Counter.builder("temponest_spend_settled")
                            .description("Calls that have ended, by status")
                            .tag("status", status.toString())
                            .register(registry));
        }
        flush = timer("temponest_spend_flush", "Transactions that wrote to the ledger");
        rows = DistributionSummary.builder("temponest_spend_flush_rows")
                .description("Rows of a transaction that wrote to the ledger")
                .register(registry);
        flushFailures =
                counter("temponest_spend_flush_failures", "Transactions of the ledger that failed and are repeated");
        unwritable = counter(
                "temponest_spend_unwritable", "Rows that the ledger did not take, which are kept and tried again");
        lease = timer("temponest_spend_lease", "Transactions that asked for money of budgets");
        leaseFailures =
                counter("temponest_spend_lease_failures", "Transactions that asked for money of budgets and failed");
        buried = counter("temponest_spend_lost", "Calls of dead processes that were written to the ledger as lost");
    }

    private Counter calls(String outcome) {
        return Counter.builder("temponest_spend_calls")
                .description("Calls that asked for money, by outcome")
                .tag("outcome", outcome)
                .register(registry);
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    private Timer timer(String name, String description) {
        return Timer.builder(name).description(description).register(registry);
    }

    /** Shows how many calls are in the journal, from their opening until the ledger has them. */
    void showJournal(Supplier<Number> taken) {
        Gauge.builder("temponest_spend_journal_slots", taken)
                .description("Slots of the journal that are taken, of " + Journal.SLOTS)
                .strongReference(true)
                .register(registry);
    }

    void asked(SpendOutcome outcome) {
        switch (outcome) {
            case SpendOutcome.Opened o -> opened.increment();
            case SpendOutcome.Refused r -> refused.increment();
            case SpendOutcome.Unavailable u -> unavailable.increment();
        }
    }

    void settled(Settlement.Status status) {
        Optional.ofNullable(settled.get(status)).ifPresent(Counter::increment);
    }

    void flushed(int written, long nanos) {
        flush.record(Duration.ofNanos(nanos));
        rows.record(written);
    }

    void flushFailed() {
        flushFailures.increment();
    }

    void unwritable() {
        unwritable.increment();
    }

    void leased(long nanos) {
        lease.record(Duration.ofNanos(nanos));
    }

    void leaseFailed() {
        leaseFailures.increment();
    }

    void buried(int calls) {
        buried.increment(calls);
    }
}
