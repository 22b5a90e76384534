package io.temponest.workers.run;

import io.temponest.bus.DialogWriter;
import io.temponest.model.Cancellation;
import io.temponest.run.RunAddresses.Live;
import java.util.ArrayList;
import java.util.List;

/**
 * A run that executes here: the text of its step in progress, those who follow it, and the way to stop it. Lives on the
 * worker's context; not for other threads.
 */
final class LiveRun {

    /** Why a run is stopped before its end. */
    enum Stop {
        NONE,
        /** Someone cancelled it: it ends. */
        CANCELLED,
        /** Somebody holds it back: it waits until they let it go on. */
        PAUSED,
        /** This worker goes away: another one continues it. */
        DRAINED,
        /** It belongs to another worker already: nothing may be written. */
        LOST
    }

    private final ClaimedRun run;
    private final Cancellation cancellation = new Cancellation();
    private final List<Follower> followers = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private int step;
    private long events;
    private Stop stop = Stop.NONE;
    private boolean ended;

    LiveRun(ClaimedRun run) {
        this.run = run;
        this.events = run.events();
    }

    ClaimedRun run() {
        return run;
    }

    Cancellation cancellation() {
        return cancellation;
    }

    Stop stop() {
        return stop;
    }

    /** Whether the run goes on later, from what its journal has then. */
    boolean leaving() {
        return stop == Stop.DRAINED || stop == Stop.PAUSED;
    }

    /** The first reason counts, except that an end overrules a pause and a lost lease overrules all. */
    void stop(Stop reason) {
        if (stop == Stop.NONE || stop == Stop.PAUSED || reason == Stop.LOST) {
            stop = reason;
        }
        cancellation.cancel();
    }

    /** The run stops at its next step boundary; a model call in progress may end first. */
    void drain() {
        if (stop == Stop.NONE) {
            stop = Stop.DRAINED;
        }
    }

    /** The run waits at its next step boundary; a call in progress ends first. */
    void hold() {
        if (stop == Stop.NONE) {
            stop = Stop.PAUSED;
        }
    }

    void beginStep(int seq) {
        step = seq;
        text.setLength(0);
    }

    void delta(String piece) {
        text.append(piece);
        List.copyOf(followers).forEach(Follower::pump);
    }

    /** Tells followers of a durable event. */
    void announce(long event) {
        events = Math.max(events, event);
        List.copyOf(followers).forEach(Follower::pump);
    }

    void follow(DialogWriter<Live> writer) {
        Follower follower = new Follower(writer);
        if (ended) {
            writer.end();
        } else {
            followers.add(follower);
            follower.pump();
        }
    }

    /** The run has left this worker. */
    void end() {
        ended = true;
        List.copyOf(followers).forEach(Follower::pump);
    }

    /** One reader, with how far it has read: a slow one gets fewer, larger pieces, and nothing queues up. */
    private final class Follower {

        private final DialogWriter<Live> writer;
        private int sentStep;
        private int sentChars;
        private long sentEvents;
        private boolean writing;

        Follower(DialogWriter<Live> writer) {
            this.writer = writer;
        }

        void pump() {
            if (writing) {
                return;
            }
            if (sentStep != step) {
                sentStep = step;
                sentChars = 0;
            }
            if (sentChars < text.length() || sentEvents < events) {
                write();
            } else if (ended) {
                followers.remove(this);
                writer.end();
            }
        }

        private void write() {
            Live piece = new Live(step, sentChars, text.substring(sentChars), events);
            sentChars = text.length();
            sentEvents = events;
            writing = true;
            writer.write(piece).onSuccess(more -> {
                writing = false;
                if (more) {
                    pump();
                } else {
                    followers.remove(this);
                }
            });
        }
    }
}
