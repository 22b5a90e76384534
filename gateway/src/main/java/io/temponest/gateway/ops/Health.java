package io.temponest.gateway.ops;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.temponest.bus.Bus;
import io.temponest.bus.Deadline;
import io.temponest.model.TokenAddresses;
import io.temponest.model.TokenAddresses.Count;
import io.temponest.store.Postgres;
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

/** The state of everything that this process stands on. Safe for use by any context. */
public final class Health {

    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration REMEMBERED = Duration.ofSeconds(10);
    private static final String REPORT = "report";

    private final Vertx vertx;
    private final Bus bus;
    private final Postgres postgres;
    private final int requiredSchema;
    private final AsyncCache<String, Report> reports =
            Caffeine.newBuilder().maximumSize(1).expireAfterWrite(REMEMBERED).buildAsync();
    private volatile boolean draining;

    /** @param requiredSchema the schema version that this program needs */
    public Health(Vertx vertx, Bus bus, Postgres postgres, int requiredSchema) {
        this.vertx = vertx;
        this.bus = bus;
        this.postgres = postgres;
        this.requiredSchema = requiredSchema;
    }

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

    /** The state of all parts, at most 10 s old. Never fails. */
    public Future<Report> report() {
        return Future.fromCompletionStage(
                reports.get(
                        REPORT, (key, executor) -> check().toCompletionStage().toCompletableFuture()),
                vertx.getOrCreateContext());
    }

    private Future<Report> check() {
        Future<Optional<Integer>> schema = schemaVersion();
        Future<Boolean> workers = workers();
        return Future.join(List.of(schema, workers)).map(done -> {
            Map<String, Object> parts = new TreeMap<>();
            Part database = Part.of(schema.result().isPresent() ? "ok" : "down");
            boolean current = schema.result().filter(v -> v >= requiredSchema).isPresent();
            Part applied =
                    new Part(current ? "ok" : "down", schema.result(), Optional.of(requiredSchema), Optional.empty());
            Part crew = Part.of(workers.result() ? "ok" : "down");
            parts.put("database", database);
            parts.put("schema", applied);
            parts.put("workers", crew);
            parts.put("cluster", cluster());
            parts.put("gateway", Part.of(draining ? "draining" : "ok"));
            String status = !database.ok() || !applied.ok() ? "down" : crew.ok() ? "ok" : "degraded";
            return new Report(status, parts);
        });
    }

    private Future<Optional<Integer>> schemaVersion() {
        return postgres.schemaVersion()
                .timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .map(Optional::of)
                .otherwise(Optional.empty());
    }

    /** Asks for something that any worker can do at once: this also shows that the bus carries questions and answers. */
    private Future<Boolean> workers() {
        return bus.ask(TokenAddresses.COUNT, new Count("gpt-4o", List.of("ok"), 0), Deadline.after(PATIENCE))
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
