package io.temponest.workers.run;

import io.temponest.agent.AgentSpec;
import io.temponest.agent.AgentSpec.CitationRule;
import io.temponest.approval.Risk;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.model.ModelName;
import io.temponest.run.RunRequest;
import io.temponest.spend.Account;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A run that this worker's session owns.
 *
 * @param lease what every write of it carries
 * @param billing whom its model calls are charged to
 * @param deadlineAt by the database's clock
 * @param timeLeftMs until the deadline, measured by the database when it was claimed
 * @param cancelRequested whether someone had asked to stop it
 * @param pauseRequested whether someone had asked to hold it back
 * @param fresh whether its journal is known to be empty
 * @param depth how many runs it descends from
 * @param events number of its last event, the one of this claim
 */
record ClaimedRun(
        Lease lease,
        AgentSpec agent,
        RunRequest request,
        ModelName model,
        Billing billing,
        Instant deadlineAt,
        long timeLeftMs,
        boolean cancelRequested,
        boolean pauseRequested,
        boolean fresh,
        int depth,
        long events) {

    TypeId id() {
        return lease.run();
    }

    TenantId tenant() {
        return lease.tenant();
    }

    /** Of the whole run: a caller may ask for more care than the agent does, not for less. */
    Risk risk() {
        return agent.riskLevel().max(request.risk().flatMap(Risk::find).orElse(Risk.LOW));
    }

    /** Whom the model call of a step is charged to. */
    Account payer(int step) {
        return new Account(
                tenant(),
                Optional.of(id()),
                Optional.of(step),
                Optional.of(billing.agent()),
                billing.project(),
                billing.user(),
                billing.apiKey());
    }

    /** What is searched: what the caller named, else what the agent names; empty: every collection of the tenant. */
    List<TypeId> collections() {
        return request.collections().isEmpty() ? agent.collections() : request.collections();
    }

    /** The citation rule, where someone named the sources that an answer has to come from. */
    Optional<CitationRule> grounding() {
        return collections().isEmpty() ? Optional.empty() : Optional.of(agent.citations());
    }

    /**
     * The right to write a run: it holds until the epoch goes up.
     *
     * @param owner the session
     */
    record Lease(TypeId run, TenantId tenant, int epoch, TypeId owner) {}

    /** Whom model calls are charged to. */
    record Billing(TypeId agent, Optional<TypeId> project, Optional<TypeId> user, Optional<TypeId> apiKey) {}
}
