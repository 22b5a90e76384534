package io.temponest.workers.run;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.temponest.bus.Bus;
import io.temponest.bus.DialogWriter;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.identity.Ids;
import io.temponest.identity.TypeId;
import io.temponest.model.Models;
import io.temponest.node.Node;
import io.temponest.run.RunAddresses;
import io.temponest.run.RunAddresses.Cancel;
import io.temponest.run.RunAddresses.Done;
import io.temponest.run.RunAddresses.Follow;
import io.temponest.run.RunAddresses.Live;
import io.temponest.run.RunAddresses.Stop;
import io.temponest.store.EnginePostgres;
import io.temponest.workers.run.RunExecution.Leaving;
import io.temponest.workers.tool.Toolbox;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims runs and executes each on a virtual thread. To be deployed once per process with {@code
 * ThreadingModel.VIRTUAL_THREAD}: all of its code, and that of the runs it executes, shares one context and runs one at a
 * time between awaits.
 */
public final class RunWorker extends VerticleBase {

    private static final Logger LOG = LoggerFactory.getLogger(RunWorker.class);
    private static final int CLAIM_BATCH = 64;
    private static final int FIRST_POLL_MS = 250;
    private static final int LONGEST_POLL_MS = 2_000;
    private static final int ORPHAN_ROUNDS = 3;
    private static final int MAX_WAITING = 10_000;

    /** The models that runs may ask and the tools that they may call. */
    public record Uses(Models models, Toolbox toolbox) {}

    private final Bus bus;
    private final MeterRegistry metrics;
    private final RunWorkerConfig config;
    private final QueueStore queue;
    private final JournalStore journal;
    private final SessionStore sessions;
    private final Map<TypeId, LiveRun> running = new HashMap<>();
    private final List<MessageConsumer<?>> shared = new ArrayList<>();
    private final List<MessageConsumer<?>> ofSession = new ArrayList<>();
    private final Promise<Void> drained = Promise.promise();

    private WorkerSession session;
    private Reaper reaper;
    private Locator locator;
    private Engine engine;
    private boolean claiming;
    private boolean again;
    private boolean draining;
    private int pollMs = FIRST_POLL_MS;
    private long rounds;

    /**
     * @param work connections for claims and journals
     * @param control a few connections of their own for the session's heartbeat and the reaper
     * @param uses what runs may use
     */
    public RunWorker(Node node, EnginePostgres work, EnginePostgres control, Uses uses, RunWorkerConfig config) {
        Ids ids = new Ids();
        this.bus = node.bus();
        this.metrics = node.metrics();
        this.config = config;
        this.queue = new QueueStore(work);
        this.journal = new JournalStore(work);
        this.sessions = new SessionStore(control);
        this.session = new WorkerSession(node.vertx(), sessions, ids, config.node());
        this.reaper = new Reaper(node.vertx(), sessions, config.maxRecoveries(), this::ready);
        this.locator = new Locator(node.vertx(), queue);
        this.engine = new Engine(node.vertx(), bus, ids, journal, new GateStore(work), uses.models(), uses.toolbox());
    }

    /** The session that this worker owns things with. */
    public WorkerSession session() {
        return session;
    }

    @Override
    public Future<?> start() {
        Gauge.builder("temponest_runs_executing", running, Map::size).register(metrics);
        session.listen(this::begun, this::lost, wishes -> {
            cancelling(wishes.cancelling());
            pausing(wishes.pausing());
        });
        return sessions.ensurePartitions().compose(done -> session.start()).onSuccess(done -> {
            shared.add(bus.hear(RunAddresses.READY, hint -> ready()));
            shared.add(bus.serve(RunAddresses.CANCEL, MAX_WAITING, (cancel, deadline) -> cancel(cancel)));
            shared.add(bus.serve(
                    RunAddresses.LOCATE, MAX_WAITING, (wanted, deadline) -> locator.locate(wanted, deadline)));
            reaper.start();
            poll();
        });
    }

    private void begun(TypeId id) {
        ofSession.add(bus.hear(RunAddresses.STOP.at(id.toString()), stop -> cancelling(List.of(stop.run()))));
        ofSession.add(bus.hear(RunAddresses.HOLD.at(id.toString()), hold -> pausing(List.of(hold.run()))));
        ofSession.add(DialogWriter.<Follow, Live>serve(
                vertx, bus, RunAddresses.FOLLOW.at(id.toString()), MAX_WAITING, this::follow));
    }

    private void lost(TypeId id) {
        ofSession.forEach(MessageConsumer::unregister);
        ofSession.clear();
        running.values().forEach(live -> live.stop(LiveRun.Stop.LOST));
    }

    private void cancelling(List<TypeId> runs) {
        runs.forEach(run -> Optional.ofNullable(running.get(run)).ifPresent(live -> live.stop(LiveRun.Stop.CANCELLED)));
    }

    private void pausing(List<TypeId> runs) {
        runs.forEach(run -> Optional.ofNullable(running.get(run)).ifPresent(LiveRun::hold));
    }

    private void follow(Follow wanted, DialogWriter<Live> writer) {
        Optional.ofNullable(running.get(wanted.run()))
                .filter(live -> live.run().tenant().equals(wanted.tenant()))
                .ifPresentOrElse(live -> live.follow(writer), writer::end);
    }

