package io.temponest.gateway.runs;

import io.temponest.agent.Agent;
import io.temponest.agent.AgentStore;
import io.temponest.bus.Bus;
import io.temponest.error.ApiError;
import io.temponest.gateway.change.Changes;
import io.temponest.gateway.change.Made;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.BodyKind;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.LongCalls;
import io.temponest.gateway.knowledge.CollectionChoice;
import io.temponest.gateway.limit.RouteClass;
import io.temponest.gateway.models.ModelChoice;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.TypeId;
import io.temponest.run.NewRun;
import io.temponest.run.Run;
import io.temponest.run.RunAddresses;
import io.temponest.run.RunAddresses.RunReady;
import io.temponest.run.RunRequest;
import io.temponest.run.RunStore;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Starting a run: the run is durable before anything is answered. */
public final class StartEndpoint {

    private final AgentStore agents;
    private final RunStore runs;
    private final ModelChoice models;
    private final CollectionChoice collections;
    private final Bus bus;
    private final RunStreams streams;
    private final Changes changes;

    /** What a run is started from. */
    public record Parts(
            AgentStore agents, RunStore runs, ModelChoice models, CollectionChoice collections, Changes changes) {}

    public StartEndpoint(Parts parts, Bus bus, RunEndpoints following) {
        this.agents = parts.agents();
        this.runs = parts.runs();
        this.models = parts.models();
        this.collections = parts.collections();
        this.bus = bus;
        this.streams = following.streams();
        this.changes = parts.changes();
    }

    public List<Endpoint> all() {
        return List.of(Endpoint.post(
                        "/v1/agents/{agent}/runs",
                        Access.needs(Permission.AGENTS_EXECUTE),
                        BodyKind.LARGE_JSON,
                        this::start)
                .waiting()
                .creating()
                .spendingTokens()
                .limited(RouteClass.EXECUTE));
    }

    private Future<Answer> start(Call call) {
        String slugOrId = call.path("agent");
        return call.body(CreateRun.class)
                .compose(wanted -> agents.find(call.tenant(), slugOrId)
                        .compose(agent -> start(
                                call,
                                wanted,
                                agent.orElseThrow(() ->
                                        ApiError.notFound("agent", slugOrId).exception()))));
    }

    private Future<Answer> start(Call call, CreateRun wanted, Agent agent) {
        if (!follows(wanted)) {
            return create(call, wanted, agent);
        }
        // Not after the run is durable: whoever is refused tries again, and would start another one.
        LongCalls.Entry place = streams.admit(call);
        return create(call, wanted, agent).compose(accepted -> follow(place, call, wanted, accepted));
    }

    /** The answer to whoever does not wait; it is this one that is kept for an Idempotency-Key. */
    private Future<Answer> create(Call call, CreateRun wanted, Agent agent) {
        RunRequest request = wanted.request();
        Duration deadline = wanted.deadline();
        return collections
                .check(call.tenant(), request.collections())
                .compose(done -> models.resolve(wanted.model(), agent.spec().model()))
                .map(model -> new NewRun(agent, wanted.project(), request, model, deadline))
                .compose(run -> changes.create(
                        call, sql -> runs.create(sql, call.principal(), run).map(this::accepted)));
    }

    private Made accepted(Run run) {
        return Made.of(Answer.accepted("/v1/runs/" + run.id(), RunView.of(run)))
                .then(() -> bus.nudgeAll(RunAddresses.READY, new RunReady(run.id())));
    }

    private static boolean follows(CreateRun wanted) {
        return wanted.stream().orElse(false) || !wanted.waiting().isZero();
    }

    /** Waits for the run or streams it; also when it is the run of an earlier request. */
    private Future<Answer> follow(LongCalls.Entry place, Call call, CreateRun wanted, Answer accepted) {
        Map<String, String> headers = new HashMap<>(headers(accepted));
        headers.remove("content-type");
        TypeId id = run(headers);
        if (wanted.stream().orElse(false)) {
            return Future.succeededFuture(new Answer.Events(
                    headers, stream -> streams.send(place, stream, new RunStreams.From(call.tenant(), id, 0))));
        }
        return runs.get(call.tenant(), id)
                .compose(run -> streams.await(place, call, run.orElseThrow(), wanted.waiting()))
                .map(seen -> new Answer.Json(seen.status().terminal() ? 200 : 202, RunView.of(seen), headers));
    }

    private static Map<String, String> headers(Answer accepted) {
        return switch (accepted) {
            case Answer.Json json -> json.headers();
            case Answer.Kept kept -> kept.headers();
            case Answer.Ready other -> throw new IllegalStateException("not the answer to a start");
            case Answer.SeeOther other -> throw new IllegalStateException("not the answer to a start");
            case Answer.Empty other -> throw new IllegalStateException("not the answer to a start");
            case Answer.Download other -> throw new IllegalStateException("not the answer to a start");
            case Answer.Events other -> throw new IllegalStateException("not the answer to a start");
        };
    }

    /** The location is all that says which run it is, in a kept answer as in a new one. */
    private static TypeId run(Map<String, String> headers) {
        String location = headers.getOrDefault("location", "");
        return TypeId.parse(Kind.RUN, location.substring(location.lastIndexOf('/') + 1))
                .orElseThrow();
    }
}
