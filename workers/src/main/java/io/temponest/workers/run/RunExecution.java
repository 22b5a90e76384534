package io.temponest.workers.run;

import io.temponest.bus.Deadline;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.temponest.knowledge.KnowledgeAddresses;
import io.temponest.knowledge.KnowledgeAddresses.Passages;
import io.temponest.knowledge.KnowledgeAddresses.Search;
import io.temponest.knowledge.Passage;
import io.temponest.model.Vocabulary;
import io.temponest.workers.run.AgentLoop.Action;
import io.temponest.workers.run.JournalStore.Entry;
import io.temponest.workers.run.StepResult.Broken;
import io.temponest.workers.run.StepResult.Retrieved;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Executes one run, from its journal's end to its own: straight-line code on a virtual thread. Throws {@link
 * LeaseLostException} when the run belongs to another worker; other exceptions are bugs or a database that stays away.
 */
final class RunExecution {

    private static final Duration SEARCH_LIMIT = Duration.ofSeconds(30);
    private static final Duration COUNT_LIMIT = Duration.ofSeconds(10);

    private final Engine engine;
    private final LiveRun live;
    private final ClaimedRun run;
    private final Deadline deadline;

    RunExecution(Engine engine, LiveRun live) {
        this.engine = engine;
        this.live = live;
        this.run = live.run();
        this.deadline = Deadline.after(Duration.ofMillis(Math.max(0, run.timeLeftMs())));
    }

    /** Executes until the run ends, or is to go on elsewhere. @return how it ended; empty when it goes on elsewhere */
    Optional<Ending> execute() {
        SortedMap<Integer, StepResult> journal = run.lease().epoch() == 1 ? new TreeMap<>() : load();
        if (journal.isEmpty() && live.stop() == LiveRun.Stop.NONE) {
            Optional<ApiError> refusal = budgetRefusal();
            if (refusal.isPresent()) {
                return finish(Ending.failed(refusal.get()));
            }
        }
        while (true) {
            Optional<Ending> early = interruption();
            if (live.stop() == LiveRun.Stop.DRAINED) {
                return Optional.empty();
            }
            if (early.isPresent()) {
                return finish(early.get());
            }
            switch (AgentLoop.next(run, journal)) {
                case Action.Retrieve(int seq) -> retrieve(seq).ifPresent(result -> journal.put(seq, result));
                case Action.AskModel(int seq, List<Passage> passages) -> {
                    Optional<StepResult> answer = new ModelStep(engine, live, deadline).ask(seq, passages);
                    answer.ifPresent(result -> journal.put(seq, result));
                }
                case Action.End(Ending ending) -> {
                    return finish(ending);
                }
            }
        }
    }

    private SortedMap<Integer, StepResult> load() {
        return engine.persist(live, () -> engine.journal().load(run.id()));
    }

    private Optional<Ending> interruption() {
        return switch (live.stop()) {
            case CANCELLED -> Optional.of(Ending.cancelled());
            case LOST -> throw new LeaseLostException(run.lease());
            case NONE, DRAINED ->
                deadline.passed() ? Optional.of(Ending.timedOut(Engine.DEADLINE_EXCEEDED)) : Optional.empty();
        };
    }

    /** A question that failed because the run is stopped says nothing about the run. */
    private Optional<ApiError> budgetRefusal() {
        try {
            return overBudget();
        } catch (ApiException failure) {
            return live.stop() == LiveRun.Stop.NONE ? Optional.of(failure.error()) : Optional.empty();
        }
    }

    /** What the caller sent must fit the agent's budget; checked before anything is done. */
    private Optional<ApiError> overBudget() {
        long tokens = engine.<Long>asking(
                live,
                deadline,
                () -> engine.counter()
                        .count(
                                Vocabulary.nearest(run.model().model()),
                                Prompt.callersTexts(run),
                                deadline.atMost(COUNT_LIMIT)));
        int budget = run.agent().taskTokenBudget();
        return tokens <= budget
                ? Optional.empty()
                : Optional.of(new ApiError(
                        ErrorType.UNPROCESSABLE_ERROR,
                        "The input has %d tokens; this agent takes %d.".formatted(tokens, budget),
                        Optional.of("input"),
                        "token_budget_exceeded"));
    }

    /** @return empty when the search failed while this worker goes away: the next one searches */
    private Optional<StepResult> retrieve(int seq) {
        Instant started = Instant.now();
        Search search = new Search(
                run.tenant(),
                run.collections(),
                run.request().task(),
                run.agent().retrieval().topK(),
                run.agent().retrieval().minScore());
        StepResult result;
        try {
            Passages found = engine.asking(
                    live,
                    deadline,
                    () -> engine.bus().ask(KnowledgeAddresses.SEARCH, search, deadline.atMost(SEARCH_LIMIT)));
            result = new Retrieved(started, found.passages());
        } catch (ApiException failure) {
            if (live.stop() == LiveRun.Stop.DRAINED) {
                return Optional.empty();
            }
            result = new Broken(started, failure.error(), Optional.empty());
        }
        StepResult ended = result;
        int passages = result instanceof Retrieved r ? r.passages().size() : 0;
        live.announce(engine.persist(
                live,
                () -> engine.journal()
                        .append(
                                run.lease(),
                                new Entry(
                                        seq,
                                        "retrieval",
                                        "knowledge.search",
                                        ended.phase(),
                                        ended,
                                        "step.completed",
                                        Map.of(
                                                "seq",
                                                seq,
                                                "kind",
                                                "retrieval",
                                                "name",
                                                "knowledge.search",
                                                "status",
                                                ended instanceof Broken ? "failed" : "succeeded",
                                                "passages",
                                                passages)))));
        return Optional.of(result);
    }

    private Optional<Ending> finish(Ending ending) {
        Map<String, Object> data = new TreeMap<>(Map.of("status", ending.status(), "citations", ending.citations()));
        ending.output().ifPresent(output -> data.put("output", output));
        ending.error().ifPresent(error -> data.put("error", error));
        engine.persist(live, () -> engine.journal().finish(run.lease(), ending, data));
        return Optional.of(ending);
    }
}
