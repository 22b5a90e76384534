package io.temponest.gateway.bench;

import io.temponest.account.AccessChangeStore;
import io.temponest.account.ApiKeyStore;
import io.temponest.account.NewTenant;
import io.temponest.account.NewUser;
import io.temponest.account.TenantStore;
import io.temponest.account.UserSessionStore;
import io.temponest.account.UserStore;
import io.temponest.cache.Caches;
import io.temponest.config.Environment;
import io.temponest.gateway.auth.AccessLog;
import io.temponest.gateway.auth.AccessToken;
import io.temponest.gateway.auth.AccessTokens;
import io.temponest.gateway.auth.Authenticator;
import io.temponest.gateway.auth.JwtKeys;
import io.temponest.gateway.auth.UsageStamps;
import io.temponest.gateway.auth.UserRights;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.Connections;
import io.temponest.gateway.http.Cors;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.LongCalls;
import io.temponest.gateway.http.Pipeline;
import io.temponest.gateway.http.RequestLimits;
import io.temponest.gateway.http.RequestMetrics;
import io.temponest.gateway.http.TrustedProxies;
import io.temponest.gateway.limit.Limits;
import io.temponest.gateway.limit.LimitsFile;
import io.temponest.gateway.limit.RouteClass;
import io.temponest.gateway.limit.TenantPlans;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.Role;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.json.Json;
import io.temponest.node.Node;
import io.temponest.node.NodeConfig;
import io.temponest.store.Postgres;
import io.temponest.store.Redis;
import io.temponest.testing.TestDatabase;
import io.temponest.testing.TestRedis;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * One small read under more and more of the gateway's real controls, with a real PostgreSQL and Redis, and a plain Vert.x server
 * beside it. Says on its output where each is, then answers each line of its input with its CPU time in nanoseconds.
 */
final class ControlsServer {

    private static final int INSTANCES = Runtime.getRuntime().availableProcessors();
    private static final Ids IDS = new Ids();

    private ControlsServer() {}

    /** One way to read; the header is a line of the request's head, or nothing. */
    record Variant(String name, int port, String path, String header) {}

    /** What the process says first. */
    record Ready(List<Variant> variants) {

        Ready {
            variants = List.copyOf(variants);
        }
    }

    private record Small(String object, String name, int size) {}

    private static final Small BODY = new Small("read", "the lamp turns once every twelve seconds", 12);

    /** @param arguments where traces go */
    public static void main(String[] arguments) throws IOException {
        TestDatabase database = TestDatabase.create();
        TestRedis redis = TestRedis.start();
        Path folder = Files.createTempDirectory("temponest-bench");
        JwtKeys keys = JwtKeys.readOrMake(folder);
        List<Variant> variants = new ArrayList<>();
        Gate gate = Gate.open(Map.of(), database, redis, keys, folder);
        variants.add(new Variant("a plain Vert.x server", gate.plain(), "/", ""));
        int port = gate.listen();
        String bearer = gate.bearer();
        variants.add(new Variant("(a) the pipeline, no control", port, "/public", ""));
        variants.add(new Variant("(b) + JWT, cached", port, "/self", bearer));
        variants.add(new Variant("(c) + permission", port, "/needs", bearer));
        variants.add(new Variant("(d) + limit, leased from Redis", port, "/limited", bearer));
        Gate traced = Gate.open(
                Map.of("TEMPONEST_OTLP_ENDPOINT", arguments[0], "TEMPONEST_TRACE_SHARE", "0.01"),
                database,
                redis,
                keys,
                folder);
        variants.add(new Variant("(e) + traces of 1 %", traced.listen(), "/limited", traced.bearer()));
        System.out.println(Json.text(new Ready(variants)));
        answer();
        System.exit(0);
    }

    private static void answer() throws IOException {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        try (BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            while (questions.readLine() != null) {
                System.out.println(system.getProcessCpuTime());
            }
        }
    }

    /** The entrance of a gateway, as its composition root makes it. */
    private record Gate(Node node, Pipeline pipeline, String bearer) {

