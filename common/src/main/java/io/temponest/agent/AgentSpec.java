package io.temponest.agent;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.temponest.approval.ApprovalRule;
import io.temponest.approval.Risk;
import io.temponest.identity.TypeId;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What an agent is: the part that a version pins.
 *
 * @param instructions the system prompt
 * @param model {@code provider/model}; absent: the node's default model
 * @param temperature 0 to 2
 * @param topP 0 to 1
 * @param seed for providers that take one
 * @param maxOutputTokens limit of one answer
 * @param taskTokenBudget limit of a run's input, counted before it starts
 * @param latencySloMs what an answer should stay under; reported, not enforced
 * @param collections what is searched when a run names none; empty: every collection of the tenant
 * @param retrieval how passages are found
 * @param citations what a grounded answer must show
 * @param risk of everything that it does; medium and high runs wait for people before they begin
 * @param tools that it may use
 * @param maxTurns how often it may ask its model in one run
 * @param approvals how long people have
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record AgentSpec(
        String instructions,
        Optional<String> model,
        double temperature,
        double topP,
        Optional<Integer> seed,
        int maxOutputTokens,
        int taskTokenBudget,
        int latencySloMs,
        List<TypeId> collections,
        Retrieval retrieval,
        CitationRule citations,
        Optional<Risk> risk,
        Optional<List<ToolGrant>> tools,
        Optional<Integer> maxTurns,
        Optional<ApprovalRule> approvals) {

    private static final int MAX_INSTRUCTIONS = 32_000;
    private static final int MOST_TOOLS = 64;
    private static final int STANDARD_TURNS = 20;

    public AgentSpec {
        collections = List.copyOf(collections);
        tools = tools.map(List::copyOf);
        require(
                !instructions.isBlank() && instructions.length() <= MAX_INSTRUCTIONS,
                "instructions",
                "must have 1 to 32000 characters");
        require(temperature >= 0 && temperature <= 2, "temperature", "must be from 0 to 2");
        require(topP > 0 && topP <= 1, "top_p", "must be above 0 and at most 1");
        require(maxOutputTokens >= 1 && maxOutputTokens <= 200_000, "max_output_tokens", "must be from 1 to 200000");
        require(taskTokenBudget >= 1 && taskTokenBudget <= 2_000_000, "task_token_budget", "must be from 1 to 2000000");
        require(latencySloMs >= 1, "latency_slo_ms", "must be positive");
        require(collections.size() <= 16, "collections", "may name at most 16 collections");
        List<String> names =
                tools.orElse(List.of()).stream().map(ToolGrant::name).toList();
        require(names.size() <= MOST_TOOLS, "tools", "may name at most %d tools".formatted(MOST_TOOLS));
        require(Set.copyOf(names).size() == names.size(), "tools", "names a tool twice");
        require(maxTurns.filter(turns -> turns < 1 || turns > 100).isEmpty(), "max_turns", "must be from 1 to 100");
    }

    public Risk riskLevel() {
        return risk.orElse(Risk.LOW);
    }

    public List<ToolGrant> toolGrants() {
        return tools.orElse(List.of());
    }

    public int turnLimit() {
        return maxTurns.orElse(STANDARD_TURNS);
    }

    public ApprovalRule approvalRule() {
        return approvals.orElse(ApprovalRule.STANDARD);
    }

    private static void require(boolean condition, String field, String message) {
        if (!condition) {
            throw new IllegalArgumentException(field + " " + message);
        }
    }

    /**
     * How passages are found.
     *
     * @param topK at most this many
     * @param minScore relevance from 0 to 1, see {@link io.temponest.knowledge.Passage#score}
     */
    public record Retrieval(int topK, double minScore) {

        public Retrieval {
            require(topK >= 1 && topK <= 50, "retrieval.top_k", "must be from 1 to 50");
            require(minScore >= 0 && minScore <= 1, "retrieval.min_score", "must be from 0 to 1");
        }
    }

    /**
     * What a grounded answer must show: it cites at least {@code min} different retrieved passages of at least
     * {@code minScore}, or all of them where fewer were found. Checked where the caller or the agent named collections.
     */
    public record CitationRule(int min, double minScore) {

        public CitationRule {
            require(min >= 0 && min <= 20, "citations.min", "must be from 0 to 20");
            require(minScore >= 0 && minScore <= 1, "citations.min_score", "must be from 0 to 1");
        }
    }
}
