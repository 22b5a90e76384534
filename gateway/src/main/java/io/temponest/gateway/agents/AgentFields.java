package io.temponest.gateway.agents;

import io.temponest.agent.AgentSpec;
import io.temponest.agent.AgentSpec.CitationRule;
import io.temponest.agent.AgentSpec.Retrieval;
import io.temponest.gateway.http.Fields;
import io.temponest.identity.Kind;
import io.temponest.identity.TypeId;
import java.util.List;
import java.util.Optional;

/** What a client says of an agent, when making one or changing it; what is absent has its standard or stays. */
record AgentFields(
        Optional<String> slug,
        Optional<String> name,
        Optional<String> description,
        Optional<String> instructions,
        Optional<String> model,
        Optional<Double> temperature,
        Optional<Double> topP,
        Optional<Integer> seed,
        Optional<Integer> maxOutputTokens,
        Optional<Integer> taskTokenBudget,
        Optional<Integer> latencySloMs,
        Optional<List<String>> collections,
        Optional<RetrievalFields> retrieval,
        Optional<CitationFields> citations) {

    private static final int MOST_COLLECTIONS = 16;

    private static final AgentSpec STANDARD = new AgentSpec(
            "-",
            Optional.empty(),
            0.2,
            0.9,
            Optional.empty(),
            4_096,
            16_000,
            10_000,
            List.of(),
            new Retrieval(8, 0.6),
            new CitationRule(2, 0.7));

    /** See {@link Retrieval}. */
    record RetrievalFields(Optional<Integer> topK, Optional<Double> minScore) {}

    /** See {@link CitationRule}. */
    record CitationFields(Optional<Integer> min, Optional<Double> minScore) {}

    AgentSpec spec() {
        Fields.required("instructions", instructions);
        return changed(STANDARD);
    }

    /** Whether anything that a version pins is given. */
    boolean changesSpec() {
        return instructions.isPresent()
                || model.isPresent()
                || temperature.isPresent()
                || topP.isPresent()
                || seed.isPresent()
                || maxOutputTokens.isPresent()
                || taskTokenBudget.isPresent()
                || latencySloMs.isPresent()
                || collections.isPresent()
                || retrieval.isPresent()
                || citations.isPresent();
    }

    /** The specification with what is given here in place of what it had. */
    AgentSpec changed(AgentSpec base) {
        List<TypeId> named = collections.isPresent()
                ? Fields.ids("collections", collections, Kind.COLLECTION, MOST_COLLECTIONS)
                : base.collections();
        return Fields.made(() -> new AgentSpec(
                instructions.orElse(base.instructions()),
                model.or(base::model),
                temperature.orElse(base.temperature()),
                topP.orElse(base.topP()),
                seed.or(base::seed),
                maxOutputTokens.orElse(base.maxOutputTokens()),
                taskTokenBudget.orElse(base.taskTokenBudget()),
                latencySloMs.orElse(base.latencySloMs()),
                named,
                new Retrieval(
                        retrieval
                                .flatMap(RetrievalFields::topK)
                                .orElse(base.retrieval().topK()),
                        retrieval
                                .flatMap(RetrievalFields::minScore)
                                .orElse(base.retrieval().minScore())),
                new CitationRule(
                        citations
                                .flatMap(CitationFields::min)
                                .orElse(base.citations().min()),
                        citations
                                .flatMap(CitationFields::minScore)
                                .orElse(base.citations().minScore()))));
    }
}
