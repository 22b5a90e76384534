package io.temponest.workers.run;

import io.temponest.agent.ToolGrant;
import io.temponest.bus.Deadline;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.temponest.knowledge.KnowledgeAddresses;
import io.temponest.knowledge.KnowledgeAddresses.Passages;
import io.temponest.knowledge.KnowledgeAddresses.Search;
import io.temponest.model.Vocabulary;
import io.temponest.workers.run.AgentLoop.Action;
import io.temponest.workers.run.JournalStore.Entry;
import io.temponest.workers.run.StepResult.Broken;
import io.temponest.workers.run.StepResult.Retrieved;
import io.temponest.workers.tool.Tool;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    /** How a run leaves this worker. */
    sealed interface Leaving {

        /** It is over. */
        record Ended(Ending ending) implements Leaving {}

        /** It is to go on elsewhere; its row says still that it is here. */
        record HandedOver() implements Leaving {}

        /** It waits, as its row says already. */
        record Parked() implements Leaving {}
    }

    /** Executes until the run ends, waits, or is to go on elsewhere. */
    Leaving execute() {
        Journal journal = run.fresh() ? new Journal() : load();
        if (journal.isEmpty() && live.stop() == LiveRun.Stop.NONE) {
            Optional<ApiError> refusal = budgetRefusal();
            if (refusal.isPresent()) {
                return finish(Ending.failed(refusal.get()));
            }
        }
        Toolset tools = run.agent().toolGrants().isEmpty() ? Toolset.NONE : tools();
        while (true) {
            Optional<Ending> early = interruption();
            if (live.stop() == LiveRun.Stop.DRAINED) {
                return new Leaving.HandedOver();
            }
            if (early.isPresent()) {
                return finish(early.get());
            }
            if (live.stop() == LiveRun.Stop.PAUSED) {
                new GateStep(engine, live).park();
                return new Leaving.Parked();
            }
            Optional<Leaving> leaving = act(AgentLoop.next(run, tools, journal), tools, journal);
            if (leaving.isPresent()) {
                return leaving.get();
            }
        }
    }

    private Optional<Leaving> act(Action action, Toolset tools, Journal journal) {
        ToolStep calls = new ToolStep(engine, live, journal, deadline);
        switch (action) {
            case Action.Retrieve(int seq) -> retrieve(seq).ifPresent(result -> journal.ended(seq, "retrieval", result));
            case Action.AskModel asked ->
                new ModelStep(engine, live, deadline)
                        .ask(asked, tools)
                        .ifPresentOrElse(
                                result -> journal.ended(asked.seq(), "llm", result),
                                () -> journal.begun(asked.seq(), "llm", StepIntent.NOTHING));
            case Action.Use use -> calls.use(use);
            case Action.Refuse refuse -> calls.refuse(refuse);
            case Action.Settle settle -> calls.settle(settle);
            case Action.Open(List<Gate> gates) -> {
                if (new GateStep(engine, live).open(gates, journal.next())) {
                    return Optional.of(new Leaving.Parked());
                }
                throw new IllegalStateException("gates of a run that executes were closed");
            }
            case Action.End(Ending ending) -> {
                return Optional.of(finish(ending));
            }
        }
        return Optional.empty();
    }

    /** The agent's tools, as far as there are any by their names at the moment. */
    private Toolset tools() {
        Map<String, Tool> found = new HashMap<>();
        for (ToolGrant grant : run.agent().toolGrants()) {
            engine.persist(live, () -> engine.toolbox().find(run.tenant(), grant.name()))
                    .ifPresent(tool -> found.put(grant.name(), tool));
        }
        return Toolset.of(run.agent(), found);
    }

    private Journal load() {
        return engine.persist(live, () -> engine.journal().load(run.id()));
    }

    private Optional<Ending> interruption() {
        return switch (live.stop()) {
            case CANCELLED -> Optional.of(Ending.cancelled());
            case LOST -> throw new LeaseLostException(run.lease());
            case NONE, DRAINED, PAUSED ->
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
            if (live.leaving()) {
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

    private Leaving finish(Ending ending) {
        Map<String, Object> data = new TreeMap<>(Map.of("status", ending.status(), "citations", ending.citations()));
        ending.output().ifPresent(output -> data.put("output", output));
        ending.error().ifPresent(error -> data.put("error", error));
        engine.persist(live, () -> engine.journal().finish(run.lease(), ending, data));
        return new Leaving.Ended(ending);
    }
}
