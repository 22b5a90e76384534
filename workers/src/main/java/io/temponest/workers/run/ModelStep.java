package io.temponest.workers.run;

import io.temponest.bus.Deadline;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.knowledge.Passage;
import io.temponest.model.ModelOutcome;
import io.temponest.model.ModelOutcome.Cancelled;
import io.temponest.model.ModelOutcome.Completed;
import io.temponest.model.ModelOutcome.Failed;
import io.temponest.model.ModelProvider;
import io.temponest.model.ModelRequest;
import io.temponest.model.OpenAiProvider;
import io.temponest.model.Usage;
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
    private static final int ATTEMPTS = 3;

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
    Optional<StepResult> ask(int seq, List<Passage> passages) {
        Optional<ModelProvider> provider = engine.models().find(run.model());
        Instant started = Instant.now();
        live.announce(engine.persist(live, () -> engine.journal().append(run.lease(), intent(seq))));
        live.beginStep(seq);
        if (provider.isEmpty()) {
            return Optional.of(record(seq, unknownModel(started), Usage.NONE, "failed"));
        }
        long begin = System.nanoTime();
        ModelOutcome outcome = call(provider.get(), Prompt.of(run, passages));
        long latencyMs = (System.nanoTime() - begin) / 1_000_000;
        BigDecimal cost =
                engine.prices().cost(run.model(), outcome.usage(), started).orElse(BigDecimal.ZERO);
        return switch (outcome) {
            case Completed(String text, String reason, Usage usage) ->
                Optional.of(
                        record(seq, new Answered(started, text, reason, usage, cost, latencyMs), usage, "succeeded"));
            case Failed(ApiError error, boolean retryable, Usage usage)
            when retryable && live.stop() == LiveRun.Stop.DRAINED -> Optional.empty();
            case Failed(ApiError error, boolean retryable, Usage usage) ->
                Optional.of(record(seq, new Broken(started, error, Optional.of(usage)), usage, "failed"));
            case Cancelled(Usage usage) -> {
                if (live.stop() == LiveRun.Stop.CANCELLED) {
                    record(seq, new Broken(started, Engine.RUN_CANCELLED, Optional.of(usage)), usage, "cancelled");
                }
                yield Optional.empty();
            }
        };
    }

    /**
     * Tries again what may succeed later, as long as nothing of the answer was shown. A provider that is not asked at the
     * moment, because it failed repeatedly, is waited for within the run's deadline.
     */
    private ModelOutcome call(ModelProvider provider, ModelRequest request) {
        int asked = 0;
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
            asked += OpenAiProvider.circuitOpen(outcome) ? 0 : 1;
            boolean again = outcome instanceof Failed failed
                    && failed.retryable()
                    && !shown[0]
                    && asked < ATTEMPTS
                    && live.stop() == LiveRun.Stop.NONE
                    && !deadline.passed();
            if (!again) {
                return outcome;
            }
            engine.pause(attempt);
        }
    }

    private StepResult record(int seq, StepResult result, Usage usage, String status) {
        Map<String, Object> data = new HashMap<>();
        data.put("seq", seq);
        data.put("kind", KIND);
        data.put("name", run.model().toString());
        data.put("status", result instanceof Broken ? "failed" : "succeeded");
        data.put("usage", usage);
        BigDecimal cost = BigDecimal.ZERO;
        long latencyMs = 0;
        if (result instanceof Answered answer) {
            data.put("text", answer.text());
            data.put("cost_usd", answer.costUsd());
            cost = answer.costUsd();
            latencyMs = answer.latencyMs();
        } else if (result instanceof Broken broken) {
            data.put("error", broken.error());
            cost = engine.prices().cost(run.model(), usage, broken.startedAt()).orElse(BigDecimal.ZERO);
        }
        Charge charge = new Charge(run.model().provider(), run.model().model(), status, usage, cost, latencyMs);
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
