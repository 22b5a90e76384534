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
import io.temponest.gateway.http.Fields;
import io.temponest.gateway.http.Preconditions;
import io.temponest.gateway.http.Query;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.spend.AlertStore;
import io.temponest.spend.Budget;
import io.temponest.spend.BudgetAlert;
import io.temponest.spend.BudgetStatus;
import io.temponest.spend.BudgetStore;
import io.temponest.spend.NewBudget;
import io.temponest.spend.Usd;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Budgets, and where they stand. A change counts on this node before it is answered, on the others within moments. */
public final class BudgetEndpoints {

    private final BudgetStore budgets;
    private final AlertStore alerts;
    private final Function<TenantId, Future<Void>> follow;
    private final Changes changes;

    /** @param follow has this node read a tenant's budgets again; never fails */
    public BudgetEndpoints(
            BudgetStore budgets, AlertStore alerts, Function<TenantId, Future<Void>> follow, Changes changes) {
        this.budgets = budgets;
        this.alerts = alerts;
        this.follow = follow;
        this.changes = changes;
    }

    public List<Endpoint> all() {
        Access read = Access.needs(Permission.COSTS_READ);
        Access manage = Access.needs(Permission.BUDGETS_MANAGE);
        return List.of(
                Endpoint.post("/v1/budgets", manage, BodyKind.JSON, this::create)
                        .creating(),
                Endpoint.get("/v1/budgets", read, this::list).with(Query.PAGE),
                Endpoint.get("/v1/budgets/count", read, this::count),
                Endpoint.get("/v1/budgets/{budget}", read, this::get).single(),
                Endpoint.patch("/v1/budgets/{budget}", manage, this::change).single(),
                Endpoint.delete("/v1/budgets/{budget}", manage, this::archive),
                Endpoint.get("/v1/budgets/{budget}/status", read, this::status));
    }

    private Future<Answer> create(Call call) {
        return call.body(BudgetFields.Create.class).compose(wanted -> {
            NewBudget budget = wanted.budget();
            return changes.create(
                            call,
                            sql -> budgets.requireScope(sql, budget)
                                    .compose(there -> budgets.create(sql, budget))
                                    .map(made -> made(
                                            call,
                                            "budget.create",
                                            made,
                                            Answer.created("/v1/budgets/" + made.id(), BudgetView.of(made)))))
                    .compose(answer -> followed(call, answer));
        });
    }

    private Made made(Call call, String action, Budget budget, Answer answer) {
        Map<String, Object> details = new HashMap<>(Map.of(
                "scope", budget.scope().toString(),
                "period", budget.period().toString(),
                "limit_usd", budget.limit().toString(),
                "hard", budget.hard(),
                "thresholds", budget.thresholds().stream().map(Object::toString).toList()));
        budget.scopeId().ifPresent(id -> details.put("scope_id", id.toString()));
        return Made.of(answer)
                .audited(AuditEntry.success(call.actor(), action, budget.id(), details))
                .then(() -> budgets.announce(call.tenant()));
    }

    private Future<Answer> followed(Call call, Answer answer) {
        return follow.apply(call.tenant()).map(answer);
    }

    private Future<Answer> list(Call call) {
        return budgets.list(call.tenant(), call.query().page(Kind.BUDGET))
                .map(page -> Answer.page(page, BudgetView::of, view -> view.id().toString()));
    }

    private Future<Answer> count(Call call) {
        return budgets.count(call.tenant()).map(Answer::count);
    }

    private Future<Answer> get(Call call) {
        TypeId id = call.id(Kind.BUDGET);
        return budgets.find(call.tenant(), id)
                .map(found -> Answer.ok(BudgetView.of(found.orElseThrow(() -> missing(id)))));
    }

    private Future<Answer> change(Call call) {
        TypeId id = call.id(Kind.BUDGET);
        Preconditions known = call.ifMatch();
        return call.body(BudgetFields.Change.class).compose(wanted -> {
            var difference = wanted.changes();
            return changes.change(
                            call,
                            sql -> lock(sql, id, known)
                                    .compose(budget -> wanted.isEmpty()
                                            ? Future.failedFuture(Fields.nothingToChange())
                                            : budgets.change(sql, id, difference))
                                    .map(changed -> changed.orElseThrow(() -> missing(id)))
                                    .map(changed ->
                                            made(call, "budget.update", changed, Answer.ok(BudgetView.of(changed)))))
                    .compose(answer -> followed(call, answer));
        });
    }

    private Future<Budget> lock(SqlConnection sql, TypeId id, Preconditions known) {
        return budgets.lock(sql, id).map(found -> {
            Budget budget = found.orElseThrow(() -> missing(id));
            known.check(BudgetView.of(budget));
            return budget;
        });
    }

    private Future<Answer> archive(Call call) {
        TypeId id = call.id(Kind.BUDGET);
        Preconditions known = call.ifMatch();
        return changes.change(
                        call,
                        sql -> lock(sql, id, known)
                                .compose(budget -> budgets.archive(sql, id)
                                        .map(gone -> made(call, "budget.archive", budget, new Answer.Empty()))))
                .compose(answer -> followed(call, answer));
    }

    /** @param leftUsd of the limit, beyond what is settled and reserved */
    private record StatusView(
            String object,
            TypeId budgetId,
            Instant periodStart,
            Optional<Instant> periodEnd,
            Usd limitUsd,
            Usd settledUsd,
            Usd reservedUsd,
            Usd leftUsd,
            List<AlertView> alerts) {

        static StatusView of(BudgetStatus status, List<BudgetAlert> alerts) {
            return new StatusView(
                    "budget_status",
                    status.budget().id(),
                    status.periodStart(),
                    status.periodEnd(),
                    status.budget().limit(),
                    status.settled(),
                    status.leased(),
                    status.remaining().less(status.leased()),
                    alerts.stream().map(AlertView::of).toList());
        }
    }

    private Future<Answer> status(Call call) {
        TypeId id = call.id(Kind.BUDGET);
        return budgets.status(call.tenant(), id)
                .map(found -> found.orElseThrow(() -> missing(id)))
                .compose(status -> alerts.ofPeriod(call.tenant(), id, status.periodStart())
                        .map(raised -> Answer.ok(StatusView.of(status, raised))));
    }

    private static ApiException missing(TypeId id) {
        return ApiError.notFound("budget", id.toString()).exception();
    }
}