        static Gate open(
                Map<String, String> settings, TestDatabase database, TestRedis redis, JwtKeys keys, Path folder) {
            Node node = Node.start(NodeConfig.read(new Environment(settings))).await();
            Postgres postgres = database.connect(node.vertx());
            Redis server =
                    Redis.connect(node.vertx(), redis.url(), node.metrics()).await();
            Caches caches = new Caches(node.vertx(), node.bus(), Optional.of(server), node.metrics());
            AccessLog log = new AccessLog(node.vertx(), node.bus(), new AccessChangeStore(postgres), node.metrics());
            UserSessionStore sessions = new UserSessionStore(postgres, IDS);
            Authenticator authenticator = new Authenticator(
                    node.vertx(),
                    new AccessTokens(keys),
                    new Authenticator.Stores(
                            new ApiKeyStore(postgres, IDS, new SecureRandom()),
                            sessions,
                            new UserRights(new UserStore(postgres, IDS), caches),
                            new UsageStamps(node.vertx(), sessions)),
                    log,
                    InstantSource.system());
            log.start(authenticator::forget).await();
            Limits limits = Limits.over(
                    node.vertx(),
                    Optional.of(server),
                    LimitsFile.builtIn(),
                    new TenantPlans(postgres, new TenantStore(IDS), caches),
                    node.metrics());
            Pipeline pipeline = new Pipeline(
                    node.vertx(),
                    IDS,
                    new Pipeline.Entrance(authenticator, new RequestLimits(limits, TrustedProxies.parse(List.of()))),
                    new RequestMetrics(node.metrics(), new LongCalls(node.vertx(), 1)),
                    new Pipeline.Bodies(folder, Duration.ofSeconds(30)));
            return new Gate(node, pipeline, "authorization: Bearer " + token(postgres, keys) + "\r\n");
        }

        /** An administrator's, in a tenant whose plan leaves room for a benchmark. */
        private static String token(Postgres postgres, JwtKeys keys) {
            TenantId tenant = IDS.nextTenant();
            UserStore users = new UserStore(postgres, IDS);
            String name = "t" + tenant.uuid();
            TypeId user = postgres.inTenant(
                            tenant,
                            sql -> new TenantStore(IDS)
                                    .insert(sql, new NewTenant(name, name, "enterprise"))
                                    .compose(done -> users.insert(
                                            sql, new NewUser(name + "@bench.example", name, "!", Set.of(Role.ADMIN)))))
                    .await();
            Instant now = Instant.now();
            return new AccessTokens(keys)
                    .sign(new AccessToken(
                            "bench",
                            IDS.next(Kind.USER_SESSION),
                            user,
                            tenant,
                            List.of("admin"),
                            Role.ADMIN.permissions(),
                            now,
                            now.plus(Duration.ofHours(1))));
        }

        private static List<Endpoint> endpoints() {
            Endpoint.Handler read = call -> Future.succeededFuture(Answer.ok(BODY));
            return List.of(
                    Endpoint.get("/public", Access.PUBLIC, read).limited(RouteClass.PROBE),
                    Endpoint.get("/self", Access.SELF, read).limited(RouteClass.PROBE),
                    Endpoint.get("/needs", Access.needs(Permission.RUNS_READ), read)
                            .limited(RouteClass.PROBE),
                    Endpoint.get("/limited", Access.needs(Permission.RUNS_READ), read)
                            .limited(RouteClass.READ));
        }

        /** @return the port */
        int listen() {
            return deploy(-1, server -> {
                Connections connections = new Connections(node.vertx(), Duration.ofMinutes(1));
                connections.start();
                return server.requestHandler(pipeline.router(endpoints(), connections, new Cors(Set.of(), List.of())))
                        .connectionHandler(connections::opened);
            });
        }

        int plain() {
            return deploy(
                    -2,
                    server -> server.requestHandler(request -> request.response()
                            .putHeader("content-type", "application/json")
                            .end(Json.text(BODY))));
        }

        /** Instances with the same negative port share a free one. */
        private int deploy(int port, Function<HttpServer, HttpServer> made) {
            List<HttpServer> servers = new ArrayList<>();
            node.vertx()
                    .deployVerticle(
                            () -> new VerticleBase() {
                                @Override
                                public Future<?> start() {
                                    HttpServer server = made.apply(vertx.createHttpServer(new HttpServerOptions()
                                            .setHost("127.0.0.1")
                                            .setPort(port)));
                                    synchronized (servers) {
                                        servers.add(server);
                                    }
                                    return server.listen();
                                }
                            },
                            new DeploymentOptions().setInstances(INSTANCES))
                    .await();
            return servers.getFirst().actualPort();
        }
    }
}
