package io.temponest.spend;

import io.temponest.bus.Deadline;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** The calls that this node has open, each in a slot of its journal. Safe for any thread. */
final class OpenCalls {

    private final Journal journal;
    private final Slots slots;
    private final SpendMetrics metrics;
    private final Set<Ticket> open = ConcurrentHashMap.newKeySet();

    OpenCalls(Journal journal, Slots slots, SpendMetrics metrics) {
        this.journal = journal;
        this.slots = slots;
        this.metrics = metrics;
    }

    /**
     * Writes a call into the journal; empty when that is full and stays so. Never fails.
     *
     * @param ended told of its row for the ledger
     */
    Future<Optional<Ticket>> open(SpendCall call, Hold hold, Deadline deadline, Consumer<Pending> ended) {
        return slots.take(deadline)
                .map(taken ->
                        taken.isPresent() ? Optional.of(open(call, hold, taken.getAsInt(), ended)) : Optional.empty());
    }

    private Ticket open(SpendCall call, Hold hold, int slot, Consumer<Pending> ended) {
        journal.open(slot, call);
        Ticket ticket = new Ticket(
                call,
                hold,
                (settled, settlement) -> settle(settled, slot, settlement).ifPresent(ended));
        open.add(ticket);
        return ticket;
    }

    /** Empty: the journal is somebody else's now, and with it the call. */
    private Optional<Pending> settle(Ticket ticket, int slot, Settlement settlement) {
        SpendCall call = ticket.call();
        open.remove(ticket);
        if (!journal.settle(slot, call.attempt().uuid(), settlement)) {
            return Optional.empty();
        }
        metrics.settled(settlement.status());
        Hold hold = ticket.hold();
        long cost = settlement.cost().units();
        hold.settle(cost);
        return Optional.of(new Pending(journal.node(), new LedgerRow(call, settlement), ticket.reserved(), () -> {
            hold.written(cost);
            slots.free(slot);
        }));
    }

    /** The calls that were opened before a moment and have not been told of yet. */
    List<SpendCall> openSince(Instant moment) {
        return open.stream()
                .filter(ticket -> ticket.call().at().isBefore(moment) && ticket.reserve())
                .map(Ticket::call)
                .toList();
    }
}
