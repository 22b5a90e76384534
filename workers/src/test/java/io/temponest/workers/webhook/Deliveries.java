package io.temponest.workers.webhook;

import static org.awaitility.Awaitility.await;

import io.temponest.address.Network;
import io.temponest.config.Environment;
import io.temponest.crypto.SecretBox;
import io.temponest.egress.EgressRules;
import io.temponest.identity.Ids;
import io.temponest.identity.KeyLimits;
import io.temponest.identity.Kind;
import io.temponest.identity.Principal;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.node.Node;
import io.temponest.node.NodeConfig;
import io.temponest.store.EnginePostgres;
import io.temponest.store.PageRequest;
import io.temponest.store.Postgres;
import io.temponest.testing.TestDatabase;
import io.temponest.webhook.Delivery;
import io.temponest.webhook.DeliveryStore;
import io.temponest.webhook.NewWebhook;
import io.temponest.webhook.RetryPolicy;
import io.temponest.webhook.Webhook;
import io.temponest.webhook.WebhookAddresses;
import io.temponest.webhook.WebhookAddresses.DeliveriesReady;
import io.temponest.webhook.WebhookChanges;
import io.temponest.webhook.WebhookStatus;
import io.temponest.webhook.WebhookStore;
import io.vertx.core.DeploymentOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests of deliveries to a real server. Time passes for the rows, whose clock is the database's. */
abstract class Deliveries {

    static final Duration PATIENCE = Duration.ofSeconds(20);
    static final EgressRules HERE = new EgressRules(List.of(Network.parse("127.0.0.0/8")), true);
    static final TestDatabase DATABASE = TestDatabase.create();
    static final Ids IDS = new Ids();

    @TempDir
    static Path folder;

    static Node node;
    static Postgres postgres;
    static EnginePostgres engine;
    static WebhookStore webhooks;
    static DeliveryStore deliveries;

    final List<WebhookVerticle> workers = new ArrayList<>();
    TenantId tenant = IDS.nextTenant();
    Receiver receiver;

    @BeforeAll
    static void connect() {
        node = Node.start(NodeConfig.read(new Environment(Map.of()))).await();
        postgres = DATABASE.connect(node.vertx());
        engine = DATABASE.engine(node.vertx());
        webhooks = new WebhookStore(postgres, IDS, SecretBox.readOrMake(folder), new Random(5));
        deliveries = new DeliveryStore(postgres, IDS);
    }

    @AfterAll
    static void close() {
        postgres.close().await();
        engine.close().await();
        node.vertx().close().await();
    }

    @BeforeEach
    void begin() {
        tenant = DATABASE.tenant();
        receiver = Receiver.listen(node.vertx());
        work(HERE);
    }

    @AfterEach
    void end() {
        receiver.close();
        workers.forEach(worker -> worker.drain().await());
        workers.forEach(worker -> node.vertx().undeploy(worker.deploymentID()).await());
        DATABASE.execute("delete from webhook_queue");
    }

    WebhookVerticle work(EgressRules rules) {
        return work(rules, Duration.ofSeconds(10));
    }

    WebhookVerticle work(EgressRules rules, Duration drain) {
        WebhookVerticle worker = new WebhookVerticle(
                node, engine, new WebhookConfig(rules, Optional.empty(), folder, 1, drain), InstantSource.system());
        node.vertx().deployVerticle(worker, new DeploymentOptions()).await();
        workers.add(worker);
        return worker;
    }

    void stopWorking() {
        workers.forEach(worker -> worker.drain().await());
    }

    WebhookStore.Made endpoint(Duration timeout, Integer... retries) {
        Principal admin =
                new Principal(tenant, Optional.empty(), Optional.empty(), Optional.empty(), Set.of(), KeyLimits.NONE);
        NewWebhook wanted = new NewWebhook(
                "w", "", receiver.url(), List.of("run.*"), timeout, RetryPolicy.ofSeconds(List.of(retries)));
        return postgres.inTenant(tenant, sql -> webhooks.create(sql, admin, wanted))
                .await();
    }

    WebhookStore.Made endpoint(Integer... retries) {
        return endpoint(Duration.ofSeconds(5), retries);
    }

    /** As they happen: rows of events, whose trigger makes the deliveries. */
    void happen(String type, int times) {
        DATABASE.execute(
                "insert into run_events (run_id, seq, tenant_id, type, data) select ?, n, ?, ?, '{\"status\":\"x\"}' from generate_series(1, ?) n",
                IDS.next(Kind.RUN).uuid(),
                tenant.uuid(),
                type,
                times);
        nudge();
    }

    void nudge() {
        node.bus().nudge(WebhookAddresses.READY, new DeliveriesReady(tenant));
    }

    void pass(Duration time) {
        DATABASE.execute(
                "update webhook_queue set due_at = due_at - ? * interval '1 ms', leased_until = leased_until - ? * interval '1 ms'",
                time.toMillis(),
                time.toMillis());
        DATABASE.execute(
                "update webhook_standings set failing_since = failing_since - ? * interval '1 ms', open_until = open_until - ? * interval '1 ms'",
                time.toMillis(),
                time.toMillis());
        DATABASE.execute(
                "update webhook_endpoints set previous_until = previous_until - ? * interval '1 ms'", time.toMillis());
        nudge();
    }

    List<Delivery> listed(WebhookStore.Made to) {
        return deliveries
                .list(
                        tenant,
                        to.webhook().id(),
                        new Delivery.Filter(Optional.empty(), Optional.empty()),
                        new PageRequest(100, Optional.empty(), Optional.empty(), false))
                .await()
                .items();
    }

    Delivery.Traced traced(WebhookStore.Made to, Delivery delivery) {
        return deliveries.find(tenant, to.webhook().id(), delivery.id()).await().orElseThrow();
    }

    /** Waits until so many attempts of the only delivery have ended. */
    Delivery.Traced awaitAttempts(WebhookStore.Made to, int number) {
        await().atMost(PATIENCE)
                .until(() -> traced(to, listed(to).getFirst()).attempts().size() >= number);
        return traced(to, listed(to).getFirst());
    }

    WebhookStatus status(WebhookStore.Made of) {
        return webhooks.status(tenant, of.webhook().id()).await().orElseThrow();
    }

    Webhook found(WebhookStore.Made made) {
        return webhooks.find(tenant, made.webhook().id()).await().orElseThrow();
    }

    void change(WebhookStore.Made made, Optional<Boolean> active) {
        TypeId id = made.webhook().id();
        postgres.inTenant(
                        tenant,
                        sql -> webhooks.lock(sql, id)
                                .compose(locked -> webhooks.change(
                                        sql,
                                        id,
                                        new WebhookChanges(
                                                Optional.empty(),
                                                Optional.empty(),
                                                Optional.empty(),
                                                Optional.empty(),
                                                Optional.empty(),
                                                Optional.empty(),
                                                active))))
                .await();
    }
}
