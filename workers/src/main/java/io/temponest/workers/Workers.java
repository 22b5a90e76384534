package io.temponest.workers;

import io.temponest.bus.Deadline;
import io.temponest.model.ModelProvider;
import io.temponest.model.Models;
import io.temponest.model.OpenAiProvider;
import io.temponest.model.OpenAiProvider.TokenCounter;
import io.temponest.model.ProviderConfig;
import io.temponest.model.TokenAddresses;
import io.temponest.model.TokenAddresses.Count;
import io.temponest.model.TokenAddresses.Counted;
import io.temponest.node.Node;
import io.temponest.store.DatabaseUrl;
import io.temponest.store.EnginePostgres;
import io.temponest.store.Postgres;
import io.temponest.workers.extractive.ExtractiveProvider;
import io.temponest.workers.hashing.HashingVerticle;
import io.temponest.workers.knowledge.Embedder;
import io.temponest.workers.knowledge.KnowledgeVerticle;
import io.temponest.workers.run.RunWorker;
import io.temponest.workers.run.RunWorker.ModelAccess;
import io.temponest.workers.token.TokenVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Composition root of the workers of a process. */
public final class Workers {

    private static final int CONTROL_CONNECTIONS = 4;
    private static final Duration COUNT_LIMIT = Duration.ofSeconds(10);

    private final RunWorker runs;
    private final KnowledgeVerticle knowledge;
    private final Embedder embedder;
    private final List<EnginePostgres> connections;

    private Workers(RunWorker runs, KnowledgeVerticle knowledge, Embedder embedder, List<EnginePostgres> connections) {
        this.embedder = embedder;
        this.runs = runs;
        this.knowledge = knowledge;
        this.connections = List.copyOf(connections);
    }

    /** Starts all workers; the future completes when they take work. */
    public static Future<Workers> start(Node node, WorkersConfig config, DatabaseUrl url, Postgres postgres) {
        EnginePostgres work = EnginePostgres.connect(node.vertx(), url, "engine", config.connections());
        EnginePostgres control = EnginePostgres.connect(node.vertx(), url, "engine-control", CONTROL_CONNECTIONS);
        Embedder embedder = new Embedder(node.vertx());
        TokenCounter counter = (model, texts) -> node.bus()
                .ask(TokenAddresses.COUNT, new Count(model.toString(), texts, 0), Deadline.after(COUNT_LIMIT))
                .map(Counted::tokens);
        Models models = models(node, config, embedder, counter);
        RunWorker runs = new RunWorker(node, work, control, new ModelAccess(models, config.prices()), config.runs());
        KnowledgeVerticle knowledge = new KnowledgeVerticle(
                node, postgres, work, embedder, () -> runs.session().id());
        DeploymentOptions virtual = new DeploymentOptions().setThreadingModel(ThreadingModel.VIRTUAL_THREAD);
        return Future.all(
                        node.vertx().deployVerticle(new TokenVerticle(node.bus()), new DeploymentOptions()),
                        node.vertx().deployVerticle(new HashingVerticle(node.bus()), new DeploymentOptions()),
                        node.vertx().deployVerticle(runs, virtual))
                .compose(deployed -> node.vertx().deployVerticle(knowledge, virtual))
                .map(deployed -> new Workers(runs, knowledge, embedder, List.of(work, control)));
    }

    private static Models models(Node node, WorkersConfig config, Embedder embedder, TokenCounter counter) {
        List<ModelProvider> providers = new ArrayList<>();
        providers.add(new ExtractiveProvider(embedder, counter));
        for (ProviderConfig provider : config.providers()) {
            providers.add(new OpenAiProvider(node.vertx(), provider, counter));
        }
        return new Models(config.defaultModel(), providers);
    }

    /** Takes no more work, hands over what is in progress, and closes what the workers alone use. */
    public Future<Void> stop() {
        return Future.join(knowledge.drain(), runs.drain())
                .eventually(knowledge::stop)
                .eventually(embedder::close)
                .eventually(() -> Future.join(
                        connections.stream().map(EnginePostgres::close).toList()))
                .mapEmpty();
    }
}
