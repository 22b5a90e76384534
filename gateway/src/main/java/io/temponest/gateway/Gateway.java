package io.temponest.gateway;

import io.temponest.account.AccessChangeStore;
import io.temponest.account.ApiKeyStore;
import io.temponest.account.PasswordRules;
import io.temponest.account.TenantStore;
import io.temponest.account.UserSessionStore;
import io.temponest.account.UserStore;
import io.temponest.cache.Caches;
import io.temponest.config.FileWatch;
import io.temponest.crypto.SecretBox;
import io.temponest.gateway.account.Accounts;
import io.temponest.gateway.auth.AccessLog;
import io.temponest.gateway.auth.AccessTokens;
import io.temponest.gateway.auth.Authenticator;
import io.temponest.gateway.auth.JwtKeys;
import io.temponest.gateway.auth.UsageStamps;
import io.temponest.gateway.auth.UserRights;
import io.temponest.gateway.change.Changes;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.InvalidRequests;
import io.temponest.gateway.http.LongCalls;
import io.temponest.gateway.http.Pipeline;
import io.temponest.gateway.http.RequestLimits;
import io.temponest.gateway.http.RequestMetrics;
import io.temponest.gateway.limit.Limits;
import io.temponest.gateway.limit.LimitsFile;
import io.temponest.gateway.limit.TenantPlans;
import io.temponest.gateway.oidc.SignInProviders;
import io.temponest.gateway.ops.Health;
import io.temponest.gateway.ops.OpenApi;
import io.temponest.gateway.ops.OpsVerticle;
import io.temponest.idempotency.IdempotencyStore;
import io.temponest.identity.Ids;
import io.temponest.mail.BoundedMailer;
import io.temponest.mail.Mailer;
import io.temponest.model.Models;
import io.temponest.model.relay.ModelSupply;
import io.temponest.node.Node;
import io.temponest.store.Migrations;
import io.temponest.store.Postgres;
import io.temponest.store.Redis;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.PemKeyCertOptions;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Composition root of the gateway of a process. */
public final class Gateway {

    private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

    /** Streams and long waits that may be open at once. */
    private static final int MOST_LONG_CALLS = 10_000;

    private final Node node;
    private final Health health;
    private final LongCalls calls;
    private final OpsVerticle ops;
    private final List<HttpVerticle> servers;
    private final Foundation foundation;
    private final List<String> deployments = new ArrayList<>();
    private final Entry entry;
    private final List<FileWatch> watches;

    private Gateway(Foundation foundation, Health health, LongCalls calls, OpsVerticle ops, Serving serving) {
        this.node = foundation.node();
        this.foundation = foundation;
        this.health = health;
        this.calls = calls;
        this.ops = ops;
        this.servers = serving.servers();
        this.entry = serving.entry();
        this.watches = serving.watches();
    }

    /** What is read again when it changes: each file once, however many use it. */
    private static List<FileWatch> watches(
            Vertx vertx, GatewayConfig config, JwtKeys keys, Entry entry, List<HttpVerticle> servers) {
        List<FileWatch> watches = new ArrayList<>();
        watches.add(new FileWatch(
                vertx,
                "jwt-keys",
                List.of(keys.file()),
                () -> vertx.executeBlocking(keys::reload, false)
                        .onSuccess(changed -> entry.authenticator().forgetTokens())));
        LimitsFile limits = config.guards().limits();
        limits.file()
                .ifPresent(file -> watches.add(new FileWatch(
                        vertx, "limits", List.of(file), () -> vertx.executeBlocking(limits::reload, false))));
        config.edge()
                .tls()
                .ifPresent(files -> watches.add(new FileWatch(
                        vertx,
                        "tls",
                        files.all(),
                        () -> vertx.executeBlocking(files::read, false).compose(pem -> renew(servers, pem)))));
        return watches;
    }

