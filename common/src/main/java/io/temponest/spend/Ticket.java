package io.temponest.spend;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;

/** A call whose money is reserved. Safe for any thread; nothing here waits. */
public final class Ticket {

    private final SpendCall call;
    private final Hold hold;
    private final BiConsumer<Ticket, Settlement> end;
    private final AtomicBoolean settled = new AtomicBoolean();
    private volatile boolean reserved;

    /** @param end writes its end down, once */
    Ticket(SpendCall call, Hold hold, BiConsumer<Ticket, Settlement> end) {
        this.call = call;
        this.hold = hold;
        this.end = end;
    }

    /** What the call may cost now: its ceiling, or less where a hard budget had less left, but never less than its floor. */
    public Usd granted() {
        return new Usd(hold.granted());
    }

    /** Whether a hard budget applies, so that the call must be stopped before it costs more than {@link #granted()}. */
    public boolean hard() {
        return hold.hard();
    }

    /** Adds to what is granted from what this node has at hand, at once and in full; false: nothing was added. */
    public boolean extend(Usd more) {
        return !settled.get() && hold.extend(more.units());
    }

    /** Writes down how the call ended, on this machine before this returns, then in the ledger. Later calls are ignored. */
    public void settle(Settlement settlement) {
        if (settled.compareAndSet(false, true)) {
            end.accept(this, settlement);
        }
    }

    SpendCall call() {
        return call;
    }

    Hold hold() {
        return hold;
    }

    /** Whether the call may be among the reservations. */
    boolean reserved() {
        return reserved;
    }

    /** Notes that the call goes to the reservations; false: it has gone before, or it has ended, so that it need not. */
    boolean reserve() {
        if (reserved) {
            return false;
        }
        reserved = true;
        return !settled.get();
    }
}
