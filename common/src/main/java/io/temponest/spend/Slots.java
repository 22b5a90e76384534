package io.temponest.spend;

import io.temponest.bus.Deadline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalInt;

/** The free slots of a journal, and the calls that wait for one, in the order in which they came. Safe for any thread. */
final class Slots {

    /** One more gets none at once. */
    private static final int MOST_WAITING = 4_096;

    private final Journal journal;
    private final Around.Later later;
    private final SpendPace pace;
    private final Deque<Promise<OptionalInt>> waiting = new ArrayDeque<>();

    Slots(Journal journal, Around.Later later, SpendPace pace) {
        this.journal = journal;
        this.later = later;
        this.pace = pace;
    }

    /** Empty: none came free in time, or too many wait already. Never fails; completes at once when there is one. */
    Future<OptionalInt> take(Deadline deadline) {
        Promise<OptionalInt> wait = Promise.promise();
        synchronized (this) {
            OptionalInt slot = waiting.isEmpty() ? journal.take() : OptionalInt.empty();
            if (slot.isPresent() || waiting.size() >= MOST_WAITING) {
                return Future.succeededFuture(slot);
            }
            waiting.add(wait);
        }
        later.after(deadline.atMost(pace.longestWait()).remainingMillis(), () -> giveUp(wait));
        return wait.future();
    }

    private void giveUp(Promise<OptionalInt> wait) {
        boolean waited;
        synchronized (this) {
            waited = waiting.remove(wait);
        }
        if (waited) {
            wait.complete(OptionalInt.empty());
        }
    }

    /** The ledger has what was in a slot. */
    void free(int slot) {
        Promise<OptionalInt> next;
        synchronized (this) {
            journal.free(slot);
            next = waiting.poll();
            if (next == null) {
                return;
            }
            slot = journal.take().orElseThrow();
        }
        next.complete(OptionalInt.of(slot));
    }
}
