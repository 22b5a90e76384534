package io.temponest.workers.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temponest.identity.TypeId;
import io.temponest.webhook.Delivery;
import io.temponest.webhook.Delivery.Status;
import io.temponest.webhook.Webhook;
import io.temponest.webhook.WebhookStore;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Endpoints that fail, are gone, are full, or are not wanted any more. */
class EndpointHealthTest extends Deliveries {

    @Test
    void whoIsGoneIsNotToldAnyMoreUntilItIsSwitchedOnAgain() {
        receiver.willAnswer(410);
        WebhookStore.Made to = endpoint(5, 5);
        happen("run.failed", 1);

        assertThat(awaitAttempts(to, 1).delivery().status()).isEqualTo(Status.FAILED);
        assertThat(found(to).disabled().orElseThrow().reason()).isEqualTo(Webhook.Reason.GONE);
        happen("run.failed", 1);
        assertThat(listed(to)).hasSize(1);

        receiver.willAnswer(200);
        change(to, Optional.of(true));
        happen("run.failed", 1);
        receiver.awaitGot(2);
        assertThat(found(to).told()).isTrue();
    }

    /** Five failures in a row open the circuit; one attempt tries it when half a minute is over. */
    @Test
    void anEndpointThatKeepsFailingIsLeftAloneForAWhile() {
        receiver.willAnswer(500);
        WebhookStore.Made to = endpoint(1, 1);
        happen("run.failed", 5);
        await().atMost(PATIENCE).until(() -> status(to).failures() >= 5);
        await().atMost(PATIENCE).until(() -> status(to).inFlight() == 0);
        int seen = receiver.got().size();
        assertThat(status(to).openUntil().orElseThrow())
                .isBetween(Instant.now().plusSeconds(20), Instant.now().plusSeconds(601));

        DATABASE.execute("update webhook_queue set due_at = now() - interval '1 second'");
        happen("run.failed", 20);
        await().during(Duration.ofMillis(700))
                .atMost(PATIENCE)
                .until(() -> receiver.got().size() == seen);

        receiver.willHold();
        pass(Duration.ofMinutes(10));
        await().atMost(PATIENCE).until(() -> receiver.held() == 1);
        await().during(Duration.ofMillis(700)).atMost(PATIENCE).until(() -> receiver.held() == 1);

        receiver.letGo();
        await().atMost(PATIENCE)
                .until(() -> status(to).failures() == 0 && status(to).pending() == 0);
        assertThat(status(to).openUntil()).isEmpty();
    }

    @Test
    void manyThatFailAtOnceAreOneOutageAndPauseForHalfAMinute() {
        List<HttpServerResponse> open = new CopyOnWriteArrayList<>();
        receiver.willAnswer(open::add);
        WebhookStore.Made to = endpoint(Duration.ofSeconds(30), 3_600);
        happen("run.failed", 10);
        await().atMost(PATIENCE).until(() -> open.size() == 10);

        open.forEach(response -> response.setStatusCode(500).end());

        await().atMost(PATIENCE).until(() -> status(to).failed() == 10);
        assertThat(status(to).failures()).isEqualTo(5);
        assertThat(status(to).openUntil().orElseThrow()).isBefore(Instant.now().plusSeconds(31));
    }

    @Test
    void anEndpointThatFailsForFiveDaysIsDisabledAndTheAuditLogSaysSo() {
        receiver.willAnswer(500);
        WebhookStore.Made to = endpoint(60);
        happen("run.failed", 4);
        await().atMost(PATIENCE).until(() -> status(to).failures() == 4);
        pass(Duration.ofDays(5).plusMinutes(1));
        await().atMost(PATIENCE).until(() -> found(to).disabled().isPresent());

        assertThat(found(to).disabled().orElseThrow().reason()).isEqualTo(Webhook.Reason.FAILING);
        assertThat(DATABASE.execute(
                        "update webhook_standings set failures = failures where exists (select from audit_log where tenant_id = ?"
                                + " and action = 'webhook.disable' and resource_id = ?)",
                        tenant.uuid(),
                        to.webhook().id().toString()))
                .isPositive();
    }

