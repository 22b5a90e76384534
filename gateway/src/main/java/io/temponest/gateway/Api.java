package io.temponest.gateway;

import io.temponest.account.ApiKeyStore;
import io.temponest.account.UserStore;
import io.temponest.agent.AgentStore;
import io.temponest.gateway.account.ApiKeyEndpoints;
import io.temponest.gateway.account.SignInEndpoints;
import io.temponest.gateway.agents.AgentEndpoints;
import io.temponest.gateway.auth.Authenticator;
import io.temponest.gateway.auth.JwtKeys;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.LongCalls;
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
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;

/** Every endpoint, with what it stands on. */
final class Api {

    private Api() {}

    /** What requests are authenticated with. */
    record Access(Authenticator authenticator, JwtKeys keys, ApiKeyStore apiKeys, InstantSource clock) {}

    static List<Endpoint> endpoints(Node node, Postgres postgres, Models models, Access access, LongCalls calls) {
        Ids ids = new Ids();
        AgentStore agents = new AgentStore(postgres, ids);
        RunStore runs = new RunStore(postgres, ids);
        CollectionStore collections = new CollectionStore(postgres, ids);
        DocumentStore documents = new DocumentStore(postgres, ids);
        ModelChoice choice = new ModelChoice(models);
        CollectionChoice known = new CollectionChoice(collections);
        RunEndpoints following = new RunEndpoints(node.vertx(), node.bus(), runs, calls);
        return Stream.of(
                        new SignInEndpoints(
                                        new UserStore(postgres, ids), node.bus(), ids, access.clock(), access.keys())
                                .all(),
                        new ApiKeyEndpoints(access.apiKeys(), access.authenticator(), node.bus(), access.clock()).all(),
                        new AgentEndpoints(agents, choice, known).all(),
                        new StartEndpoint(new StartEndpoint.Parts(agents, runs, choice, known), node.bus(), following)
                                .all(),
                        following.all(),
                        new ProjectEndpoints(new ProjectStore(postgres, ids), runs).all(),
                        new CollectionEndpoints(collections, node.bus()).all(),
                        new DocumentEndpoints(node.vertx(), collections, documents, node.bus()).all(),
                        new ModelEndpoints(models, node.bus()).all())
                .flatMap(List::stream)
                .toList();
    }

    static List<Endpoint> system(Health health, OpenApi openApi) {
        return new SystemEndpoints(health, openApi).all();
    }
}