    private Future<Done> cancel(Cancel wanted) {
        return queue.cancel(wanted).map(found -> {
            TypeId owner = found.orElseThrow(() ->
                            ApiError.notFound("run", wanted.run().toString()).exception())
                    .owner()
                    .orElse(wanted.run());
            bus.nudge(RunAddresses.STOP.at(owner.toString()), new Stop(wanted.run()));
            return new Done();
        });
    }

    private void ready() {
        pollMs = FIRST_POLL_MS;
        claim();
    }

    private void poll() {
        vertx.setTimer(ThreadLocalRandom.current().nextInt(pollMs / 2, pollMs), fired -> {
            if (!draining) {
                pollMs = Math.min(LONGEST_POLL_MS, pollMs * 2);
                rounds++;
                if (rounds % ORPHAN_ROUNDS == 0) {
                    giveBackOrphans();
                } else {
                    claim();
                }
                poll();
            }
        });
    }

    /**
     * Gives back what the database says is ours and we know nothing of: the answer to a claim was lost, or a run's end could
     * not be written. No claim may be in progress meanwhile.
     */
    private void giveBackOrphans() {
        if (claiming || draining || !session.valid()) {
            return;
        }
        claiming = true;
        queue.releaseOrphans(session.id(), running.keySet()).onComplete(released -> {
            claiming = false;
            drainedYet();
            if (released.succeeded() && released.result() > 0) {
                LOG.atWarn().addKeyValue("runs", released.result()).log("queue.orphans_released");
            }
            // Whoever asked for a claim meanwhile was put off.
            claim();
        });
    }

    /** One claim at a time; whoever asks meanwhile is served by the next. */
    private void claim() {
        again = claiming;
        int free = Math.min(CLAIM_BATCH, config.maxRunning() - running.size());
        if (claiming || draining || free <= 0 || !session.valid()) {
            return;
        }
        claiming = true;
        queue.claim(session.id(), free).onComplete(claimed -> {
            claiming = false;
            if (claimed.failed()) {
                LOG.atWarn().addKeyValue("cause", claimed.cause().getMessage()).log("queue.claim_failed");
                drainedYet();
                return;
            }
            claimed.result().forEach(this::begin);
            drainedYet();
            if (again || claimed.result().size() == free) {
                ready();
            }
        });
    }

    private void begin(ClaimedRun run) {
        LiveRun live = new LiveRun(run);
        running.put(run.id(), live);
        locator.claimed(run);
        if (run.cancelRequested()) {
            live.stop(LiveRun.Stop.CANCELLED);
        } else if (run.pauseRequested()) {
            live.hold();
        }
        if (!run.lease().owner().equals(session.id())) {
            live.stop(LiveRun.Stop.LOST);
        }
        if (draining) {
            live.drain();
        }
        context.runOnContext(go -> execute(live));
    }

    private void execute(LiveRun live) {
        ClaimedRun run = live.run();
        try {
            switch (new RunExecution(engine, live).execute()) {
                case Leaving.Ended(Ending ending) -> ended(run, ending);
                case Leaving.HandedOver over -> engine.persist(live, () -> queue.release(run.lease()));
                case Leaving.Parked parked -> {}
            }
        } catch (LeaseLostException lost) {
            LOG.atWarn()
                    .addKeyValue("run", run.id())
                    .addKeyValue("epoch", run.lease().epoch())
                    .log("run.lease_lost");
        } catch (RuntimeException bug) {
            fail(live, bug);
        } finally {
            running.remove(run.id(), live);
            live.end();
            drainedYet();
            claim();
        }
    }

    private void ended(ClaimedRun run, Ending ending) {
        metrics.counter(
                        "temponest_runs_ended_total",
                        Tags.of("status", ending.status().toString()))
                .increment();
        LOG.atInfo()
                .addKeyValue("run", run.id())
                .addKeyValue("tenant", run.tenant())
                .addKeyValue("status", ending.status())
                .log("run.ended");
    }

    /** A bug of ours: the run fails visibly rather than being tried again and again. */
    private void fail(LiveRun live, RuntimeException bug) {
        LOG.atError().setCause(bug).addKeyValue("run", live.run().id()).log("run.broke");
        Ending ending = Ending.failed(
                ApiError.of(ErrorType.API_ERROR, "internal_error", "The server failed to execute this run."));
        try {
            engine.persist(live, () -> journal.finish(live.run().lease(), ending, Map.of("status", ending.status())));
            ended(live.run(), ending);
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).addKeyValue("run", live.run().id()).log("run.end_not_written");
        }
    }

    private void drainedYet() {
        if (draining && !claiming && running.isEmpty()) {
            drained.tryComplete();
        }
    }

    /** Takes no more work and hands over what it has; completes when all is handed over. To be called before undeploying. */
    public Future<Void> drain() {
        Promise<Void> done = Promise.promise();
        context.runOnContext(go -> {
            draining = true;
            shared.forEach(MessageConsumer::unregister);
            running.values().forEach(LiveRun::drain);
            drainedYet();
            long patience = vertx.setTimer(
                    Math.max(1, config.drain().toMillis()),
                    late -> running.values().forEach(live -> live.cancellation().cancel()));
            session.drain()
                    .eventually(() -> drained.future())
                    .onComplete(all -> vertx.cancelTimer(patience))
                    .eventually(() -> {
                        reaper.stop();
                        return session.close();
                    })
                    .onComplete(done);
        });
        return done.future();
    }
}
