package io.temponest.gateway.agents;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.temponest.agent.Agent;
import io.temponest.agent.AgentChanges;
import io.temponest.agent.AgentSpec;
import io.temponest.agent.AgentStore;
import io.temponest.agent.NewAgent;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.BodyKind;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.Fields;
import io.temponest.gateway.http.Query;
import io.temponest.gateway.knowledge.CollectionChoice;
import io.temponest.gateway.models.ModelChoice;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.TypeId;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Agents. A change of one makes a new version; runs keep the version that they started with. */
public final class AgentEndpoints {

    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_DESCRIPTION = 1_000;

    private final AgentStore agents;
    private final ModelChoice models;
    private final CollectionChoice collections;

    public AgentEndpoints(AgentStore agents, ModelChoice models, CollectionChoice collections) {
        this.agents = agents;
        this.models = models;
        this.collections = collections;
    }

    public List<Endpoint> all() {
        Access read = Access.needs(Permission.AGENTS_READ);
        Access manage = Access.needs(Permission.AGENTS_MANAGE);
        return List.of(
                Endpoint.get("/v1/agents", read, this::list).with(Query.PAGE),
                Endpoint.post("/v1/agents", manage, BodyKind.JSON, this::create),
                Endpoint.get("/v1/agents/{agent}", read, this::get),
                Endpoint.patch("/v1/agents/{agent}", manage, this::change),
                Endpoint.delete("/v1/agents/{agent}", manage, this::archive));
    }

    private record AgentView(
            TypeId id,
            String object,
            String slug,
            String name,
            String description,
            boolean builtIn,
            int version,
            @JsonUnwrapped AgentSpec spec,
            Instant createdAt,
            Instant updatedAt) {

        static AgentView of(Agent agent) {
            return new AgentView(
                    agent.id(),
                    "agent",
                    agent.slug(),
                    agent.name(),
                    agent.description(),
                    agent.builtIn(),
                    agent.version(),
                    agent.spec(),
                    agent.createdAt(),
                    agent.updatedAt());
        }
    }

    private Future<Answer> list(Call call) {
        return agents.list(call.tenant(), call.query().page(Kind.AGENT))
                .map(page -> Answer.page(page, AgentView::of, view -> view.id().toString()));
    }

    private Future<Answer> create(Call call) {
        return call.body(AgentFields.class).compose(wanted -> {
            String slug = Fields.required("slug", wanted.slug());
            String name = Fields.text("name", wanted.name(), LONGEST_NAME);
            AgentSpec spec = wanted.spec();
            NewAgent agent = Fields.made(
                    () -> new NewAgent(slug, name, wanted.description().orElse(""), spec));
            return check(call, wanted, spec)
                    .compose(done -> agents.create(call.principal(), agent))
                    .map(made -> Answer.created("/v1/agents/" + made.slug(), AgentView.of(made)));
        });
    }

    /** What the request names must exist; what an agent had before is left as it is. */
    private Future<Void> check(Call call, AgentFields wanted, AgentSpec spec) {
        Future<?> model = wanted.model().isPresent()
                ? models.check("model", wanted.model().get())
                : Future.succeededFuture();
        return model.compose(done -> wanted.collections().isPresent()
                ? collections.check(call.tenant(), spec.collections())
                : Future.succeededFuture());
    }

    private Future<Agent> find(Call call) {
        String slugOrId = call.path("agent");
        return agents.find(call.tenant(), slugOrId).map(found -> found.orElseThrow(() -> notFound(call)));
    }

    private static ApiException notFound(Call call) {
        return ApiError.notFound("agent", call.path("agent")).exception();
    }

    private Future<Answer> get(Call call) {
        return find(call).map(found -> Answer.ok(AgentView.of(found)));
    }

    private Future<Answer> change(Call call) {
        return call.body(AgentFields.class).compose(wanted -> {
            checkChange(wanted);
            return find(call)
                    .compose(agent -> {
                        AgentSpec spec = wanted.changed(agent.spec());
                        AgentChanges changes = new AgentChanges(
                                wanted.name(),
                                wanted.description(),
                                wanted.changesSpec() ? Optional.of(spec) : Optional.empty());
                        return check(call, wanted, spec)
                                .compose(done -> agents.addVersion(call.principal(), agent.id(), changes));
                    })
                    .map(changed -> Answer.ok(AgentView.of(changed.orElseThrow(() -> notFound(call)))));
        });
    }

    private static void checkChange(AgentFields wanted) {
        wanted.slug().ifPresent(slug -> {
            throw Fields.invalid("slug", "cannot be changed");
        });
        if (wanted.name().isEmpty() && wanted.description().isEmpty() && !wanted.changesSpec()) {
            throw ApiError.of(ErrorType.INVALID_REQUEST_ERROR, "nothing_to_change", "The request changes nothing.")
                    .exception();
        }
        wanted.name().ifPresent(name -> Fields.text("name", wanted.name(), LONGEST_NAME));
        wanted.description()
                .filter(description -> description.length() > LONGEST_DESCRIPTION)
                .ifPresent(description -> {
                    throw Fields.invalid(
                            "description", "must have at most %d characters".formatted(LONGEST_DESCRIPTION));
                });
    }

    private Future<Answer> archive(Call call) {
        return find(call)
                .compose(agent -> agents.archive(call.tenant(), agent.id()))
                .map(gone -> {
                    if (!gone) {
                        throw notFound(call);
                    }
                    return new Answer.Empty();
                });
    }
}