    private static Future<Boolean> renew(List<HttpVerticle> servers, PemKeyCertOptions pem) {
        List<Future<Boolean>> renewed =
                servers.stream().map(server -> server.renew(pem)).toList();
        return Future.join(renewed).map(all -> renewed.stream().anyMatch(Future::result));
    }

    /** What everything stands on. */
    private record Foundation(Node node, Postgres postgres, Optional<Redis> redis, Caches caches, Mailer mailer) {

        static Future<Foundation> lay(Node node, GatewayConfig config, Postgres postgres) {
            return config.guards()
                    .redis()
                    .map(url -> Redis.connect(node.vertx(), url, node.metrics()).map(Optional::of))
                    .orElseGet(() -> Future.succeededFuture(Optional.empty()))
                    .map(redis -> new Foundation(
                            node,
                            postgres,
                            redis,
                            new Caches(node.vertx(), node.bus(), redis, node.metrics()),
                            BoundedMailer.of(
                                    node.vertx(), node.metrics(), config.edge().mail())));
        }

        Future<Void> close() {
            return caches.close().eventually(() -> redis.map(Redis::close).orElseGet(Future::succeededFuture));
        }
    }

    private record Serving(List<HttpVerticle> servers, Entry entry, List<FileWatch> watches) {}

    /** Who gets in: what decides it, and what keeps it up to date. */
    private record Entry(Authenticator authenticator, AccessLog log, UsageStamps stamps, ApiKeyStore keys) {

        static Entry of(Foundation on, JwtKeys jwtKeys, InstantSource clock) {
            Ids ids = new Ids();
            ApiKeyStore keys = new ApiKeyStore(on.postgres(), ids, new SecureRandom());
            UserSessionStore sessions = new UserSessionStore(on.postgres(), ids);
            AccessLog log = new AccessLog(
                    on.node().vertx(),
                    on.node().bus(),
                    new AccessChangeStore(on.postgres()),
                    on.node().metrics());
            UsageStamps stamps = new UsageStamps(on.node().vertx(), sessions);
            Authenticator authenticator = new Authenticator(
                    on.node().vertx(),
                    new AccessTokens(jwtKeys),
                    new Authenticator.Stores(
                            keys, sessions, new UserRights(new UserStore(on.postgres(), ids), on.caches()), stamps),
                    log,
                    clock);
            return new Entry(authenticator, log, stamps, keys);
        }

        Future<Void> start() {
            return log.start(authenticator::forget);
        }

        Future<Void> stop() {
            return Future.join(log.stop(), stamps.stop()).mapEmpty();
        }
    }

    /** What is read and made on a worker thread before anything starts. */
    private record Prepared(
            JwtKeys keys,
            SecretBox secrets,
            PasswordRules passwords,
            Path uploads,
            OpenApi openApi,
            int requiredSchema) {

        static Prepared of(GatewayConfig config) {
            return new Prepared(
                    config.jwtKeys().orElseGet(() -> JwtKeys.readOrMake(config.dataDir())),
                    config.secrets().orElseGet(() -> SecretBox.readOrMake(config.dataDir())),
                    PasswordRules.load(),
                    Uploads.folder(config.dataDir()),
                    OpenApi.load(),
                    Migrations.required());
        }
    }

    /** The models that clients may choose from, and what they are asked with. */
    public record ModelAccess(Models models, ModelSupply supply) {}

    /** Starts the gateway; the future completes when both ports take requests. */
    public static Future<Gateway> start(Node node, GatewayConfig config, Postgres postgres, ModelAccess models) {
        return node.vertx()
                .executeBlocking(() -> Prepared.of(config), false)
                .compose(prepared -> Foundation.lay(node, config, postgres)
                        .compose(on -> compose(on, config, models, prepared).serve(config.instances())));
    }

