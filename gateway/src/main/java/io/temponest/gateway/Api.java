package io.temponest.gateway;

import io.temponest.agent.AgentStore;
import io.temponest.audit.AuditStore;
import io.temponest.cache.Caches;
import io.temponest.gateway.agents.AgentEndpoints;
import io.temponest.gateway.audit.AuditEndpoints;
import io.temponest.gateway.change.Changes;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.LongCalls;
import io.temponest.gateway.knowledge.CachedSearch;
import io.temponest.gateway.knowledge.CollectionChoice;
import io.temponest.gateway.knowledge.CollectionEndpoints;
import io.temponest.gateway.knowledge.DocumentEndpoints;
import io.temponest.gateway.models.ModelChoice;
import io.temponest.gateway.models.ModelEndpoints;
import io.temponest.gateway.ops.Health;
import io.temponest.gateway.ops.OpenApi;
import io.temponest.gateway.ops.SystemEndpoints;
import io.temponest.gateway.projects.ProjectEndpoints;
import io.temponest.gateway.runs.RunEndpoints;
import io.temponest.gateway.runs.StartEndpoint;
import io.temponest.identity.Ids;
import io.temponest.knowledge.CollectionStore;
import io.temponest.knowledge.DocumentStore;
import io.temponest.model.Models;
import io.temponest.node.Node;
import io.temponest.project.ProjectStore;
import io.temponest.run.RunStore;
import io.temponest.store.Postgres;
import java.util.List;
import java.util.stream.Stream;

/** Every endpoint, with what it stands on. */
final class Api {

    private Api() {}

    /** What endpoints share within the process. */
    record Shared(Changes changes, LongCalls calls, Caches caches) {}

    static List<Endpoint> endpoints(Node node, Postgres postgres, Models models, Shared shared) {
        Ids ids = new Ids();
        AgentStore agents = new AgentStore(postgres, ids);
        RunStore runs = new RunStore(postgres, ids);
        CollectionStore collections = new CollectionStore(postgres, ids);
        DocumentStore documents = new DocumentStore(postgres, ids);
        ModelChoice choice = new ModelChoice(models);
        CollectionChoice known = new CollectionChoice(collections);
        Changes changes = shared.changes();
        RunEndpoints following = new RunEndpoints(node.vertx(), node.bus(), runs, shared.calls());
        return Stream.of(
                        new AgentEndpoints(agents, choice, known, changes).all(),
                        new StartEndpoint(
                                        new StartEndpoint.Parts(agents, runs, choice, known, changes),
                                        node.bus(),
                                        following)
                                .all(),
                        following.all(),
                        new ProjectEndpoints(new ProjectStore(postgres, ids), runs, changes).all(),
                        new CollectionEndpoints(collections, new CachedSearch(node.bus(), shared.caches()), changes)
                                .all(),
                        new DocumentEndpoints(node.vertx(), collections, documents, node.bus(), changes).all(),
                        new ModelEndpoints(models, node.bus()).all(),
                        new AuditEndpoints(new AuditStore(postgres), node.vertx()).all())
                .flatMap(List::stream)
                .toList();
    }

    static List<Endpoint> system(Health health, OpenApi openApi) {
        return new SystemEndpoints(health, openApi).all();
    }
}
