package io.temponest.workers.run;

import io.temponest.bus.Deadline;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.workers.run.AgentLoop.Action.Refuse;
import io.temponest.workers.run.AgentLoop.Action.Settle;
import io.temponest.workers.run.AgentLoop.Action.Use;
import io.temponest.workers.run.AgentLoop.Beginning;
import io.temponest.workers.run.JournalStore.Entry;
import io.temponest.workers.run.StepResult.Broken;
import io.temponest.workers.run.StepResult.Decided;
import io.temponest.workers.run.StepResult.Used;
import io.temponest.workers.tool.Effect;
import io.temponest.workers.tool.Tool;
import io.temponest.workers.tool.ToolContext;
import io.temponest.workers.tool.ToolResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tool calls of a run: noted before they are made and again when they have ended, with one key for all attempts. What is lost in
 * between is for the loop to decide, from the effect that was noted.
 */
final class ToolStep {

    private static final Logger LOG = LoggerFactory.getLogger(ToolStep.class);
    private static final String KIND = "tool";
    private static final int LONGEST_TEXT = 64 << 10;
    private static final int LONGEST_NAME = 100;

    private final Engine engine;
    private final LiveRun live;
    private final ClaimedRun run;
    private final Journal journal;
    private final Deadline deadline;

    ToolStep(Engine engine, LiveRun live, Journal journal, Deadline deadline) {
        this.engine = engine;
        this.live = live;
        this.run = live.run();
        this.journal = journal;
        this.deadline = deadline;
    }

    /** Makes a call, unless the tool says that it has happened. */
    void use(Use action) {
        Instant started = Instant.now();
        String name = action.tool().spec().name();
        action.answered().ifPresent(gate -> decide(Decided.TRY_AGAIN, gate));
        if (action.beginning() == Beginning.FIRST) {
            intend(
                    action.seq(),
                    name,
                    StepIntent.use(
                            action.call(),
                            name,
                            action.arguments(),
                            action.tool().spec().effect()));
        }
        Optional<ToolResult> result = result(action);
        if (result.isEmpty()) {
            return;
        }
        switch (result.get()) {
            case ToolResult.Unknown unknown when action.tool().spec().effect() == Effect.UNSAFE -> {}
            case ToolResult.Unknown unknown
            when action.tool().spec().effect() == Effect.QUERYABLE -> decide(Decided.IN_DOUBT, action.seq());
            case ToolResult known -> end(action.seq(), name, started, known);
        }
    }

    /** Empty when the run leaves this worker, so that the call is whoever's who continues it. */
    private Optional<ToolResult> result(Use action) {
        boolean ask = action.beginning() == Beginning.ASK;
        for (int attempt = 1; ; attempt++) {
            ToolResult result = ask ? asked(action) : called(action);
            if (live.stop() == LiveRun.Stop.LOST) {
                throw new LeaseLostException(run.lease());
            }
            if (live.stop() == LiveRun.Stop.CANCELLED) {
                return Optional.of(new ToolResult.Failed(Engine.RUN_CANCELLED, false));
            }
            boolean unknown = result instanceof ToolResult.Unknown;
            if (unknown && live.cancellation().isRequested()) {
                return Optional.empty();
            }
            Effect effect = action.tool().spec().effect();
            boolean passing = (result instanceof ToolResult.Failed failed && failed.passing())
                    || (unknown && effect != Effect.UNSAFE);
            if (!passing || attempt >= action.tool().spec().retry().attempts() || deadline.passed()) {
                return Optional.of(result);
            }
            ask = unknown && effect == Effect.QUERYABLE;
            engine.pause(attempt);
        }
    }

    private ToolResult called(Use action) {
        Deadline until = deadline.atMost(action.tool().spec().timeout());
        return awaited(action.tool().call(context(action, until), action.arguments()), until);
    }

    private ToolResult asked(Use action) {
        Deadline until = deadline.atMost(action.tool().spec().timeout());
        if (!(action.tool() instanceof Tool.Queried tool)) {
            return new ToolResult.Unknown(
                    ApiError.of(ErrorType.API_ERROR, "not_queryable", "The tool cannot be asked any more."));
        }
        Promise<Boolean> never = Promise.promise();
        ToolResult known = awaited(
                tool.outcome(context(action, until), action.arguments()).map(outcome -> {
                    never.complete(outcome.isEmpty());
                    return outcome.orElse(new ToolResult.Done(""));
                }),
                until);
        boolean free = never.future().succeeded() && never.future().result();
        return free ? called(action) : known;
    }

