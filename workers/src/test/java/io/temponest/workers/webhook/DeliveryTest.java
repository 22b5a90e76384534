package io.temponest.workers.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temponest.egress.EgressRules;
import io.temponest.identity.TypeId;
import io.temponest.webhook.Delivery;
import io.temponest.webhook.Delivery.Status;
import io.temponest.webhook.WebhookSecret;
import io.temponest.webhook.WebhookStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Events on their way to a real server. */
class DeliveryTest extends Deliveries {

    @Test
    void whatIsSentIsSignedAsTheStandardSays() {
        WebhookStore.Made to = endpoint(5);
        happen("run.succeeded", 1);

        Receiver.Got got = receiver.awaitGot(1);
        assertThat(got.contentType()).isEqualTo("application/json");
        assertThat(got.body()).startsWith("{\"type\":\"run.succeeded\",\"timestamp\":\"");
        Instant sent = Instant.ofEpochSecond(Long.parseLong(got.timestamp()));
        assertThat(sent).isBetween(Instant.now().minusSeconds(30), Instant.now().plusSeconds(1));
        assertThat(got.signatures()).containsExactly(to.secret().sign(got.id(), sent, got.body()));

        Delivery.Traced traced = awaitAttempts(to, 1);
        assertThat(traced.delivery().event()).hasToString(got.id());
        assertThat(traced.delivery().status()).isEqualTo(Status.DELIVERED);
        assertThat(traced.delivery().payload()).isEqualTo(got.body());
        assertThat(traced.attempts().getFirst().statusCode()).contains(204);
        assertThat(status(to).delivered()).isEqualTo(1);
    }

    @Test
    void anEventNobodyWantsIsNotSent() {
        WebhookStore.Made to = endpoint(5);
        happen("step.completed", 1);
        happen("run.failed", 1);

        receiver.awaitGot(1);
        assertThat(listed(to)).hasSize(1);
    }

    @Test
    void whatFailsIsTriedAgainAsThePolicySaysAndGivenUpAfterIt() {
        receiver.willAnswer(500);
        WebhookStore.Made to = endpoint(60, 3_600);
        happen("run.failed", 1);

        Delivery first = awaitAttempts(to, 1).delivery();
        assertThat(first.status()).isEqualTo(Status.PENDING);
        assertThat(first.attempts()).isEqualTo(1);
        assertThat(first.nextAttemptAt().orElseThrow())
                .isBetween(Instant.now().plusSeconds(40), Instant.now().plusSeconds(73));

        pass(Duration.ofSeconds(30));
        nudge();
        assertThat(receiver.got()).hasSize(1);
        pass(Duration.ofSeconds(43));
        Delivery second = awaitAttempts(to, 2).delivery();
        assertThat(second.nextAttemptAt().orElseThrow())
                .isBetween(Instant.now().plusSeconds(2_800), Instant.now().plusSeconds(4_330));

        pass(Duration.ofSeconds(4_321));
        Delivery.Traced last = awaitAttempts(to, 3);
        assertThat(last.delivery().status()).isEqualTo(Status.FAILED);
        assertThat(last.delivery().endedAt()).isPresent();
        assertThat(last.attempts()).allSatisfy(attempt -> {
            assertThat(attempt.outcome()).isEqualTo("failed");
            assertThat(attempt.statusCode()).contains(500);
            assertThat(attempt.response()).contains("said 500");
        });
        assertThat(receiver.got().stream().map(Receiver.Got::id).distinct()).hasSize(1);
        assertThat(receiver.got().stream().map(Receiver.Got::body).distinct()).hasSize(1);
        assertThat(status(to).retrying()).isZero();
    }

    @Test
    void whatFailedOnceIsDeliveredByTheNextAttempt() {
        receiver.willAnswer(503);
        WebhookStore.Made to = endpoint(60);
        happen("run.failed", 1);
        awaitAttempts(to, 1);

        receiver.willAnswer(200);
        pass(Duration.ofSeconds(73));

        assertThat(awaitAttempts(to, 2).delivery().status()).isEqualTo(Status.DELIVERED);
        assertThat(status(to).failures()).isZero();
    }

    @Test
    void aReceiverThatAsksForMoreTimeGetsIt() {
        receiver.willAnswer(response ->
                response.setStatusCode(429).putHeader("Retry-After", "7200").end());
        WebhookStore.Made to = endpoint(1, 1);
        happen("run.failed", 1);

        assertThat(awaitAttempts(to, 1).delivery().nextAttemptAt().orElseThrow())
                .isBetween(Instant.now().plusSeconds(7_100), Instant.now().plusSeconds(7_201));
    }

    @Test
    void aRedirectIsNoSuccessAndIsNotFollowed() {
        receiver.willAnswer(response ->
                response.setStatusCode(301).putHeader("Location", "/elsewhere").end());
        WebhookStore.Made to = endpoint();
        happen("run.failed", 1);

        assertThat(awaitAttempts(to, 1).delivery().status()).isEqualTo(Status.FAILED);
        assertThat(receiver.got()).hasSize(1);
    }

