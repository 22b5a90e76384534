package io.temponest.gateway.runs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.LongCalls;
import io.temponest.gateway.http.SseStream;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.json.Json;
import io.temponest.run.Run;
import io.temponest.run.RunAddresses.Live;
import io.temponest.run.RunEvent;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;

/** Follows runs for clients: as a stream of events, or by waiting for the end. */
final class RunStreams {

    /** What is left of a deadline for the answer itself. */
    private static final long MARGIN_MS = 250;

    private final RunFollower.Sources sources;
    private final LongCalls calls;

    RunStreams(RunFollower.Sources sources, LongCalls calls) {
        this.sources = sources;
        this.calls = calls;
    }

    /**
     * Takes a place for as long as the call lasts; refuses when too many streams and waits are open, the process's or the
     * tenant's. To be called before anything is promised: afterwards nothing can be refused.
     */
    LongCalls.Entry admit(Call call) {
        LongCalls.Entry place = calls.admit(call.tenant(), call.mostStreams());
        call.whenOver(place::close);
        return place;
    }

    /** What is followed, from where. */
    record From(TenantId tenant, TypeId run, long after) {}

    /** Sends a run's events after a number and its text as it comes, and ends with the run. */
    void send(LongCalls.Entry place, SseStream stream, From from) {
        RunFollower follower =
                new RunFollower(sources, from.tenant(), from.run(), from.after(), new EventSender(stream));
        place.onStop(follower::stop);
        stream.onClose(follower::stop);
        follower.start().onComplete(done -> stream.end());
    }

    /**
     * Sends a run's answer as a completion, and ends with the run.
     *
     * @param abandoned is called when the reader has gone before
     */
    void complete(LongCalls.Entry place, SseStream stream, From from, RunFrames frames, Runnable abandoned) {
        RunFollower follower =
                new RunFollower(sources, from.tenant(), from.run(), from.after(), new Completion(stream, frames));
        boolean[] over = {false};
        place.onStop(follower::stop);
        stream.onClose(() -> {
            follower.stop();
            if (!over[0]) {
                abandoned.run();
            }
        });
        follower.start()
                .compose(done -> sources.runs().get(from.tenant(), from.run()))
                .onComplete(read -> {
                    Optional<Run> seen = read.succeeded() ? read.result() : Optional.empty();
                    over[0] = seen.filter(run -> run.status().terminal()).isPresent();
                    seen.ifPresent(run -> stream.sendRaw(frames.end(run)));
                    if (seen.isEmpty() || frames.failsUnseen(seen.get())) {
                        stream.breakOff();
                    } else {
                        stream.end();
                    }
                });
    }

    /** The run at its end, or as it is when the time is up or the gateway stops. */
    Future<Run> await(LongCalls.Entry place, Call call, Run run, Duration atMost) {
        long millis = Math.min(atMost.toMillis(), call.deadline().remainingMillis() - MARGIN_MS);
        if (run.status().terminal() || millis <= 0) {
            return Future.succeededFuture(run);
        }
        RunFollower follower = new RunFollower(sources, call.tenant(), run.id(), run.events(), new Patient());
        place.onStop(follower::stop);
        long timer = sources.vertx().setTimer(millis, late -> follower.stop());
        call.whenOver(follower::stop);
        return follower.start()
                .onComplete(done -> sources.vertx().cancelTimer(timer))
                .compose(done -> sources.runs().get(call.tenant(), run.id()))
                .map(found -> found.orElse(run));
    }

    /** Text of a step, as it is written; replaced by what the step's event says. */
    private record Delta(int seq, int offset, String text) {}

    private record EventSender(SseStream stream) implements RunFollower.Watcher {

        @Override
        public Future<Void> event(RunEvent event) {
            ObjectNode data = Json.STRICT.createObjectNode();
            data.put("type", event.type());
            data.put("run_id", event.run().toString());
            data.set("created_at", Json.STRICT.valueToTree(event.createdAt()));
            if (event.data() instanceof ObjectNode fields) {
                data.setAll(fields);
            }
            return stream.send(Optional.of(Long.toString(event.seq())), event.type(), data);
        }

        @Override
        public Future<Void> text(Live piece) {
            return stream.send(Optional.empty(), "delta", new Delta(piece.step(), piece.offset(), piece.text()));
        }
    }

    private record Completion(SseStream stream, RunFrames frames) implements RunFollower.Watcher {

        @Override
        public Future<Void> event(RunEvent event) {
            return Future.succeededFuture();
        }

        @Override
        public Future<Void> text(Live piece) {
            return stream.sendRaw(frames.text(piece));
        }
    }

    /** Waits for the end and looks at nothing on the way. */
    private static final class Patient implements RunFollower.Watcher {

        @Override
        public Future<Void> event(RunEvent event) {
            return Future.succeededFuture();
        }

        @Override
        public Future<Void> text(Live piece) {
            return Future.succeededFuture();
        }
    }
}
