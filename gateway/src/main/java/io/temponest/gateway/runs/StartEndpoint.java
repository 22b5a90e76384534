package io.temponest.gateway.runs;

import io.temponest.agent.Agent;
import io.temponest.agent.AgentStore;
import io.temponest.bus.Bus;
import io.temponest.error.ApiError;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.BodyKind;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.knowledge.CollectionChoice;
import io.temponest.gateway.models.ModelChoice;
import io.temponest.identity.Permission;
import io.temponest.identity.Sha256;
import io.temponest.identity.TypeId;
import io.temponest.run.NewRun;
import io.temponest.run.NewRun.IdempotencyKey;
import io.temponest.run.Run;
import io.temponest.run.RunAddresses;
import io.temponest.run.RunAddresses.RunReady;
import io.temponest.run.RunRequest;
import io.temponest.run.RunStore;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Starting a run: the run is durable before anything is answered. */
public final class StartEndpoint {

    private static final String IDEMPOTENCY_KEY = "Idempotency-Key";
    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7E]{1,255}");

    private final AgentStore agents;
    private final RunStore runs;
    private final ModelChoice models;
    private final CollectionChoice collections;
    private final Bus bus;
    private final RunStreams streams;

    /** What a run is started from. */
    public record Parts(AgentStore agents, RunStore runs, ModelChoice models, CollectionChoice collections) {}

    public StartEndpoint(Parts parts, Bus bus, RunEndpoints following) {
        this.agents = parts.agents();
        this.runs = parts.runs();
        this.models = parts.models();
        this.collections = parts.collections();
        this.bus = bus;
        this.streams = following.streams();
    }

    public List<Endpoint> all() {
        return List.of(Endpoint.post(
                        "/v1/agents/{agent}/runs",
                        Access.needs(Permission.AGENTS_EXECUTE),
                        BodyKind.LARGE_JSON,
                        this::start)
                .waiting());
    }

    private Future<Answer> start(Call call) {
        String slugOrId = call.path("agent");
        return call.body(CreateRun.class)
                .compose(wanted -> agents.find(call.tenant(), slugOrId)
                        .compose(agent -> create(
                                call,
                                wanted,
                                agent.orElseThrow(() ->
                                        ApiError.notFound("agent", slugOrId).exception())))
                        .compose(run -> answer(call, wanted, run)));
    }

    private Future<Run> create(Call call, CreateRun wanted, Agent agent) {
        RunRequest request = wanted.request();
        Duration deadline = wanted.deadline();
        if (wanted.stream().orElse(false) || !wanted.waiting().isZero()) {
            // Not after the run is durable: whoever is refused tries again, and would start another one.
            streams.admit();
        }
        return collections
                .check(call.tenant(), request.collections())
                .compose(done -> models.resolve(wanted.model(), agent.spec().model()))
                .compose(model -> key(call, agent.id())
                        .map(key -> new NewRun(agent, wanted.project(), request, model, deadline, key)))
                .compose(run -> runs.create(call.principal(), run))
                .map(created -> {
                    if (!created.replayed()) {
                        bus.nudgeAll(
                                RunAddresses.READY, new RunReady(created.run().id()));
                    }
                    return created.run();
                });
    }

    /** The same key for another agent is another request. */
    private static Future<Optional<IdempotencyKey>> key(Call call, TypeId agent) {
        Optional<String> text = call.header(IDEMPOTENCY_KEY);
        if (text.isEmpty()) {
            return Future.succeededFuture(Optional.empty());
        }
        if (!KEY.matcher(text.get()).matches()) {
            return Future.failedFuture(ApiError.invalid(
                            IDEMPOTENCY_KEY,
                            "invalid_header",
                            "'Idempotency-Key' must have 1 to 255 visible ASCII characters.")
                    .exception());
        }
        Buffer body = call.rawBody();
        return call.offLoop(
                body.length(),
                () -> Optional.of(new IdempotencyKey(
                        text.get(), Sha256.of(agent.toString().getBytes(StandardCharsets.US_ASCII), body.getBytes()))));
    }

    private Future<Answer> answer(Call call, CreateRun wanted, Run run) {
        String location = "/v1/runs/" + run.id();
        if (wanted.stream().orElse(false)) {
            return Future.succeededFuture(new Answer.Events(
                    Map.of("location", location), stream -> streams.send(stream, call.tenant(), run.id(), 0)));
        }
        return streams.await(call, run, wanted.waiting())
                .map(seen -> seen.status().terminal()
                        ? new Answer.Json(200, RunView.of(seen), Map.of("location", location))
                        : Answer.accepted(location, RunView.of(seen)));
    }
}
