package io.temponest.workers.webhook;

import io.temponest.crypto.SecretBox;
import io.temponest.egress.Egress;
import io.temponest.egress.EgressFailure;
import io.temponest.node.Node;
import io.temponest.store.EnginePostgres;
import io.temponest.store.SqlFailure;
import io.temponest.webhook.WebhookAddresses;
import io.temponest.webhook.WebhookSecret;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers events to the endpoints of tenants. Every node has one; what is due is taken from the queue by whoever comes first, and
 * one that is not settled by the end of its lease, because its node died, is taken by another. Lives on one event loop.
 */
public final class WebhookVerticle extends VerticleBase {

    private static final Logger LOG = LoggerFactory.getLogger(WebhookVerticle.class);

    /** Deliveries of this node at once. */
    private static final int MOST = 64;

    private static final int POLL_MS = 500;
    private static final long DEPTH_MS = 15_000;
    private static final long FORGET_MS = 6 * 3_600_000L;
    private static final long SETTLE_AGAIN_MS = 500;
    private static final int SETTLE_ATTEMPTS = 8;
    private static final int MOST_BYTES = 4 << 10;

    private final Node node;
    private final WebhookConfig config;
    private final WebhookQueueStore queue;
    private final WebhookMetrics metrics;
    private final Egress egress;
    private final InstantSource clock;
    private final List<Long> timers = new ArrayList<>();
    private final List<MessageConsumer<?>> consumers = new ArrayList<>();
    private final Promise<Void> idle = Promise.promise();
    private final Promise<SecretBox> box = Promise.promise();

    private int inFlight;
    private boolean claiming;
    private boolean again;
    private boolean draining;

    /** Set by whoever stops it, on any thread. */
    private volatile boolean stopped;

    public WebhookVerticle(Node node, EnginePostgres engine, WebhookConfig config, InstantSource clock) {
        this.node = node;
        this.config = config;
        this.queue = new WebhookQueueStore(engine);
        this.metrics = new WebhookMetrics(node.metrics());
        this.egress = new Egress(node.vertx(), config.rules());
        this.clock = clock;
    }

    @Override
    public Future<?> start() {
        return vertx.executeBlocking(config::box, false).onSuccess(opened -> {
            box.complete(opened);
            consumers.add(node.bus().hear(WebhookAddresses.READY, hint -> claim()));
            timers.add(vertx.setPeriodic(DEPTH_MS, fired -> queue.depth().onSuccess(metrics::seen)));
            timers.add(vertx.setPeriodic(FORGET_MS, fired -> forget()));
            forget();
            poll();
        });
    }

    private void forget() {
        queue.forget(config.historyMonths())
                .onFailure(failure ->
                        LOG.atWarn().addKeyValue("cause", failure.getMessage()).log("webhooks.history_not_dropped"));
    }

    private void poll() {
        claim();
        vertx.setTimer(ThreadLocalRandom.current().nextInt(POLL_MS / 2, POLL_MS), fired -> {
            if (!draining) {
                poll();
            }
        });
    }

    /** One claim at a time; whoever asks meanwhile has another one after it. */
    private void claim() {
        again = claiming;
        if (claiming || draining || inFlight >= MOST) {
            return;
        }
        claiming = true;
        queue.claim(MOST - inFlight).onComplete(claimed -> {
            claiming = false;
            if (claimed.succeeded()) {
                claimed.result().forEach(this::deliver);
            } else {
                LOG.atWarn().addKeyValue("cause", claimed.cause().getMessage()).log("webhooks.claim_failed");
            }
            idleYet();
            if (again && claimed.succeeded()) {
                claim();
            }
        });
    }