    @Test
    void atMostTenAreInFlightToOneEndpointWhateverTheNumberOfNodes() {
        work(HERE);
        work(HERE);
        receiver.willHold();
        WebhookStore.Made to = endpoint(Duration.ofSeconds(30), 60);
        happen("run.failed", 35);
        await().atMost(PATIENCE).until(() -> receiver.held() == 10);
        nudge();
        await().during(Duration.ofMillis(700)).atMost(PATIENCE).until(() -> receiver.held() == 10);
        assertThat(status(to).inFlight()).isEqualTo(10);

        receiver.letGo();
        receiver.awaitGot(35);
        await().atMost(PATIENCE).until(() -> status(to).delivered() == 35);
        assertThat(receiver.mostOpen()).isEqualTo(10);
        assertThat(receiver.got().stream().map(Receiver.Got::id).distinct()).hasSize(35);
    }

    @Test
    void aTenantOfManySlowEndpointsLeavesRoomForOthers() {
        receiver.willHold();
        List<WebhookStore.Made> slow = Stream.generate(() -> endpoint(Duration.ofSeconds(30), 60))
                .limit(3)
                .toList();
        happen("run.failed", 10);
        await().atMost(PATIENCE).until(() -> receiver.held() == 16);
        nudge();
        await().during(Duration.ofMillis(700)).atMost(PATIENCE).until(() -> receiver.held() == 16);

        receiver.letGo();
        receiver.awaitGot(30);
        await().atMost(PATIENCE)
                .until(() -> slow.stream().allMatch(to -> status(to).delivered() == 10));
        assertThat(receiver.mostOpen()).isEqualTo(16);
    }

    @Test
    void whatIsSwitchedOffWaitsAndWhatIsDeletedIsDropped() {
        receiver.willAnswer(500);
        WebhookStore.Made to = endpoint(60, 60);
        happen("run.failed", 1);
        awaitAttempts(to, 1);
        change(to, Optional.of(false));
        pass(Duration.ofSeconds(80));
        await().during(Duration.ofMillis(700))
                .atMost(PATIENCE)
                .until(() -> receiver.got().size() == 1);
        change(to, Optional.of(true));
        nudge();
        awaitAttempts(to, 2);

        TypeId id = to.webhook().id();
        postgres.inTenant(tenant, sql -> webhooks.lock(sql, id).compose(locked -> webhooks.archive(sql, id)))
                .await();
        assertThat(webhooks.find(tenant, id).await()).isEmpty();
        assertThat(listed(to)).extracting(Delivery::status).containsExactly(Status.FAILED);
        assertThat(listed(to).getFirst().attempts()).isEqualTo(2);
    }

    @Test
    void oldMonthsAreDroppedWithWhatWasStillToBeDelivered() {
        stopWorking();
        WebhookStore.Made to = endpoint(5);
        String month = "webhook_deliveries_y2001m01";
        DATABASE.execute(
                ("create table %1$s partition of webhook_deliveries for values from (uuid_v7_floor('2001-01-01Z')) to"
                                + " (uuid_v7_floor('2001-02-01Z'))")
                        .formatted(month));
        for (String table : List.of("webhook_deliveries", "webhook_queue")) {
            DATABASE.execute(
                    "insert into %s (%s, tenant_id, endpoint_id%s) values (uuid_v7_floor('2001-01-15Z'), ?, ?%s)"
                            .formatted(
                                    table,
                                    table.equals("webhook_queue") ? "delivery_id" : "id",
                                    table.equals("webhook_queue") ? "" : ", event_id, event_type, payload",
                                    table.equals("webhook_queue") ? "" : ", gen_random_uuid(), 't', '{}'"),
                    tenant.uuid(),
                    to.webhook().id().uuid());
        }
        happen("run.failed", 1);
        assertThat(listed(to)).hasSize(2);

        new WebhookQueueStore(engine).forget(3).await();

        assertThat(listed(to)).hasSize(1);
        assertThat(status(to).pending()).isEqualTo(1);
        DATABASE.execute("create table %s (x int)".formatted(month));
        DATABASE.execute("drop table " + month);
    }
}
