package io.temponest.gateway.runs;

import io.temponest.bus.Bus;
import io.temponest.bus.Deadline;
import io.temponest.bus.Dialog;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.run.RunAddresses;
import io.temponest.run.RunAddresses.Follow;
import io.temponest.run.RunAddresses.Live;
import io.temponest.run.RunAddresses.Locate;
import io.temponest.run.RunEvent;
import io.temponest.run.RunStore;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;

/**
 * Follows one run to its end, whichever workers execute it. What is durable is read from the database, in order and without a
 * gap; who executes the run tells over the bus when there is more, and the text that is being written. A worker, a bus message
 * or a database that is lost costs a delay and nothing else. Lives on one event loop.
 *
 * <p>Written as steps that call the next one rather than as one chain of futures: a chain would grow with the stream.
 */
final class RunFollower {

    private static final int PAGE = 100;
    private static final Duration LOCATE_PATIENCE = Duration.ofSeconds(10);
    private static final Duration OPEN_PATIENCE = Duration.ofSeconds(5);
    private static final int FIRST_DELAY_MS = 50;
    private static final int LONGEST_DELAY_MS = 2_000;

    /** What runs are followed with. */
    record Sources(Vertx vertx, Bus bus, RunStore runs) {}

    /** Sees a run one thing at a time: the next comes when the future has completed. The futures never fail. */
    interface Watcher {

        /** Something that will be the same for whoever reads it again. */
        Future<Void> event(RunEvent event);

        /** Text of a step in progress. */
        Future<Void> text(Live piece);
    }

    private final Sources sources;
    private final TenantId tenant;
    private final TypeId run;
    private final Watcher watcher;
    private final Promise<Void> done = Promise.promise();
    private Runnable release = () -> {};
    private long seen;
    private int step;
    private int delayMs = FIRST_DELAY_MS;
    private long timer = -1;

    /** @param after number of the last event that was seen */
    RunFollower(Sources sources, TenantId tenant, TypeId run, long after, Watcher watcher) {
        this.sources = sources;
        this.tenant = tenant;
        this.run = run;
        this.seen = after;
        this.watcher = watcher;
    }

    /** Begins. Completes when the run's last event was seen, or after {@link #stop}; never fails. */
    Future<Void> start() {
        begin();
        return done.future();
    }

    /** Ends the following early. */
    void stop() {
        if (!over()) {
            sources.vertx().cancelTimer(timer);
            done.complete();
            release();
        }
    }

    private boolean over() {
        return done.future().isComplete();
    }

    private void begin() {
        catchUp(this::locate);
    }

    /** Reads all durable events that were not seen yet; ends with the run's last one, else goes on with what is next. */
    private void catchUp(Runnable next) {
        sources.runs().events(tenant, run, seen, PAGE).onComplete(read -> {
            if (over()) {
                release();
            } else if (read.failed()) {
                release();
                later();
            } else {
                List<RunEvent> events = read.result();
                deliver(events.iterator(), events.size() < PAGE ? next : () -> catchUp(next));
            }
        });
    }

    private void deliver(Iterator<RunEvent> events, Runnable next) {
        if (over()) {
            release();
        } else if (!events.hasNext()) {
            next.run();
        } else {
            RunEvent event = events.next();
            seen = event.seq();
            watcher.event(event).onComplete(shown -> {
                if (event.last()) {
                    release();
                    done.tryComplete();
                } else {
                    deliver(events, next);
                }
            });
        }
    }

    private void locate() {
        sources.bus()
                .ask(RunAddresses.LOCATE, new Locate(tenant, run), Deadline.after(LOCATE_PATIENCE))
                .onComplete(place -> {
                    if (over()) {
                        return;
                    }
                    if (place.failed()) {
                        later();
                    } else if (place.result().status().terminal()) {
                        catchUp(done::tryComplete);
                    } else {
                        place.result().owner().ifPresentOrElse(this::open, this::begin);
                    }
                });
    }

    private void open(TypeId session) {
        Dialog.open(
                        sources.bus(),
                        RunAddresses.FOLLOW.at(session.toString()),
                        new Follow(tenant, run),
                        Deadline.after(OPEN_PATIENCE))
                .onComplete(opened -> {
                    if (opened.failed()) {
                        later();
                    } else {
                        release = opened.result()::close;
                        pull(opened.result(), true);
                    }
                });
    }

    private void pull(Dialog<Live> dialog, boolean first) {
        if (over()) {
            release();
            return;
        }
        dialog.next().onComplete(chunk -> {
            if (chunk.failed()) {
                release = () -> {};
                later();
            } else if (chunk.result().isEmpty()) {
                release = () -> {};
                ended(first);
            } else {
                delayMs = FIRST_DELAY_MS;
                relay(dialog, chunk.result().get());
            }
        });
    }

    /** The run has left that session. One that ends a stream before its first chunk may do so again: not at once. */
    private void ended(boolean first) {
        if (over()) {
            return;
        }
        if (first) {
            later();
        } else {
            begin();
        }
    }

    /** Text of the step that is shown already comes before the events that end it; of a new one, after those that begin it. */
    private void relay(Dialog<Live> dialog, Live piece) {
        Runnable next = () -> pull(dialog, false);
        if (over()) {
            release();
        } else if (piece.text().isEmpty()) {
            events(piece, next);
        } else if (piece.step() == step) {
            watcher.text(piece).onComplete(shown -> events(piece, next));
        } else {
            step = piece.step();
            events(piece, () -> watcher.text(piece).onComplete(shown -> next.run()));
        }
    }

    private void events(Live piece, Runnable next) {
        if (piece.events() > seen) {
            catchUp(next);
        } else {
            next.run();
        }
    }

    private void later() {
        if (!over()) {
            timer = sources.vertx().setTimer(delayMs, fired -> begin());
            delayMs = Math.min(LONGEST_DELAY_MS, delayMs * 2);
        }
    }

    /** Closes the dialog, if one is open. */
    private void release() {
        release.run();
        release = () -> {};
    }
}
