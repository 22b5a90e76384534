package io.temponest.cli;

import io.temponest.gateway.Gateway;
import io.temponest.model.relay.ModelSupply;
import io.temponest.node.Node;
import io.temponest.node.StopSequence;
import io.temponest.store.Postgres;
import io.temponest.workers.Workers;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Composition root of every process, and of tests: a database, a node, and the parts that were asked for. Blocks its thread,
 * which must not be an event loop.
 */
final class Platform implements AutoCloseable {

    private static final Duration OPEN_LIMIT = Duration.ofSeconds(150);
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration REQUESTS_END = Duration.ofSeconds(2);

    private final StopSequence stops = new StopSequence();
    private final PlatformConfig config;
    private final Steps steps;
    private Optional<Parts> parts = Optional.empty();

    private Platform(PlatformConfig config, Steps steps) {
        this.config = config;
        this.steps = steps;
    }

    private record Parts(Node node, Postgres postgres, Optional<Gateway> gateway) {}

    /** Starts what the configuration asks for. When it fails, nothing is left running. */
    static Platform start(PlatformConfig config, Steps steps) {
        Platform platform = new Platform(config, steps);
        try {
            platform.startParts();
            return platform;
        } catch (Exception e) {
            platform.close();
            throw platform.explain(e);
        }
    }

    private void startParts() {
        long began = System.nanoTime();
        Future<Database> opening = inBackground(() -> Database.open(config.database()));
        // Most of a database's start is waiting; Vert.x starts meanwhile.
        stops.add(
                "database",
                Duration.ofSeconds(3),
                () -> closing(
                        opening,
                        database -> inBackground(() -> {
                            database.close();
                            return database;
                        })));
        Node node = startNode();
        Database database = await("the database", OPEN_LIMIT, opening);
        steps.done("database", database.description(), began);
        prepareSchema(database);

        Postgres postgres = Postgres.connect(node.vertx(), database.service(), config.connections());
        stops.add("postgres", Duration.ofSeconds(1), postgres::close);
        ModelSupply supply = openSupply(node, postgres);
        // Both at once: each spends its start on things of its own.
        long since = System.nanoTime();
        Optional<Future<Workers>> workers =
                start(Part.WORKERS, () -> startWorkers(node, database, postgres, supply, since));
        Optional<Future<Gateway>> gateway = start(Part.GATEWAY, () -> startGateway(node, postgres, supply, since));
        workers.ifPresent(starting -> await("the workers", START_LIMIT, starting));
        parts = Optional.of(
                new Parts(node, postgres, gateway.map(starting -> await("the gateway", START_LIMIT, starting))));
    }

    private Node startNode() {
        long since = System.nanoTime();
        Future<Node> starting = Node.start(config.node());
        stops.add("vertx", Duration.ofMillis(1_500), () -> closing(starting, Node::close));
        Node node = await("the node", START_LIMIT, starting);
        if (config.node().clustered()) {
            steps.done(
                    "cluster",
                    "joined at " + config.node().host() + ":" + config.node().port(),
                    since);
        }
        return node;
    }

    private void prepareSchema(Database database) {
        long since = System.nanoTime();
        if (!config.whole()) {
            database.requireSchema();
            return;
        }
        int applied = database.migrate();
        if (applied > 0) {
            steps.done("schema", applied + " migrations applied", since);
        }
    }

    private <T> Optional<Future<T>> start(Part part, Supplier<Future<T>> starter) {
        return config.parts().contains(part) ? Optional.of(starter.get()) : Optional.empty();
    }

    private ModelSupply openSupply(Node node, Postgres postgres) {
        Future<ModelSupply> opening = ModelSupply.open(node, config.models(), postgres, config.dataDir());
        stops.add("models", Duration.ofSeconds(2), () -> closing(opening, ModelSupply::close));
        return await("the models", START_LIMIT, opening);
    }

    private Future<Workers> startWorkers(
            Node node, Database database, Postgres postgres, ModelSupply supply, long since) {
        Future<Workers> starting = Workers.start(node, config.workers(), database.service(), postgres, supply)
                .onSuccess(workers -> steps.done(
                        "workers",
                        "%d runs at once".formatted(config.workers().runs().maxRunning()),
                        since));
        stops.add("workers", Duration.ofMillis(6_500), () -> closing(starting, Workers::stop));
        return starting;
    }

    private Future<Gateway> startGateway(Node node, Postgres postgres, ModelSupply supply, long since) {
        Future<Gateway> starting = Gateway.start(
                        node,
                        config.gateway(),
                        postgres,
                        new Gateway.ModelAccess(supply.models(new BuiltInModels()), supply))
                .onSuccess(gateway -> steps.done(
                        "gateway",
                        "port %d, metrics and health on %d".formatted(gateway.httpPort(), gateway.opsPort()),
                        since));
        stops.add(
                "gateway",
                REQUESTS_END.plusMillis(500),
                () -> closing(starting, gateway -> gateway.stop(REQUESTS_END)));
        return starting;
    }

    /** Stops what a start has made; what did not start needs nothing. */
    private static <T> Future<?> closing(Future<T> started, Function<T, Future<?>> close) {
        return started.transform(start -> start.succeeded() ? close.apply(start.result()) : Future.succeededFuture());
    }

    private static <T> Future<T> inBackground(Supplier<T> work) {
        return Future.fromCompletionStage(CompletableFuture.supplyAsync(work, Thread::startVirtualThread));
    }

    private static <T> T await(String what, Duration limit, Future<T> starting) {
        try {
            return starting.await(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new CommandFailure("%s did not start within %d s".formatted(what, limit.toSeconds()), e);
        }
    }

    private RuntimeException explain(Exception thrown) {
        Throwable failure =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cannotBind(cause)) {
                return new CommandFailure(
                        "cannot listen on %s, port %d or %d (%s); choose others with --http-port and --ops-port"
                                .formatted(
                                        config.gateway().host(),
                                        config.gateway().httpPort(),
                                        config.gateway().opsPort(),
                                        cause.getMessage()),
                        failure);
            }
        }
        return failure instanceof RuntimeException known ? known : new CommandFailure(failure.toString(), failure);
    }

    /** Netty's native transport fails with a class of its own, which says what it did. */
    private static boolean cannotBind(Throwable cause) {
        return cause instanceof BindException
                || (cause instanceof IOException
                        && String.valueOf(cause.getMessage()).startsWith("bind("));
    }

    Node node() {
        return parts.orElseThrow().node();
    }

    Postgres postgres() {
        return parts.orElseThrow().postgres();
    }

    /** Of the gateway; empty where the process has none. */
    Optional<Integer> httpPort() {
        return parts.orElseThrow().gateway().map(Gateway::httpPort);
    }

    /** Stops everything in order; takes 17 seconds at most. */
    @Override
    public void close() {
        stops.run();
    }
}
