package io.temponest.gateway.approvals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.approval.Approval;
import io.temponest.approval.ApprovalStore;
import io.temponest.approval.ApprovalStore.Filter;
import io.temponest.approval.ApprovalStore.NewVote;
import io.temponest.approval.Risk;
import io.temponest.audit.AuditEntry;
import io.temponest.bus.Bus;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.gateway.change.Changes;
import io.temponest.gateway.change.Made;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.BodyKind;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.Fields;
import io.temponest.gateway.http.Query;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.TypeId;
import io.temponest.run.RunAddresses;
import io.temponest.run.RunAddresses.RunReady;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reading and deciding what runs ask people. Who decides is who the credentials say, never who the body says. */
public final class ApprovalEndpoints {

    private static final Set<String> STATUSES =
            Set.of("pending", "approved", "rejected", "answered", "expired", "cancelled");
    private static final Set<String> RISKS = Set.of("low", "medium", "high");
    private static final int LARGEST_EXPONENT = 300;

    private final ApprovalStore approvals;
    private final Bus bus;
    private final Changes changes;

    public ApprovalEndpoints(ApprovalStore approvals, Bus bus, Changes changes) {
        this.approvals = approvals;
        this.bus = bus;
        this.changes = changes;
    }

    public List<Endpoint> all() {
        Access read = Access.needs(Permission.APPROVALS_READ);
        return List.of(
                Endpoint.get("/v1/approvals", read, this::list).with(Query.pageAnd("status", "run", "risk")),
                Endpoint.get("/v1/approvals/count", read, this::count).with(Set.of("status", "run", "risk")),
                Endpoint.get("/v1/approvals/{approval}", read, this::get).single(),
                deciding("/v1/approvals/{approval}/approve", call -> vote(call, DecisionFields.Approve.class)),
                deciding("/v1/approvals/{approval}/reject", call -> vote(call, DecisionFields.Reject.class)),
                deciding("/v1/approvals/{approval}/answer", call -> vote(call, DecisionFields.InDoubt.class)),
                deciding("/v1/approvals/{approval}/edit", this::edit));
    }

    private static Endpoint deciding(String path, Endpoint.Handler handler) {
        return Endpoint.post(path, Access.needs(Permission.APPROVALS_DECIDE), BodyKind.JSON, handler)
                .creating();
    }

    private static Filter filter(Call call) {
        return new Filter(
                call.query().choice("status", STATUSES),
                call.query().id("run", Kind.RUN),
                call.query().choice("risk", RISKS).map(Risk::parse));
    }

    private Future<Answer> list(Call call) {
        return approvals
                .list(call.tenant(), filter(call), call.query().page(Kind.APPROVAL))
                .map(page ->
                        Answer.page(page, ApprovalView::of, view -> view.id().toString()));
    }

    private Future<Answer> count(Call call) {
        return approvals.count(call.tenant(), filter(call)).map(Answer::count);
    }

    private Future<Answer> get(Call call) {
        TypeId id = call.id(Kind.APPROVAL);
        return approvals.find(call.tenant(), id).map(found -> Answer.ok(ApprovalView.of(present(found, id))));
    }

    private static Approval present(Optional<Approval> found, TypeId id) {
        return found.orElseThrow(
                () -> ApiError.notFound("approval", id.toString()).exception());
    }

    private <T extends Record & DecisionFields> Future<Answer> vote(Call call, Class<T> body) {
        TypeId id = call.id(Kind.APPROVAL);
        return call.body(body).compose(given -> {
            NewVote vote = given.of(call.principal(), id);
            return changes.create(
                    call,
                    sql -> ApprovalStore.vote(sql, vote).compose(word -> switch (word) {
                        case "counted", "decided" ->
                            shown(
                                    sql,
                                    call,
                                    "approval.vote",
                                    id,
                                    Map.of(
                                            "decision",
                                            vote.decision().toString(),
                                            "revision",
                                            vote.revision(),
                                            "decided",
                                            word.equals("decided")));
                        default -> refused(word, id);
                    }));
        });
    }

    /**
     * Other arguments for a call.
     *
     * @param revision that they are instead of
     */
    private record EditFields(Optional<Integer> revision, Optional<JsonNode> arguments) {}

    private Future<Answer> edit(Call call) {
        TypeId id = call.id(Kind.APPROVAL);
        return call.body(EditFields.class).compose(given -> {
            int revision = Fields.required("revision", given.revision());
            JsonNode wanted = Fields.required("arguments", given.arguments());
            if (!(wanted instanceof ObjectNode arguments)) {
                throw Fields.invalid("arguments", "must be an object");
            }
            checkNumbers(arguments);
            return changes.create(
                    call,
                    sql -> ApprovalStore.edit(sql, id, revision, arguments)
                            .compose(word -> word.equals("edited")
                                    ? shown(sql, call, "approval.edit", id, Map.of("revision", revision + 1))
                                    : refused(word, id)));
        });
    }

    /** They are written out in full: a few bytes with a large exponent would become many. */
    private static void checkNumbers(JsonNode node) {
        if (node.isNumber() && Math.abs((long) node.decimalValue().scale()) > LARGEST_EXPONENT) {
            throw Fields.invalid("arguments", "must not hold a number with an exponent above " + LARGEST_EXPONENT);
        }
        node.forEach(ApprovalEndpoints::checkNumbers);
    }

    private Future<Made> shown(SqlConnection sql, Call call, String action, TypeId id, Map<String, Object> details) {
        return ApprovalStore.find(sql, id).map(found -> {
            Approval approval = present(found, id);
            return Made.of(Answer.ok(ApprovalView.of(approval)))
                    .audited(AuditEntry.success(call.actor(), action, id, details))
                    .then(() -> bus.nudgeAll(RunAddresses.READY, new RunReady(approval.run())));
        });
    }

    private static Future<Made> refused(String word, TypeId id) {
        ApiError error = switch (word) {
            case "not_found" -> ApiError.notFound("approval", id.toString());
            case "over" -> permanent("approval_over", "The approval is not pending any more.");
            case "expired" -> permanent("approval_expired", "The time to decide is over.");
            case "voted" -> permanent("already_voted", "You have voted on this revision already.");
            case "not_editable" -> permanent("not_editable", "Only the arguments of a tool's call can be changed.");
            case "wrong_answer" ->
                permanent("wrong_answer", "An effect in doubt is answered; all else is approved or rejected.");
            case "stale" ->
                ApiError.of(
                        ErrorType.PRECONDITION_FAILED_ERROR,
                        "revision_stale",
                        "The arguments are not those of that revision any more.");
            case "nobody" ->
                ApiError.of(
                        ErrorType.PERMISSION_ERROR,
                        "person_required",
                        "Only a person can decide; this key belongs to nobody.");
            case "requester" ->
                ApiError.of(
                        ErrorType.PERMISSION_ERROR,
                        "requester_cannot_approve",
                        "Whoever asked for a high-risk action cannot approve it.");
            default -> throw new IllegalStateException(word);
        };
        return Future.failedFuture(error.exception());
    }

    private static ApiError permanent(String code, String message) {
        return ApiError.of(ErrorType.UNPROCESSABLE_ERROR, code, message);
    }
}
