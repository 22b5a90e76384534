package io.temponest.gateway.webhooks;

import io.temponest.audit.AuditEntry;
import io.temponest.bus.Bus;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.temponest.gateway.change.Changes;
import io.temponest.gateway.change.Made;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.BodyKind;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.Query;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.TypeId;
import io.temponest.webhook.Delivery;
import io.temponest.webhook.DeliveryStore;
import io.temponest.webhook.EventType;
import io.temponest.webhook.Webhook;
import io.temponest.webhook.WebhookAddresses;
import io.temponest.webhook.WebhookAddresses.DeliveriesReady;
import io.temponest.webhook.WebhookStore;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What was sent to webhooks, and what is to be sent again. Sending is the workers'; here it is put into their queue. */
public final class DeliveryEndpoints {

    private static final Set<String> TYPES =
            Arrays.stream(EventType.values()).map(EventType::toString).collect(Collectors.toSet());

    private final WebhookStore webhooks;
    private final DeliveryStore deliveries;
    private final Bus bus;
    private final Changes changes;
    private final InstantSource clock;

    public DeliveryEndpoints(
            WebhookStore webhooks, DeliveryStore deliveries, Bus bus, Changes changes, InstantSource clock) {
        this.webhooks = webhooks;
        this.deliveries = deliveries;
        this.bus = bus;
        this.changes = changes;
        this.clock = clock;
    }

    public List<Endpoint> all() {
        Access read = Access.needs(Permission.WEBHOOKS_READ);
        Access manage = Access.needs(Permission.WEBHOOKS_MANAGE);
        String one = "/v1/webhooks/{webhook}/deliveries/{delivery}";
        return List.of(
                Endpoint.post("/v1/webhooks/{webhook}/test", manage, BodyKind.NONE, this::test)
                        .creating(),
                Endpoint.get("/v1/webhooks/{webhook}/deliveries", read, this::list)
                        .with(Query.pageAnd("status", "type")),
                Endpoint.get(one, read, this::get).single(),
                Endpoint.post(one + "/redeliver", manage, BodyKind.NONE, this::redeliver)
                        .creating());
    }

    /** An endpoint that was never there is told from one that has no deliveries: its deliveries outlive it. */
    private Future<Answer> list(Call call) {
        TypeId webhook = call.id(Kind.WEBHOOK);
        Delivery.Filter filter = new Delivery.Filter(
                call.query().choice("status", Delivery.Status.names()),
                call.query().choice("type", TYPES));
        return deliveries
                .list(call.tenant(), webhook, filter, call.query().page(Kind.DELIVERY))
                .compose(page -> page.items().isEmpty()
                        ? webhooks.find(call.tenant(), webhook)
                                .map(found -> found.orElseThrow(() -> WebhookEndpoints.missing(webhook)))
                                .map(page)
                        : Future.succeededFuture(page))
                .map(page ->
                        Answer.page(page, DeliveryView::of, view -> view.id().toString()));
    }

    private Future<Answer> get(Call call) {
        TypeId id = call.id(Kind.DELIVERY);
        return deliveries
                .find(call.tenant(), call.id(Kind.WEBHOOK), id)
                .map(found -> Answer.ok(DeliveryView.of(found.orElseThrow(() -> missing(id)))));
    }

    private Future<Answer> test(Call call) {
        TypeId webhook = call.id(Kind.WEBHOOK);
        return changes.create(
                call,
                sql -> told(sql, webhook)
                        .compose(there -> deliveries.test(sql, webhook, clock.instant()))
                        .map(made -> made(call, "webhook.test", made)));
    }

    private Future<Answer> redeliver(Call call) {
        TypeId id = call.id(Kind.DELIVERY);
        TypeId webhook = call.id(Kind.WEBHOOK);
        return changes.create(
                call,
                sql -> deliveries
                        .find(sql, webhook, id)
                        .map(found -> found.orElseThrow(() -> missing(id)))
                        .compose(old -> old.status() == Delivery.Status.PENDING
                                ? Future.failedFuture(pending())
                                : told(sql, webhook).compose(there -> deliveries.redeliver(sql, old)))
                        .map(made -> made(call, "webhook.redeliver", made)));
    }

    /** Nothing is put into the queue of an endpoint that nothing is sent to. */
    private Future<Webhook> told(SqlConnection sql, TypeId webhook) {
        return webhooks.lock(sql, webhook).map(found -> {
            Webhook there = found.orElseThrow(() -> WebhookEndpoints.missing(webhook));
            if (!there.told()) {
                throw ApiError.of(
                                ErrorType.UNPROCESSABLE_ERROR,
                                "webhook_inactive",
                                "Nothing is sent to this webhook; set 'active' to true first.")
                        .exception();
            }
            return there;
        });
    }

    private Made made(Call call, String action, Delivery delivery) {
        String location = "/v1/webhooks/%s/deliveries/%s".formatted(delivery.webhook(), delivery.id());
        return Made.of(Answer.accepted(location, DeliveryView.of(delivery)))
                .audited(AuditEntry.success(
                        call.actor(),
                        action,
                        delivery.webhook(),
                        Map.of("delivery_id", delivery.id().toString())))
                .then(() -> bus.nudge(WebhookAddresses.READY, new DeliveriesReady(call.tenant())));
    }

    private static ApiException pending() {
        return ApiError.of(
                        ErrorType.UNPROCESSABLE_ERROR,
                        "delivery_pending",
                        "This delivery has not ended; it is tried again by itself.")
                .exception();
    }

    private static ApiException missing(TypeId id) {
        return ApiError.notFound("delivery", id.toString()).exception();
    }
}
