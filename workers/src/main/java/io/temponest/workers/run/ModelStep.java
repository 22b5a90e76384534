package io.temponest.workers.run;

import io.temponest.bus.Deadline;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.model.ModelOutcome;
import io.temponest.model.ModelOutcome.Cancelled;
import io.temponest.model.ModelOutcome.Completed;
import io.temponest.model.ModelOutcome.Failed;
import io.temponest.model.ModelProvider;
import io.temponest.model.ModelRequest;
import io.temponest.model.ToolCall;
import io.temponest.spend.Usage;
import io.temponest.workers.run.AgentLoop.Action.AskModel;
import io.temponest.workers.run.JournalStore.Charge;
import io.temponest.workers.run.JournalStore.Entry;
import io.temponest.workers.run.StepResult.Answered;
import io.temponest.workers.run.StepResult.Broken;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One model call of a run: the intent is durable before the call, the answer and its cost after it, in one write. A call
 * that was interrupted by the loss of its worker has an intent only and is made again.
 */
final class ModelStep {

    private static final String KIND = "llm";

    private final Engine engine;
    private final LiveRun live;
    private final ClaimedRun run;
    private final Deadline deadline;

    ModelStep(Engine engine, LiveRun live, Deadline deadline) {
        this.engine = engine;
        this.live = live;
        this.run = live.run();
        this.deadline = deadline;
    }

    /** @return the step's result; empty when the call was stopped and the run decides what follows */
    Optional<StepResult> ask(AskModel asked, Toolset tools) {
        int seq = asked.seq();
        Optional<ModelProvider> provider = engine.models().find(run.model());
        Instant started = Instant.now();
        live.announce(engine.persist(live, () -> engine.journal().append(run.lease(), intent(seq))));
        live.beginStep(seq);
        if (provider.isEmpty()) {
            return Optional.of(record(seq, unknownModel(started), new Charge(Usage.NONE, BigDecimal.ZERO)));
        }
        long begin = System.nanoTime();
        ModelOutcome outcome = call(provider.get(), Prompt.of(run, asked, tools.offers()));
        long latencyMs = (System.nanoTime() - begin) / 1_000_000;
        Charge charge = new Charge(outcome.usage(), outcome.costUsd());
        return switch (outcome) {
            case Completed(String text, var calls, String reason, Usage usage, BigDecimal cost) -> {
                Optional<List<ToolCall>> wanted = calls.isEmpty() ? Optional.empty() : Optional.of(calls);
                yield Optional.of(
                        record(seq, new Answered(started, text, wanted, reason, usage, cost, latencyMs), charge));
            }
            case Failed failed when failed.retryable() && live.leaving() -> Optional.empty();
            case Failed failed ->
                Optional.of(record(seq, new Broken(started, failed.error(), Optional.of(failed.usage())), charge));
            case Cancelled cancelled -> {
                if (live.stop() == LiveRun.Stop.CANCELLED) {
                    record(seq, new Broken(started, Engine.RUN_CANCELLED, Optional.of(cancelled.usage())), charge);
                }
                yield Optional.empty();
            }
        };
    }

    /**
     * Whoever answers is tried as often as makes sense within the call. One that takes no calls at the moment, because it failed
     * repeatedly or has too many, is waited for within the run's deadline.
     */
    private ModelOutcome call(ModelProvider provider, ModelRequest request) {
        for (int attempt = 1; ; attempt++) {
            boolean[] shown = {false};
            ModelOutcome outcome = provider.ask(
                            request,
                            piece -> {
                                shown[0] = true;
                                live.delta(piece);
                            },
                            live.cancellation(),
                            deadline)
                    .await();
            boolean again = outcome instanceof Failed failed
                    && failed.error().type() == ErrorType.OVERLOADED_ERROR
                    && !shown[0]
                    && live.stop() == LiveRun.Stop.NONE
                    && !deadline.passed();
            if (!again) {
                return outcome;
            }
            engine.pause(attempt);
        }
    }

    private StepResult record(int seq, StepResult result, Charge charge) {
        Map<String, Object> data = new HashMap<>();
        data.put("seq", seq);
        data.put("kind", KIND);
        data.put("name", run.model().toString());
        data.put("status", result instanceof Broken ? "failed" : "succeeded");
        data.put("usage", charge.usage());
        if (result instanceof Answered answer) {
            data.put("text", answer.text());
            data.put("cost_usd", answer.costUsd());
            answer.calls()
                    .ifPresent(calls ->
                            data.put("tools", calls.stream().map(ToolCall::name).toList()));
        } else if (result instanceof Broken broken) {
            data.put("error", broken.error());
        }
        Entry entry = new Entry(seq, KIND, run.model().toString(), result.phase(), result, "step.completed", data);
        live.announce(engine.persist(live, () -> engine.journal().append(run.lease(), entry, charge)));
        return result;
    }

    private Entry intent(int seq) {
        Map<String, Object> data =
                Map.of("seq", seq, "kind", KIND, "name", run.model().toString());
        return new Entry(seq, KIND, run.model().toString(), "intent", Map.of(), "step.started", data);
    }

    private StepResult unknownModel(Instant started) {
        ApiError error = new ApiError(
                ErrorType.INVALID_REQUEST_ERROR,
                "No worker knows a provider '%s'.".formatted(run.model().provider()),
                Optional.of("model"),
                "model_not_found");
        return new Broken(started, error, Optional.empty());
    }
}
