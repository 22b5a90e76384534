package io.temponest.workers.run;

import io.temponest.bus.Deadline;
import io.temponest.error.ApiError;
import io.temponest.identity.TypeId;
import io.temponest.run.RunAddresses.Locate;
import io.temponest.run.RunAddresses.Located;
import io.temponest.run.RunStatus;
import io.temponest.workers.run.QueueStore.Place;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Says which session executes a run, waiting a little while none does: one query answers all who wait, however many they
 * are. Lives on one event loop.
 */
final class Locator {

    private static final int FIRST_POLL_MS = 20;
    private static final int LONGEST_POLL_MS = 500;

    /** An answer leaves this long before the asker stops waiting for it. */
    private static final int MARGIN_MS = 500;

    private final Vertx vertx;
    private final QueueStore queue;
    private final List<Waiter> waiters = new ArrayList<>();
    private int pollMs = FIRST_POLL_MS;
    private boolean scheduled;
    private boolean polling;
    private boolean again;

    private record Waiter(Locate wanted, Deadline until, Promise<Located> answer) {}

    Locator(Vertx vertx, QueueStore queue) {
        this.vertx = vertx;
        this.queue = queue;
    }

    Future<Located> locate(Locate wanted, Deadline deadline) {
        Waiter waiter = new Waiter(wanted, new Deadline(deadline.nanos() - MARGIN_MS * 1_000_000L), Promise.promise());
        waiters.add(waiter);
        pollMs = FIRST_POLL_MS;
        poll();
        return waiter.answer().future();
    }

    /** A run was claimed here: whoever waits for it need not wait for the next poll. */
    void claimed(ClaimedRun run) {
        settle(waiter -> waiter.wanted().run().equals(run.id())
                        && waiter.wanted().tenant().equals(run.tenant())
                ? Optional.of(
                        new Located(RunStatus.RUNNING, Optional.of(run.lease().owner())))
                : Optional.empty());
    }

    private void poll() {
        again = polling;
        if (waiters.isEmpty() || polling) {
            return;
        }
        polling = true;
        queue.locate(waiters.stream().map(w -> w.wanted().run()).collect(Collectors.toSet()))
                .onComplete(places -> {
                    polling = false;
                    if (places.succeeded()) {
                        answer(places.result());
                    }
                    if (again) {
                        poll();
                    } else {
                        schedule();
                    }
                });
    }

    private void schedule() {
        if (!scheduled && !waiters.isEmpty()) {
            scheduled = true;
            vertx.setTimer(pollMs, fired -> {
                scheduled = false;
                pollMs = Math.min(LONGEST_POLL_MS, pollMs * 2);
                poll();
            });
        }
    }

    private void answer(Map<TypeId, Place> places) {
        settle(waiter -> {
            Place place = places.get(waiter.wanted().run());
            if (place == null || !place.tenant().equals(waiter.wanted().tenant())) {
                waiter.answer()
                        .tryFail(ApiError.notFound("run", waiter.wanted().run().toString())
                                .exception());
                return Optional.empty();
            }
            Located located = place.located();
            boolean settled = located.owner().isPresent()
                    || located.status().terminal()
                    || waiter.until().passed();
            return settled ? Optional.of(located) : Optional.empty();
        });
    }

    private void settle(Function<Waiter, Optional<Located>> decision) {
        List.copyOf(waiters).forEach(waiter -> decision.apply(waiter).ifPresent(waiter.answer()::tryComplete));
        waiters.removeIf(waiter -> waiter.answer().future().isComplete());
    }
}
