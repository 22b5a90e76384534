package io.temponest.gateway;

import io.temponest.agent.AgentStore;
import io.temponest.approval.ApprovalStore;
import io.temponest.audit.AuditStore;
import io.temponest.cache.Caches;
import io.temponest.crypto.SecretBox;
import io.temponest.egress.EgressRules;
import io.temponest.gateway.agents.AgentEndpoints;
import io.temponest.gateway.answers.AnswerCache;
import io.temponest.gateway.answers.AnswerCacheConfig;
import io.temponest.gateway.approvals.ApprovalEndpoints;
import io.temponest.gateway.audit.AuditEndpoints;
import io.temponest.gateway.change.Changes;
import io.temponest.gateway.costs.AlertEndpoints;
import io.temponest.gateway.costs.BudgetEndpoints;
import io.temponest.gateway.costs.CostEndpoints;
import io.temponest.gateway.costs.PriceEndpoints;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.LongCalls;
import io.temponest.gateway.knowledge.CachedSearch;
import io.temponest.gateway.knowledge.CollectionChoice;
import io.temponest.gateway.knowledge.CollectionEndpoints;
import io.temponest.gateway.knowledge.DocumentEndpoints;
import io.temponest.gateway.models.ModelCalls;
import io.temponest.gateway.models.ModelChoice;
import io.temponest.gateway.models.ModelEndpoints;
import io.temponest.gateway.models.TokenEndpoints;
import io.temponest.gateway.ops.Health;
import io.temponest.gateway.ops.OpenApi;
import io.temponest.gateway.ops.SystemEndpoints;
import io.temponest.gateway.projects.ProjectEndpoints;
import io.temponest.gateway.runs.AgentCompletions;
import io.temponest.gateway.runs.RunControls;
import io.temponest.gateway.runs.RunEndpoints;
import io.temponest.gateway.runs.StartEndpoint;
import io.temponest.gateway.webhooks.DeliveryEndpoints;
import io.temponest.gateway.webhooks.WebhookEndpoints;
import io.temponest.identity.Ids;
import io.temponest.knowledge.CollectionStore;
import io.temponest.knowledge.DocumentStore;
import io.temponest.model.Models;
import io.temponest.model.TokenCounter;
import io.temponest.model.price.PriceStore;
import io.temponest.model.relay.ModelSupply;
import io.temponest.node.Node;
import io.temponest.project.ProjectStore;
import io.temponest.run.RunControlStore;
import io.temponest.run.RunStore;
import io.temponest.spend.AlertStore;
import io.temponest.spend.BudgetStore;
import io.temponest.spend.CostStore;
import io.temponest.store.Postgres;
import io.temponest.webhook.DeliveryStore;
import io.temponest.webhook.WebhookStore;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;

/** Every endpoint, with what it stands on. */
final class Api {

    private Api() {}

    /** What endpoints share within the process. */
    record Shared(
            Changes changes,
            LongCalls calls,
            Caches caches,
            AnswerCacheConfig answers,
            SecretBox secrets,
            EgressRules egress) {}

    static List<Endpoint> endpoints(Node node, Postgres postgres, Gateway.ModelAccess access, Shared shared) {
        Ids ids = new Ids();
        AgentStore agents = new AgentStore(postgres, ids);
        RunStore runs = new RunStore(postgres, ids);
        CollectionStore collections = new CollectionStore(postgres, ids);
        DocumentStore documents = new DocumentStore(postgres, ids);
        Models models = access.models();
        ModelSupply supply = access.supply();
        InstantSource clock = InstantSource.system();
        AlertStore alerts = new AlertStore(postgres);
        ModelChoice choice = new ModelChoice(models);
        CollectionChoice known = new CollectionChoice(collections);
        Changes changes = shared.changes();
        WebhookStore webhooks = new WebhookStore(postgres, ids, shared.secrets(), new SecureRandom());
        AnswerCache answers = new AnswerCache(node.bus(), shared.caches(), node.metrics(), shared.answers(), clock);
        RunEndpoints following = new RunEndpoints(node.vertx(), node.bus(), runs, shared.calls());
        StartEndpoint.Parts start = new StartEndpoint.Parts(agents, runs, choice, known, changes);
        return Stream.of(
                        new AgentEndpoints(agents, choice, known, changes).all(),
                        new StartEndpoint(start, node.bus(), following).all(),
                        following.all(),
                        new RunControls(new RunControlStore(ids), choice, node.bus(), changes).all(),
                        new ApprovalEndpoints(new ApprovalStore(postgres), node.bus(), changes).all(),
                        new ProjectEndpoints(new ProjectStore(postgres, ids), runs, changes).all(),
                        new CollectionEndpoints(collections, new CachedSearch(node.bus(), shared.caches()), changes)
                                .all(),
                        new DocumentEndpoints(node.vertx(), collections, documents, node.bus(), changes).all(),
                        new ModelEndpoints(models).all(),
                        new TokenEndpoints(choice, new TokenCounter(node.vertx(), node.bus()), supply.relay()).all(),
                        new ModelCalls(
                                        supply.relay(),
                                        choice,
                                        new AgentCompletions(start, node.bus(), following),
                                        shared.calls(),
                                        new ModelCalls.KeptAnswers(answers, ids, clock))
                                .all(),
                        new CostEndpoints(new CostStore(postgres), shared.calls(), clock).all(),
                        new BudgetEndpoints(
                                        new BudgetStore(postgres, ids, node.bus()),
                                        alerts,
                                        supply::followBudgets,
                                        changes)
                                .all(),
                        new AlertEndpoints(alerts, changes).all(),
                        new PriceEndpoints(
                                        new PriceEndpoints.Parts(
                                                supply::prices, new PriceStore(postgres, ids), supply.tenantPrices()),
                                        changes,
                                        clock)
                                .all(),
                        new WebhookEndpoints(webhooks, shared.egress(), changes).all(),
                        new DeliveryEndpoints(webhooks, new DeliveryStore(postgres, ids), node.bus(), changes, clock)
                                .all(),
                        new AuditEndpoints(new AuditStore(postgres), node.vertx()).all())
                .flatMap(List::stream)
                .toList();
    }

    static List<Endpoint> system(Health health, OpenApi openApi) {
        return new SystemEndpoints(health, openApi).all();
    }
}