    private static Gateway compose(Foundation on, GatewayConfig config, ModelAccess models, Prepared prepared) {
        Node node = on.node();
        Postgres postgres = on.postgres();
        Ids ids = new Ids();
        InstantSource clock = InstantSource.system();
        Entry entry = Entry.of(on, prepared.keys(), clock);
        Changes changes = new Changes(postgres, new IdempotencyStore(), prepared.secrets(), node.metrics());
        LongCalls calls = new LongCalls(node.vertx(), MOST_LONG_CALLS);
        Health health = new Health(
                node.vertx(),
                new Health.Foundation(node.bus(), postgres, on.redis(), on.caches()),
                prepared.requiredSchema());
        List<Endpoint> endpoints = Stream.of(
                        Api.system(health, prepared.openApi()),
                        Accounts.endpoints(
                                new Accounts.Foundation(postgres, node.bus(), changes, entry.log(), on.mailer()),
                                new Accounts.Credentials(
                                        prepared.keys(),
                                        prepared.passwords(),
                                        entry.keys(),
                                        SignInProviders.of(node.vertx(), config.oidc(), prepared.secrets(), clock),
                                        clock)),
                        Api.endpoints(
                                node,
                                postgres,
                                models,
                                new Api.Shared(
                                        changes,
                                        calls,
                                        on.caches(),
                                        config.answers(),
                                        prepared.secrets(),
                                        config.guards().egress())))
                .flatMap(List::stream)
                .toList();
        Pipeline pipeline = new Pipeline(
                node.vertx(),
                ids,
                new Pipeline.Entrance(entry.authenticator(), limits(on, config, ids)),
                new RequestMetrics(node.metrics(), calls),
                new Pipeline.Bodies(prepared.uploads(), config.edge().patience().body()));
        InvalidRequests invalid = new InvalidRequests(ids);
        List<HttpVerticle> servers = Stream.generate(() -> new HttpVerticle(config, pipeline, endpoints, invalid))
                .limit(config.instances())
                .toList();
        OpsVerticle ops = new OpsVerticle(config.host(), config.opsPort(), health, node.metrics());
        List<FileWatch> watches = watches(node.vertx(), config, prepared.keys(), entry, servers);
        return new Gateway(on, health, calls, ops, new Serving(servers, entry, watches));
    }

    private static RequestLimits limits(Foundation on, GatewayConfig config, Ids ids) {
        Limits limits = Limits.over(
                on.node().vertx(),
                on.redis(),
                config.guards().limits(),
                new TenantPlans(on.postgres(), new TenantStore(ids), on.caches()),
                on.node().metrics());
        return new RequestLimits(limits, config.guards().proxies());
    }

    private Future<Gateway> serve(int instances) {
        return entry.start().compose(done -> deploy(instances));
    }

    private Future<Gateway> deploy(int instances) {
        var next = servers.iterator();
        return node.vertx()
                .deployVerticle(ops, new DeploymentOptions())
                .onSuccess(deployments::add)
                .compose(done ->
                        node.vertx().deployVerticle(next::next, new DeploymentOptions().setInstances(instances)))
                .onSuccess(deployments::add)
                .map(done -> {
                    watches.forEach(FileWatch::start);
                    LOG.atInfo()
                            .addKeyValue("port", httpPort())
                            .addKeyValue("ops", opsPort())
                            .log("gateway.listening");
                    return this;
                });
    }

    public int httpPort() {
        return servers.getFirst().port();
    }

    public int opsPort() {
        return ops.port();
    }

    /**
     * Stops: not ready, streams and waits end, requests in progress get up to {@code drain}, then both ports close. Never
     * fails.
     */
    public Future<Void> stop(Duration drain) {
        health.drain();
        watches.forEach(FileWatch::stop);
        calls.stopAll();
        return Future.join(
                        servers.stream().map(server -> server.shutdown(drain)).toList())
                .otherwiseEmpty()
                .compose(done -> Future.join(deployments.reversed().stream()
                                .map(node.vertx()::undeploy)
                                .toList())
                        .otherwiseEmpty())
                .compose(done -> entry.stop())
                .eventually(foundation::close)
                .onSuccess(done -> LOG.atInfo().log("gateway.stopped"))
                .otherwiseEmpty();
    }
}
