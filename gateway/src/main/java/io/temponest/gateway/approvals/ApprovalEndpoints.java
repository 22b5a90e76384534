package io.temponest.gateway.approvals;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.approval.Approval;
import io.temponest.approval.ApprovalStore;
import io.temponest.approval.ApprovalStore.Filter;
import io.temponest.approval.ApprovalStore.NewVote;
import io.temponest.approval.Decision;
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
import io.temponest.gateway.http.Preconditions;
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
    private static final int LONGEST_COMMENT = 2_000;
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
        Access decide = Access.needs(Permission.APPROVALS_DECIDE);
        return List.of(
                Endpoint.get("/v1/approvals", read, this::list).with(Query.pageAnd("status", "run", "risk")),
                Endpoint.get("/v1/approvals/{approval}", read, this::get).single(),
                Endpoint.patch("/v1/approvals/{approval}", decide, this::edit).single(),
                Endpoint.post("/v1/approvals/{approval}/votes", decide, BodyKind.JSON, this::vote)
                        .creating());
    }

    private Future<Answer> list(Call call) {
        Filter filter = new Filter(
                call.query().choice("status", STATUSES),
                call.query().id("run", Kind.RUN),
                call.query().choice("risk", RISKS).map(Risk::parse));
        return approvals
                .list(call.tenant(), filter, call.query().page(Kind.APPROVAL))
                .map(page ->
                        Answer.page(page, ApprovalView::of, view -> view.id().toString()));
    }

    private Future<Answer> get(Call call) {
        TypeId id = call.id(Kind.APPROVAL);
        return approvals.find(call.tenant(), id).map(found -> Answer.ok(ApprovalView.of(present(found, id))));
    }

    private static Approval present(Optional<Approval> found, TypeId id) {
        return found.orElseThrow(
                () -> ApiError.notFound("approval", id.toString()).exception());
    }

    /**
     * What a person says.
     *
     * @param revision of the arguments that they have seen
     * @param argumentsSha256 of those arguments
     */
    private record VoteFields(
            Optional<String> decision,
            Optional<Integer> revision,
            @JsonProperty("arguments_sha256") Optional<String> argumentsSha256,
            Optional<String> comment) {}

    private Future<Answer> vote(Call call) {
        TypeId id = call.id(Kind.APPROVAL);
        return call.body(VoteFields.class).compose(given -> {
            String decision = Fields.required("decision", given.decision());
            NewVote vote = new NewVote(
                    id,
                    call.principal().user(),
                    call.principal().apiKey(),
                    Fields.made(() -> Decision.parse(decision)),
                    Fields.required("revision", given.revision()),
                    given.argumentsSha256()
                            .map(text -> ApprovalStore.sha256(text)
                                    .orElseThrow(() -> Fields.invalid(
                                            "arguments_sha256", "must be a SHA-256 of 64 hexadecimal digits"))),
                    given.comment().map(text -> Fields.text("comment", given.comment(), LONGEST_COMMENT)));
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
                                            decision,
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
        Preconditions known = call.ifMatch();
        return call.body(EditFields.class).compose(given -> {
            int revision = Fields.required("revision", given.revision());
            JsonNode wanted = Fields.required("arguments", given.arguments());
            if (!(wanted instanceof ObjectNode arguments)) {
                throw Fields.invalid("arguments", "must be an object");
            }
            checkNumbers(arguments);
            return changes.change(
                    call,
                    sql -> ApprovalStore.find(sql, id)
                            .compose(found -> {
                                known.check(ApprovalView.of(present(found, id)));
                                return ApprovalStore.edit(sql, id, revision, arguments);
                            })
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
            case "stale" ->
                ApiError.of(
                        ErrorType.PRECONDITION_FAILED_ERROR,
                        "revision_stale",
                        "The arguments are not those of that revision any more.");
            case "wrong_answer" ->
                ApiError.invalid(
                        "decision",
                        "wrong_answer",
                        "'decision' must be approve or reject; happened, did_not_happen or try_again for an effect in doubt.");
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
