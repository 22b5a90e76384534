package io.temponest.gateway.webhooks;

import io.temponest.audit.AuditEntry;
import io.temponest.egress.Destination;
import io.temponest.egress.EgressRules;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.gateway.change.Changes;
import io.temponest.gateway.change.Made;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.BodyKind;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.Fields;
import io.temponest.gateway.http.Listing;
import io.temponest.gateway.http.Preconditions;
import io.temponest.gateway.http.Query;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.TypeId;
import io.temponest.webhook.EventType;
import io.temponest.webhook.NewWebhook;
import io.temponest.webhook.Webhook;
import io.temponest.webhook.WebhookStore;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Webhooks: where a tenant wants to hear of what. */
public final class WebhookEndpoints {

    private final WebhookStore webhooks;
    private final EgressRules rules;
    private final Changes changes;

    public WebhookEndpoints(WebhookStore webhooks, EgressRules rules, Changes changes) {
        this.webhooks = webhooks;
        this.rules = rules;
        this.changes = changes;
    }

    public List<Endpoint> all() {
        Access read = Access.needs(Permission.WEBHOOKS_READ);
        Access manage = Access.needs(Permission.WEBHOOKS_MANAGE);
        return List.of(
                Endpoint.post("/v1/webhooks", manage, BodyKind.JSON, this::create)
                        .creating(),
                Endpoint.get("/v1/webhooks", read, this::list).with(Query.PAGE),
                Endpoint.get("/v1/webhooks/events", read, this::events),
                Endpoint.get("/v1/webhooks/{webhook}", read, this::get).single(),
                Endpoint.patch("/v1/webhooks/{webhook}", manage, this::change).single(),
                Endpoint.delete("/v1/webhooks/{webhook}", manage, this::archive),
                Endpoint.get("/v1/webhooks/{webhook}/status", read, this::status),
                Endpoint.post("/v1/webhooks/{webhook}/rotate-secret", manage, BodyKind.JSON, this::rotate)
                        .creating());
    }

    private Future<Answer> create(Call call) {
        return call.body(WebhookFields.Create.class).compose(wanted -> {
            NewWebhook webhook = wanted.webhook(rules);
            return changes.create(
                    call,
                    sql -> webhooks.create(sql, call.principal(), webhook)
                            .map(made -> made(
                                            call,
                                            "webhook.create",
                                            made.webhook(),
                                            Answer.created(
                                                    "/v1/webhooks/"
                                                            + made.webhook().id(),
                                                    WebhookView.of(made.webhook(), made.secret())))
                                    .withSecret()));
        });
    }

    /** Of the URL the host alone is noted: the rest may be what a receiver lets people in by. */
    private Made made(Call call, String action, Webhook webhook, Answer answer) {
        return Made.of(answer)
                .audited(AuditEntry.success(
                        call.actor(),
                        action,
                        webhook.id(),
                        Map.of(
                                "name", webhook.name(),
                                "host", host(webhook),
                                "events", webhook.events(),
                                "active", webhook.active())));
    }

    /** Empty where the URL of old is not one that may be had now. */
    private String host(Webhook webhook) {
        try {
            return Destination.parse(webhook.url(), rules).host();
        } catch (io.temponest.egress.EgressFailure refused) {
            return "";
        }
    }

    private Future<Answer> list(Call call) {
        return webhooks.list(call.tenant(), call.query().page(Kind.WEBHOOK))
                .map(page ->
                        Answer.page(page, WebhookView::of, view -> view.id().toString()));
    }

    private record EventView(String object, EventType type, String description) {}

    private Future<Answer> events(Call call) {
        List<EventView> all = Arrays.stream(EventType.values())
                .map(type -> new EventView("event_type", type, type.meaning()))
                .toList();
        return Future.succeededFuture(
                Answer.ok(Listing.all(all, view -> view.type().toString())));
    }

    private Future<Answer> get(Call call) {
        TypeId id = call.id(Kind.WEBHOOK);
        return webhooks.find(call.tenant(), id)
                .map(found -> Answer.ok(WebhookView.of(found.orElseThrow(() -> missing(id)))));
    }

    private Future<Answer> status(Call call) {
        TypeId id = call.id(Kind.WEBHOOK);
        return webhooks.status(call.tenant(), id)
                .map(found -> Answer.ok(StatusView.of(id, found.orElseThrow(() -> missing(id)))));
    }

    private Future<Answer> change(Call call) {
        TypeId id = call.id(Kind.WEBHOOK);
        Preconditions known = call.ifMatch();
        return call.body(WebhookFields.Change.class).compose(wanted -> {
            var difference = wanted.changes(rules);
            return changes.change(
                    call,
                    sql -> lock(sql, id, known)
                            .compose(webhook -> difference.isEmpty()
                                    ? Future.failedFuture(Fields.nothingToChange())
                                    : webhooks.change(sql, id, difference))
                            .map(changed -> made(call, "webhook.update", changed, Answer.ok(WebhookView.of(changed)))));
        });
    }

    private Future<Webhook> lock(SqlConnection sql, TypeId id, Preconditions known) {
        return webhooks.lock(sql, id).map(found -> {
            Webhook webhook = found.orElseThrow(() -> missing(id));
            known.check(WebhookView.of(webhook));
            return webhook;
        });
    }

    private Future<Answer> archive(Call call) {
        TypeId id = call.id(Kind.WEBHOOK);
        Preconditions known = call.ifMatch();
        return changes.change(
                call,
                sql -> lock(sql, id, known)
                        .compose(webhook -> webhooks.archive(sql, id)
                                .map(gone -> made(call, "webhook.delete", webhook, new Answer.Empty()))));
    }

    private Future<Answer> rotate(Call call) {
        TypeId id = call.id(Kind.WEBHOOK);
        Future<WebhookFields.Rotate> body = call.rawBody().length() == 0
                ? Future.succeededFuture(new WebhookFields.Rotate(Optional.empty()))
                : call.body(WebhookFields.Rotate.class);
        return body.compose(wanted -> {
            var overlap = wanted.overlap();
            return changes.create(
                    call,
                    sql -> webhooks.lock(sql, id)
                            .map(found -> found.orElseThrow(() -> missing(id)))
                            .compose(webhook -> webhooks.rotate(sql, call.tenant(), id, overlap))
                            .map(made -> Made.of(Answer.ok(WebhookView.of(made.webhook(), made.secret())))
                                    .withSecret()
                                    .audited(AuditEntry.success(
                                            call.actor(),
                                            "webhook.rotate_secret",
                                            id,
                                            Map.of("overlap_seconds", overlap.toSeconds())))));
        });
    }

    static ApiException missing(TypeId id) {
        return ApiError.notFound("webhook", id.toString()).exception();
    }
}
