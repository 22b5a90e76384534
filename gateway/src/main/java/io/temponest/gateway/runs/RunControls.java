package io.temponest.gateway.runs;

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
import io.temponest.gateway.limit.RouteClass;
import io.temponest.gateway.models.ModelChoice;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.TypeId;
import io.temponest.run.RunAddresses;
import io.temponest.run.RunAddresses.RunReady;
import io.temponest.run.RunAddresses.Stop;
import io.temponest.run.RunControlStore;
import io.temponest.run.RunControlStore.Again;
import io.temponest.run.RunControlStore.Repeated;
import io.temponest.run.RunStore;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Holding runs back, letting them go on, and making new ones of them. */
public final class RunControls {

    private static final int LONGEST_DEADLINE_S = 86_400;

    private final RunControlStore controls;
    private final ModelChoice models;
    private final Bus bus;
    private final Changes changes;

    public RunControls(RunControlStore controls, ModelChoice models, Bus bus, Changes changes) {
        this.controls = controls;
        this.models = models;
        this.bus = bus;
        this.changes = changes;
    }

    public List<Endpoint> all() {
        Access manage = Access.needs(Permission.RUNS_MANAGE);
        return List.of(
                Endpoint.post("/v1/runs/{run}/pause", manage, BodyKind.NONE, this::pause),
                Endpoint.post("/v1/runs/{run}/resume", manage, BodyKind.NONE, this::resume),
                Endpoint.post("/v1/runs/{run}/retry", manage, BodyKind.NONE, this::retry)
                        .creating()
                        .limited(RouteClass.EXECUTE),
                Endpoint.post("/v1/runs/{run}/fork", manage, BodyKind.JSON, this::fork)
                        .creating()
                        .limited(RouteClass.EXECUTE));
    }

    private Future<Answer> pause(Call call) {
        TypeId id = call.id(Kind.RUN);
        return changes.change(
                call,
                sql -> controls.pause(sql, call.principal(), id).compose(paused -> switch (paused.word()) {
                    case "paused" ->
                        shown(sql, id)
                                .map(made -> made.audited(entry(call, "run.pause", id))
                                        .then(() -> paused.executedBy()
                                                .ifPresent(session -> bus.nudge(
                                                        RunAddresses.HOLD.at(session.toString()), new Stop(id)))));
                    case "already" -> shown(sql, id);
                    default -> refused(paused.word(), id);
                }));
    }

    private Future<Answer> resume(Call call) {
        TypeId id = call.id(Kind.RUN);
        return changes.change(
                call,
                sql -> controls.resume(sql, id).compose(word -> switch (word) {
                    case "resumed" ->
                        shown(sql, id)
                                .map(made -> made.audited(entry(call, "run.resume", id))
                                        .then(() -> bus.nudgeAll(RunAddresses.READY, new RunReady(id))));
                    default -> refused(word, id);
                }));
    }

    private static Future<Made> shown(SqlConnection sql, TypeId run) {
        return RunStore.read(sql, run)
                .map(found -> Made.of(Answer.accepted("/v1/runs/" + run, RunView.of(found.orElseThrow()))));
    }

    private Future<Answer> retry(Call call) {
        TypeId id = call.id(Kind.RUN);
        return again(call, "run.retry", new Again(id, Optional.empty(), Optional.empty(), Optional.empty()));
    }

    /**
     * Where a new run begins.
     *
     * @param step of a call of the model, which is made anew
     * @param model instead of the one that was asked
     */
    private record Fork(Optional<Integer> step, Optional<String> model, Optional<Integer> deadlineS) {}

    private Future<Answer> fork(Call call) {
        TypeId id = call.id(Kind.RUN);
        return call.body(Fork.class).compose(wanted -> {
            int step =
                    Fields.number("step", Optional.of(Fields.required("step", wanted.step())), 1, Integer.MAX_VALUE, 1);
            wanted.deadlineS()
                    .ifPresent(given -> Fields.number("deadline_s", wanted.deadlineS(), 1, LONGEST_DEADLINE_S, 1));
            return wanted.model()
                    .map(text -> models.check("model", text).map(Optional::of))
                    .orElseGet(() -> Future.succeededFuture(Optional.empty()))
                    .compose(model ->
                            again(call, "run.fork", new Again(id, Optional.of(step), model, wanted.deadlineS())));
        });
    }

    /** Making a run of a run is making a run. */
    private Future<Answer> again(Call call, String action, Again wanted) {
        if (!call.principal().may(Permission.AGENTS_EXECUTE)) {
            return Future.failedFuture(ApiError.of(
                            ErrorType.PERMISSION_ERROR,
                            "permission_missing",
                            "This needs the permission %s as well.".formatted(Permission.AGENTS_EXECUTE))
                    .exception());
        }
        return changes.create(
                call,
                sql -> controls.again(sql, call.principal(), wanted)
                        .compose(repeated -> repeated.word().equals("made")
                                ? made(sql, call, action, wanted, repeated)
                                : refused(repeated.word(), wanted.source())));
    }

    private Future<Made> made(SqlConnection sql, Call call, String action, Again wanted, Repeated repeated) {
        return shown(sql, repeated.run())
                .map(made -> made.audited(AuditEntry.success(
                                call.actor(),
                                action,
                                wanted.source(),
                                Map.of("run", repeated.run().toString())))
                        .then(() -> bus.nudgeAll(RunAddresses.READY, new RunReady(repeated.run()))));
    }

    private static AuditEntry entry(Call call, String action, TypeId run) {
        return AuditEntry.success(call.actor(), action, run, Map.of());
    }

    private static Future<Made> refused(String word, TypeId run) {
        ApiError error = switch (word) {
            case "not_found" -> ApiError.notFound("run", run.toString());
            case "over" -> permanent("run_over", "The run has ended.");
            case "not_paused" -> permanent("run_not_paused", "The run is not paused.");
            case "not_failed" ->
                permanent(
                        "run_not_failed",
                        "Only a run that has failed, was cancelled, timed out or is dead can be tried again.");
            case "no_step" ->
                ApiError.invalid(
                        "step", "step_not_found", "'step' must be the number of a step of kind llm of the run.");
            default -> throw new IllegalStateException(word);
        };
        return Future.failedFuture(error.exception());
    }

    private static ApiError permanent(String code, String message) {
        return ApiError.of(ErrorType.UNPROCESSABLE_ERROR, code, message);
    }
}
