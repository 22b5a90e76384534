package io.temponest.gateway.ops;

import io.temponest.bus.Bus;
import io.temponest.bus.Deadline;
import io.temponest.cache.CacheKey;
import io.temponest.cache.Caches;
import io.temponest.cache.TwoLevelCache;
import io.temponest.model.TokenAddresses;
import io.temponest.model.TokenAddresses.Count;
import io.temponest.model.Vocabulary;
import io.temponest.store.Postgres;
import io.temponest.store.Redis;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.spi.cluster.ClusterManager;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The state of everything that this process stands on. Safe for use by any context. */
public final class Health {

    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration REMEMBERED = Duration.ofSeconds(10);
    private static final int MOST_SERVICES = 16;

    private final Vertx vertx;
    private final Bus bus;
    private final Postgres postgres;
    private final int requiredSchema;
    private final Optional<Redis> redis;

    /** What gateways find out about services that they share, for all of them. */
    private final TwoLevelCache<Service> services;

    private volatile boolean draining;

    /** What the process stands on. */
    public record Foundation(Bus bus, Postgres postgres, Optional<Redis> redis, Caches caches) {}

    /** @param requiredSchema the schema version that this program needs */
    public Health(Vertx vertx, Foundation on, int requiredSchema) {
        this.vertx = vertx;
        this.bus = on.bus();
        this.postgres = on.postgres();
        this.redis = on.redis();
        this.services = on.caches().cache(new Caches.Spec<>("health", Service.class, REMEMBERED, MOST_SERVICES));
        this.requiredSchema = requiredSchema;
    }

    /** @param version that it says it has */
    private record Service(boolean answers, Optional<Integer> version) {}

    /** The state of one part. */
    private record Part(String status, Optional<Integer> version, Optional<Integer> required, Optional<Integer> nodes) {

        static Part of(String status) {
            return new Part(status, Optional.empty(), Optional.empty(), Optional.empty());
        }

        boolean ok() {
            return !status.equals("down");
        }
    }

    /**
     * All parts.
     *
     * @param status {@code ok}; {@code degraded} when requests are taken but runs do not move; {@code down}
     */
    public record Report(String status, Map<String, Object> services) {

        public Report {
            services = Map.copyOf(services);
        }

        public boolean up() {
            return !status.equals("down");
        }
    }

    /** From now on not ready: no new requests should come here. */
    public void drain() {
        draining = true;
    }

    /** Whether requests can be served. Never fails. */
    public Future<Boolean> ready() {
        return draining
                ? Future.succeededFuture(false)
                : schemaVersion()
                        .map(version -> version.filter(v -> v >= requiredSchema).isPresent() && !draining);
    }

    /** The state of all parts; that of the services behind them at most 10 s old, as some gateway saw it. Never fails. */
    public Future<Report> report() {
        Future<Service> schema =
                service("database", () -> schemaVersion().map(version -> new Service(version.isPresent(), version)));
        Future<Service> workers =
                service("workers", () -> workers().map(answer -> new Service(answer, Optional.empty())));
        return Future.join(List.of(schema, workers)).map(done -> {
            Map<String, Object> parts = new TreeMap<>();
            Optional<Integer> version = schema.result().version();
            Part database = Part.of(version.isPresent() ? "ok" : "down");
            boolean current = version.filter(v -> v >= requiredSchema).isPresent();
            Part applied = new Part(current ? "ok" : "down", version, Optional.of(requiredSchema), Optional.empty());
            Part crew = Part.of(workers.result().answers() ? "ok" : "down");
            parts.put("database", database);
            parts.put("schema", applied);
            parts.put("workers", crew);
            parts.put(
                    "redis",
                    Part.of(redis.map(server -> server.up() ? "ok" : "away").orElse("off")));
            parts.put("cluster", cluster());
            parts.put("gateway", Part.of(draining ? "draining" : "ok"));
            String status = !database.ok() || !applied.ok() ? "down" : crew.ok() ? "ok" : "degraded";
            return new Report(status, parts);
        });
    }

    private Future<Service> service(String name, Supplier<Future<Service>> check) {
        return services.get(new CacheKey.Shared(name), check).otherwise(new Service(false, Optional.empty()));
    }

    private Future<Optional<Integer>> schemaVersion() {
        return postgres.schemaVersion()
                .timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .map(Optional::of)
                .otherwise(Optional.empty());
    }

    /** Asks for something that any worker can do at once: this also shows that the bus carries questions and answers. */
    private Future<Boolean> workers() {
        return bus.ask(TokenAddresses.COUNT, new Count(Vocabulary.O200K, List.of("ok")), Deadline.after(PATIENCE))
                .map(true)
                .otherwise(false);
    }

    private Part cluster() {
        ClusterManager manager = ((VertxInternal) vertx).clusterManager();
        return manager == null
                ? Part.of("off")
                : new Part(
                        "ok",
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(manager.getNodes().size()));
    }
}
