package io.temponest.gateway.runs;

import io.temponest.bus.Bus;
import io.temponest.error.ApiError;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.BodyKind;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.Listing;
import io.temponest.gateway.http.LongCalls;
import io.temponest.gateway.http.Query;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.TypeId;
import io.temponest.run.Run;
import io.temponest.run.RunAddresses;
import io.temponest.run.RunAddresses.Cancel;
import io.temponest.run.RunFilter;
import io.temponest.run.RunStatus;
import io.temponest.run.RunStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Reading, following and cancelling runs. */
public final class RunEndpoints {

    private static final Set<String> STATUSES =
            Arrays.stream(RunStatus.values()).map(RunStatus::toString).collect(Collectors.toUnmodifiableSet());
    private static final String LAST_EVENT_ID = "Last-Event-ID";

    private final RunStore runs;
    private final Bus bus;
    private final RunStreams streams;

    public RunEndpoints(Vertx vertx, Bus bus, RunStore runs, LongCalls calls) {
        this.runs = runs;
        this.bus = bus;
        this.streams = new RunStreams(new RunFollower.Sources(vertx, bus, runs), calls);
    }

    RunStreams streams() {
        return streams;
    }

    public List<Endpoint> all() {
        Access read = Access.needs(Permission.RUNS_READ);
        Access manage = Access.needs(Permission.RUNS_MANAGE);
        return List.of(
                Endpoint.get("/v1/runs", read, this::list).with(Query.pageAnd("status", "agent", "project")),
                Endpoint.get("/v1/runs/count", read, this::count).with(Set.of("status", "agent", "project")),
                Endpoint.get("/v1/runs/{run}", read, this::get)
                        .with(Set.of("wait"))
                        .waiting()
                        .single(),
                Endpoint.get("/v1/runs/{run}/steps", read, this::steps),
                Endpoint.get("/v1/runs/{run}/events", read, this::events).with(Set.of("after")),
                Endpoint.post("/v1/runs/{run}/cancel", manage, BodyKind.NONE, this::cancel));
    }

    private Future<Answer> list(Call call) {
        return page(call, runs, filter(call, call.query().text("project")));
    }

    private static RunFilter filter(Call call, Optional<String> project) {
        return new RunFilter(
                call.query().choice("status", STATUSES).map(RunStatus::parse),
                call.query().text("agent"),
                project);
    }

    /** A page of the runs that a filter lets through. */
    public static Future<Answer> page(Call call, RunStore runs, RunFilter filter) {
        return runs.list(call.tenant(), filter, call.query().page(Kind.RUN))
                .map(page ->
                        Answer.page(page, RunView::summary, view -> view.id().toString()));
    }

    private Future<Answer> count(Call call) {
        return total(call, runs, filter(call, call.query().text("project")));
    }

    /** How many runs a filter lets through. */
    public static Future<Answer> total(Call call, RunStore runs, RunFilter filter) {
        return runs.count(call.tenant(), filter).map(Answer::count);
    }

    private Future<Run> find(Call call) {
        TypeId id = call.id(Kind.RUN);
        return runs.get(call.tenant(), id)
                .map(found -> found.orElseThrow(() -> notFound(id).exception()));
    }

    private static ApiError notFound(TypeId id) {
        return ApiError.notFound("run", id.toString());
    }

    private Future<Answer> get(Call call) {
        Duration wait = Duration.ofSeconds(call.query()
                .number("wait", 0, Endpoint.LONGEST_WAIT.toSeconds())
                .orElse(0L));
        return find(call)
                .compose(run -> {
                    if (wait.isZero()) {
                        return Future.succeededFuture(run);
                    }
                    return streams.await(streams.admit(call), call, run, wait);
                })
                .map(run -> Answer.ok(RunView.of(run)));
    }

    private Future<Answer> steps(Call call) {
        TypeId id = call.id(Kind.RUN);
        return runs.steps(call.tenant(), id)
                .map(found -> Answer.ok(Listing.all(
                        found.orElseThrow(() -> notFound(id).exception()).stream()
                                .map(StepView::of)
                                .toList(),
                        step -> Integer.toString(step.seq()))));
    }

    private Future<Answer> events(Call call) {
        long after = after(call);
        return find(call).map(run -> {
            LongCalls.Entry place = streams.admit(call);
            return new Answer.Events(Map.of(), stream -> {
                if (run.status().terminal() && after >= run.events()) {
                    stream.end();
                } else {
                    streams.send(place, stream, new RunStreams.From(call.tenant(), run.id(), after));
                }
            });
        });
    }

    /** Where a reader left off: what its browser says, else what its URL says. */
    private static long after(Call call) {
        Optional<Long> parameter = call.query().number("after", 0, Long.MAX_VALUE);
        return call.header(LAST_EVENT_ID)
                .map(text -> {
                    try {
                        return Math.max(0, Long.parseLong(text.strip()));
                    } catch (NumberFormatException e) {
                        throw ApiError.invalid(
                                        LAST_EVENT_ID, "invalid_header", "'Last-Event-ID' must be the id of an event.")
                                .exception();
                    }
                })
                .or(() -> parameter)
                .orElse(0L);
    }

    private Future<Answer> cancel(Call call) {
        TypeId id = call.id(Kind.RUN);
        return bus.ask(RunAddresses.CANCEL, new Cancel(call.tenant(), id, call.actor()), call.deadline())
                .compose(done -> find(call))
                .map(run -> Answer.accepted("/v1/runs/" + run.id(), RunView.of(run)));
    }
}
