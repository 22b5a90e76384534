package io.temponest.gateway.costs;

import io.temponest.audit.AuditEntry;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
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
import io.temponest.spend.AlertStore;
import io.temponest.spend.AlertStore.Acknowledged;
import io.temponest.spend.AlertStore.Filter;
import io.temponest.spend.AlertStore.Seen;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;

/** Alerts of budgets, and who has seen them. */
public final class AlertEndpoints {

    private final AlertStore alerts;
    private final Changes changes;

    public AlertEndpoints(AlertStore alerts, Changes changes) {
        this.alerts = alerts;
        this.changes = changes;
    }

    public List<Endpoint> all() {
        Access read = Access.needs(Permission.COSTS_READ);
        return List.of(
                Endpoint.get("/v1/alerts", read, this::list).with(Query.pageAnd("acknowledged", "budget")),
                Endpoint.get("/v1/alerts/{alert}", read, this::get).single(),
                Endpoint.post(
                        "/v1/alerts/{alert}/acknowledge",
                        Access.needs(Permission.BUDGETS_MANAGE),
                        BodyKind.NONE,
                        this::acknowledge));
    }

    private Future<Answer> list(Call call) {
        Filter filter =
                new Filter(call.query().id("budget", Kind.BUDGET), call.query().flag("acknowledged"));
        return alerts.list(call.tenant(), filter, call.query().page(Kind.ALERT))
                .map(page -> Answer.page(page, AlertView::of, view -> view.id().toString()));
    }

    private Future<Answer> get(Call call) {
        TypeId id = call.id(Kind.ALERT);
        return alerts.find(call.tenant(), id)
                .map(found -> Answer.ok(AlertView.of(found.orElseThrow(() -> missing(id)))));
    }

    /** The first to do so stays, and alone is noted. */
    private Future<Answer> acknowledge(Call call) {
        TypeId id = call.id(Kind.ALERT);
        Seen by = new Seen(call.principal().user(), call.principal().apiKey());
        return changes.change(
                call,
                sql -> alerts.acknowledge(sql, id, by)
                        .map(found -> acknowledged(call, found.orElseThrow(() -> missing(id)))));
    }

    private static Made acknowledged(Call call, Acknowledged seen) {
        Made made = Made.of(Answer.ok(AlertView.of(seen.alert())));
        return seen.now()
                ? made.audited(AuditEntry.success(
                        call.actor(),
                        "alert.acknowledge",
                        seen.alert().id(),
                        Map.of(
                                "budget",
                                seen.alert().budget().toString(),
                                "severity",
                                seen.alert().severity().toString())))
                : made;
    }

    private static ApiException missing(TypeId id) {
        return ApiError.notFound("alert", id.toString()).exception();
    }
}
