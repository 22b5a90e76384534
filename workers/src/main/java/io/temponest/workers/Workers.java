package io.temponest.workers;

import io.temponest.agent.AgentStore;
import io.temponest.identity.Ids;
import io.temponest.model.Models;
import io.temponest.model.relay.ModelSupply;
import io.temponest.node.Node;
import io.temponest.store.DatabaseUrl;
import io.temponest.store.EnginePostgres;
import io.temponest.store.Postgres;
import io.temponest.workers.extractive.ExtractiveProvider;
import io.temponest.workers.hashing.HashingVerticle;
import io.temponest.workers.knowledge.Embedder;
import io.temponest.workers.knowledge.KnowledgeVerticle;
import io.temponest.workers.model.ModelVerticle;
import io.temponest.workers.run.RunWorker;
import io.temponest.workers.token.TokenVerticle;
import io.temponest.workers.tool.BuiltInTools;
import io.temponest.workers.tool.Toolbox;
import io.temponest.workers.webhook.WebhookVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** Composition root of the workers of a process. */
public final class Workers {

    private static final int CONTROL_CONNECTIONS = 4;

    private final RunWorker runs;
    private final KnowledgeVerticle knowledge;
    private final WebhookVerticle webhooks;
    private final Embedder embedder;
    private final List<EnginePostgres> connections;

    private Workers(
            RunWorker runs,
            KnowledgeVerticle knowledge,
            WebhookVerticle webhooks,
            Embedder embedder,
            List<EnginePostgres> connections) {
        this.embedder = embedder;
        this.runs = runs;
        this.knowledge = knowledge;
        this.webhooks = webhooks;
        this.connections = List.copyOf(connections);
    }

    /** Starts all workers; the future completes when they take work. */
    public static Future<Workers> start(
            Node node, WorkersConfig config, DatabaseUrl url, Postgres postgres, ModelSupply supply) {
        return start(node, config, url, postgres, supply, List.of());
    }

    /** @param more tools, besides those that every tenant has */
    public static Future<Workers> start(
            Node node,
            WorkersConfig config,
            DatabaseUrl url,
            Postgres postgres,
            ModelSupply supply,
            List<Toolbox> more) {
        EnginePostgres work = EnginePostgres.connect(node.vertx(), url, "engine", config.connections());
        EnginePostgres control = EnginePostgres.connect(node.vertx(), url, "engine-control", CONTROL_CONNECTIONS);
        Embedder embedder = new Embedder(node.vertx());
        ExtractiveProvider extractive = new ExtractiveProvider(embedder, supply.counter());
        Models models = supply.models(extractive);
        List<Toolbox> tools = new ArrayList<>(more);
        tools.add(new BuiltInTools(node.bus(), new AgentStore(postgres, new Ids())));
        RunWorker runs =
                new RunWorker(node, work, control, new RunWorker.Uses(models, Toolbox.of(tools)), config.runs());
        KnowledgeVerticle knowledge = new KnowledgeVerticle(
                node, postgres, work, embedder, () -> runs.session().id());
        WebhookVerticle webhooks = new WebhookVerticle(node, work, config.webhooks(), InstantSource.system());
        DeploymentOptions virtual = new DeploymentOptions().setThreadingModel(ThreadingModel.VIRTUAL_THREAD);
        return Future.all(
                        node.vertx().deployVerticle(new TokenVerticle(node.bus()), new DeploymentOptions()),
                        node.vertx().deployVerticle(new HashingVerticle(node.bus()), new DeploymentOptions()),
                        node.vertx()
                                .deployVerticle(new ModelVerticle(node, extractive, embedder), new DeploymentOptions()),
                        node.vertx().deployVerticle(runs, virtual))
                .compose(deployed -> node.vertx().deployVerticle(knowledge, virtual))
                .compose(deployed -> node.vertx().deployVerticle(webhooks, new DeploymentOptions()))
                .map(deployed -> new Workers(runs, knowledge, webhooks, embedder, List.of(work, control)));
    }

    /** Takes no more work, hands over what is in progress, and closes what the workers alone use. */
    public Future<Void> stop() {
        return Future.join(knowledge.drain(), runs.drain(), webhooks.drain())
                .eventually(knowledge::stop)
                .eventually(webhooks::stop)
                .eventually(embedder::close)
                .eventually(() -> Future.join(
                        connections.stream().map(EnginePostgres::close).toList()))
                .mapEmpty();
    }
}
