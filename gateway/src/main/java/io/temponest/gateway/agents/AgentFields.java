package io.temponest.gateway.agents;

import io.temponest.agent.AgentSpec;
import io.temponest.agent.AgentSpec.CitationRule;
import io.temponest.agent.AgentSpec.Retrieval;
import io.temponest.agent.ToolGrant;
import io.temponest.approval.ApprovalRule;
import io.temponest.approval.OnTimeout;
import io.temponest.approval.Risk;
import io.temponest.gateway.http.Fields;
import io.temponest.identity.Kind;
import io.temponest.identity.TypeId;
import java.util.ArrayList;
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
        Optional<CitationFields> citations,
        Optional<String> risk,
        Optional<List<ToolFields>> tools,
        Optional<Integer> maxTurns,
        Optional<ApprovalFields> approvals) {

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
            new CitationRule(2, 0.7),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    /** See {@link Retrieval}. */
    record RetrievalFields(Optional<Integer> topK, Optional<Double> minScore) {}

    /** See {@link CitationRule}. */
    record CitationFields(Optional<Integer> min, Optional<Double> minScore) {}

    /** See {@link ToolGrant}. */
    record ToolFields(Optional<String> name, Optional<String> risk) {

        ToolGrant grant(String field) {
            String named = Fields.required(field + ".name", name);
            Optional<Risk> level = risk.map(text -> level(field + ".risk", text));
            try {
                return new ToolGrant(named, level);
            } catch (IllegalArgumentException e) {
                throw Fields.invalid(field + ".name", "must have 1 to 64 letters, digits, underscores and dashes");
            }
        }
    }

    /** See {@link ApprovalRule}. */
    record ApprovalFields(Optional<Integer> timeoutS, Optional<String> onTimeout, Optional<Integer> remindS) {

        ApprovalRule changed(ApprovalRule base) {
            return new ApprovalRule(
                    timeoutS.orElse(base.timeoutS()),
                    onTimeout.map(OnTimeout::parse).orElse(base.onTimeout()),
                    remindS.or(base::remindS));
        }
    }

    private static Risk level(String field, String text) {
        return Risk.find(text).orElseThrow(() -> Fields.invalid(field, "must be one of low, medium, high"));
    }

    private static List<ToolGrant> grants(List<ToolFields> given) {
        List<ToolGrant> grants = new ArrayList<>();
        for (int i = 0; i < given.size(); i++) {
            grants.add(given.get(i).grant("tools[" + i + "]"));
        }
        return grants;
    }

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
                || citations.isPresent()
                || risk.isPresent()
                || tools.isPresent()
                || maxTurns.isPresent()
                || approvals.isPresent();
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
                                .orElse(base.citations().minScore())),
                risk.map(text -> level("risk", text)).or(base::risk),
                tools.map(AgentFields::grants).or(base::tools),
                maxTurns.or(base::maxTurns),
                approvals.map(given -> given.changed(base.approvalRule())).or(base::approvals)));
    }
}