    private ToolContext context(Use action, Deadline until) {
        return new ToolContext(
                run.tenant(),
                run.id(),
                run.id() + ":" + action.seq(),
                run.collections(),
                run.agent().retrieval(),
                until,
                live.cancellation());
    }

    /** What fails, takes too long or is given up leaves open whether it happened. */
    private ToolResult awaited(Future<ToolResult> call, Deadline until) {
        Promise<ToolResult> first = Promise.promise();
        call.onComplete(done -> {
            if (done.succeeded()) {
                first.tryComplete(done.result());
            } else {
                LOG.atError()
                        .setCause(done.cause())
                        .addKeyValue("run", run.id())
                        .log("tool.broke");
                first.tryComplete(unknown("tool_broke", "The tool failed."));
            }
        });
        live.cancellation()
                .requested()
                .onSuccess(stop -> first.tryComplete(unknown("tool_stopped", "The call was stopped.")));
        Duration left = Duration.ofMillis(until.remainingMillis());
        return first.future()
                .timeout(left.toMillis(), TimeUnit.MILLISECONDS)
                .otherwise(unknown("tool_timeout", "The tool did not answer within its time."))
                .await();
    }

    private static ToolResult unknown(String code, String message) {
        return new ToolResult.Unknown(ApiError.of(ErrorType.UPSTREAM_ERROR, code, message));
    }

    /** Notes a call that is not made. */
    void refuse(Refuse action) {
        StepIntent intent = new StepIntent(
                Optional.empty(),
                Optional.of(action.call()),
                Optional.of(action.tool()),
                Optional.empty(),
                Optional.of(Effect.PURE),
                Optional.empty());
        intend(action.seq(), action.tool(), intent);
        end(action.seq(), action.tool(), Instant.now(), new ToolResult.Failed(action.error(), false));
    }

    /** Notes the end of a call that was lost. */
    void settle(Settle action) {
        end(action.seq(), action.tool(), Instant.now(), action.result());
    }

    private void intend(int seq, String name, StepIntent intent) {
        append(new Entry(
                seq,
                KIND,
                shown(name),
                "intent",
                intent,
                "step.started",
                Map.of("seq", seq, "kind", KIND, "name", shown(name))));
        journal.begun(seq, KIND, intent);
    }

    private void end(int seq, String name, Instant started, ToolResult known) {
        StepResult result = switch (known) {
            case ToolResult.Done done ->
                new Used(
                        started,
                        done.text().length() <= LONGEST_TEXT
                                ? done.text()
                                : done.text().substring(0, LONGEST_TEXT),
                        done.passages(),
                        Duration.between(started, Instant.now()).toMillis());
            case ToolResult.Failed failed -> new Broken(started, failed.error(), Optional.empty());
            case ToolResult.Unknown unknown -> new Broken(started, unknown.error(), Optional.empty());
        };
        Map<String, Object> data =
                new HashMap<>(Map.of("seq", seq, "kind", KIND, "name", shown(name), "status", "succeeded"));
        if (result instanceof Broken broken) {
            data.put("status", "failed");
            data.put("error", broken.error());
        }
        append(new Entry(seq, KIND, shown(name), result.phase(), result, "step.completed", data));
        journal.ended(seq, KIND, result);
    }

    private void decide(String verdict, int of) {
        int seq = journal.next();
        Decided decided = new Decided(verdict, of);
        append(new Entry(
                seq,
                "decision",
                verdict,
                decided.phase(),
                decided,
                "step.completed",
                Map.of("seq", seq, "kind", "decision", "name", verdict, "status", "succeeded")));
        journal.ended(seq, "decision", decided);
    }

    /** Models may ask for tools of any name; PostgreSQL stores no NUL. */
    private static String shown(String name) {
        String known = name.replace("\u0000", "");
        return known.length() <= LONGEST_NAME ? known : known.substring(0, LONGEST_NAME);
    }

    private void append(Entry entry) {
        live.announce(engine.persist(live, () -> engine.journal().append(run.lease(), entry)));
    }
}