    private void deliver(ClaimedDelivery delivery) {
        inFlight++;
        long began = System.nanoTime();
        box.future()
                .compose(opened -> send(delivery, opened))
                .recover(failure -> Future.succeededFuture(failed(delivery, failure)))
                .compose(attempted -> {
                    if (stopped) {
                        // It was broken off here, which is no failure of the receiver's: its lease brings it back.
                        return Future.<Void>succeededFuture();
                    }
                    Duration took = Duration.ofNanos(System.nanoTime() - began);
                    Optional<Duration> next = delivery.receiver()
                            .retries()
                            .after(delivery.attempt(), attempted.retryAfter(), ThreadLocalRandom.current());
                    return settle(delivery, new Result(attempted, took, next), 1);
                })
                .onComplete(done -> {
                    inFlight--;
                    idleYet();
                    claim();
                });
    }

    private Future<Attempted> send(ClaimedDelivery delivery, SecretBox opened) {
        Instant now = clock.instant();
        List<WebhookSecret> secrets = delivery.secrets(opened);
        String id = delivery.event().toString();
        String signatures = secrets.stream()
                .map(secret -> secret.sign(id, now, delivery.payload()))
                .collect(Collectors.joining(" "));
        return egress.send(new Egress.Request(
                        HttpMethod.POST,
                        delivery.receiver().url(),
                        Map.of(
                                "Content-Type",
                                "application/json",
                                "User-Agent",
                                "TempoNest-Webhooks/1.0",
                                "webhook-id",
                                id,
                                "webhook-timestamp",
                                Long.toString(now.getEpochSecond()),
                                "webhook-signature",
                                signatures),
                        Buffer.buffer(delivery.payload()),
                        delivery.receiver().timeout(),
                        MOST_BYTES))
                .map(reply -> Attempted.of(reply, now));
    }

    private static Attempted failed(ClaimedDelivery delivery, Throwable failure) {
        if (failure instanceof EgressFailure known) {
            return Attempted.failed("url " + known.getMessage());
        }
        LOG.atError().setCause(failure).addKeyValue("delivery", delivery.id()).log("webhook.not_sent");
        return Attempted.failed("could not be sent");
    }

    private record Result(Attempted attempted, Duration took, Optional<Duration> next) {}

    /** While the database is away an outcome is kept for as long as the lease; after that the delivery is made again. */
    private Future<Void> settle(ClaimedDelivery delivery, Result result, int attempt) {
        return queue.settle(delivery, result.attempted(), result.took(), result.next())
                .onSuccess(outcome -> settled(delivery, result, outcome))
                .<Void>mapEmpty()
                .recover(failure -> {
                    if (SqlFailure.isRetryable(failure) && attempt < SETTLE_ATTEMPTS) {
                        return vertx.timer(SETTLE_AGAIN_MS, TimeUnit.MILLISECONDS)
                                .compose(waited -> settle(delivery, result, attempt + 1));
                    }
                    LOG.atWarn()
                            .addKeyValue("cause", failure.getMessage())
                            .addKeyValue("delivery", delivery.id())
                            .log("webhook.not_settled");
                    return Future.succeededFuture();
                });
    }

    private void settled(ClaimedDelivery delivery, Result result, Outcome outcome) {
        metrics.settled(outcome, result.took(), delivery.waited().plus(result.took()));
        if (outcome == Outcome.DISABLED) {
            LOG.atInfo()
                    .addKeyValue("tenant", delivery.tenant())
                    .addKeyValue("webhook", delivery.webhook())
                    .log("webhook.disabled");
        }
    }

    /** Takes no more; deliveries in progress may end. What does not is made again elsewhere when its lease ends. */
    public Future<Void> drain() {
        context.runOnContext(go -> {
            draining = true;
            timers.forEach(vertx::cancelTimer);
            idleYet();
        });
        return idle.future()
                .timeout(config.drain().toMillis(), TimeUnit.MILLISECONDS)
                .otherwiseEmpty();
    }

    private void idleYet() {
        if (draining && !claiming && inFlight == 0) {
            idle.tryComplete();
        }
    }

    @Override
    public Future<?> stop() {
        stopped = true;
        return Future.join(consumers.stream().map(MessageConsumer::unregister).toList())
                .otherwiseEmpty()
                .compose(done -> egress.close());
    }
}