    @Test
    void whoIsTooSlowHasFailed() {
        receiver.willHold();
        WebhookStore.Made to = endpoint(Duration.ofSeconds(1));
        happen("run.failed", 1);

        Delivery.Attempt attempt = awaitAttempts(to, 1).attempts().getFirst();
        assertThat(attempt.error().orElseThrow()).contains("did not answer within 1000 ms");
        assertThat(attempt.durationMs().orElseThrow()).isBetween(1_000, 4_000);
    }

    /** A node that dies in the middle of a delivery never settles it. */
    @Test
    void whatANodeTookWithItIsDeliveredAgainUnderTheSameIdWhenItsLeaseEnds() {
        stopWorking();
        WebhookStore.Made to = endpoint(5);
        happen("run.failed", 1);
        ClaimedDelivery taken = new WebhookQueueStore(engine).claim(10).await().getFirst();
        work(HERE);
        nudge();
        assertThat(receiver.got()).isEmpty();

        pass(Duration.ofSeconds(11));

        Receiver.Got got = receiver.awaitGot(1);
        assertThat(got.id()).isEqualTo(taken.event().toString());
        Delivery.Traced traced = awaitAttempts(to, 2);
        assertThat(traced.attempts().stream().map(Delivery.Attempt::outcome)).containsExactly("lost", "delivered");
        // The dead one was only slow: what it has to say comes too late.
        assertThat(new WebhookQueueStore(engine)
                        .settle(taken, Attempted.failed("late"), Duration.ofMillis(1), Optional.empty())
                        .await())
                .isEqualTo(Outcome.STALE);
        assertThat(traced(to, traced.delivery()).delivery().status()).isEqualTo(Status.DELIVERED);
    }

    @Test
    void whatANodeBreaksOffAsItStopsIsNoFailureAndIsDeliveredAgain() {
        stopWorking();
        WebhookVerticle stopping = work(HERE, Duration.ofMillis(100));
        receiver.willHold();
        WebhookStore.Made to = endpoint(Duration.ofSeconds(30));
        happen("run.failed", 1);
        await().atMost(PATIENCE).until(() -> receiver.held() == 1);

        stopping.drain().await();
        stopping.stop().await();

        await().during(Duration.ofMillis(700))
                .atMost(PATIENCE)
                .until(() -> traced(to, listed(to).getFirst()).attempts().isEmpty());
        assertThat(status(to).failures()).isZero();

        receiver.willAnswer(200);
        work(HERE);
        pass(Duration.ofSeconds(36));
        Delivery.Traced traced = awaitAttempts(to, 2);
        assertThat(traced.attempts().stream().map(Delivery.Attempt::outcome)).containsExactly("lost", "delivered");
        assertThat(receiver.got().stream().map(Receiver.Got::id).distinct()).hasSize(1);
    }

    @Test
    void whileASecretIsReplacedBothSign() {
        WebhookStore.Made old = endpoint(5);
        TypeId id = old.webhook().id();
        WebhookSecret fresh = postgres.inTenant(
                        tenant,
                        sql -> webhooks.lock(sql, id)
                                .compose(locked -> webhooks.rotate(sql, tenant, id, Duration.ofHours(1))))
                .await()
                .secret();
        happen("run.failed", 1);
        Receiver.Got both = receiver.awaitGot(1);
        Instant sent = Instant.ofEpochSecond(Long.parseLong(both.timestamp()));
        assertThat(both.signatures())
                .containsExactly(
                        fresh.sign(both.id(), sent, both.body()), old.secret().sign(both.id(), sent, both.body()));

        pass(Duration.ofMinutes(61));
        happen("run.failed", 1);
        Receiver.Got one = receiver.awaitGot(2);
        assertThat(one.signatures())
                .containsExactly(
                        fresh.sign(one.id(), Instant.ofEpochSecond(Long.parseLong(one.timestamp())), one.body()));
    }

    @Test
    void aPrivateAddressIsRefusedWithoutAConnection() {
        stopWorking();
        work(new EgressRules(List.of(), true));
        WebhookStore.Made to = endpoint();
        happen("run.failed", 1);

        Delivery.Traced traced = awaitAttempts(to, 1);
        assertThat(traced.attempts().getFirst().error()).contains("url leads to an address that is this server's own");
        assertThat(receiver.got()).isEmpty();
    }

    @Test
    void aSecretOfAnotherKeyIsAFailureThatSaysNothing() {
        WebhookStore.Made to = endpoint();
        DATABASE.execute(
                "update webhook_endpoints set secret = 'x' where id = ?",
                to.webhook().id().uuid());
        happen("run.failed", 1);

        assertThat(awaitAttempts(to, 1).attempts().getFirst().error()).contains("could not be sent");
        assertThat(receiver.got()).isEmpty();
    }
}
