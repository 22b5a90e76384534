package io.temponest.gateway.agents;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.temponest.agent.Agent;
import io.temponest.agent.AgentChanges;
import io.temponest.agent.AgentSpec;
import io.temponest.agent.AgentStore;
import io.temponest.agent.NewAgent;
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
import io.temponest.gateway.knowledge.CollectionChoice;
import io.temponest.gateway.models.ModelChoice;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.TypeId;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Agents. A change of one makes a new version; runs keep the version that they started with. */
public final class AgentEndpoints {

    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_DESCRIPTION = 1_000;

    private final AgentStore agents;
    private final ModelChoice models;
    private final CollectionChoice collections;
    private final Changes changes;

    public AgentEndpoints(AgentStore agents, ModelChoice models, CollectionChoice collections, Changes changes) {
        this.agents = agents;
        this.models = models;
        this.collections = collections;
        this.changes = changes;
    }

    public List<Endpoint> all() {
        Access read = Access.needs(Permission.AGENTS_READ);
        Access manage = Access.needs(Permission.AGENTS_MANAGE);
        return List.of(
                Endpoint.get("/v1/agents", read, this::list).with(Query.PAGE),
                Endpoint.post("/v1/agents", manage, BodyKind.JSON, this::create).creating(),
                Endpoint.get("/v1/agents/{agent}", read, this::get).single(),
                Endpoint.patch("/v1/agents/{agent}", manage, this::change).single(),
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
                    .compose(done -> changes.create(
                            call,
                            sql -> agents.create(sql, call.principal(), agent).map(made -> made(call, made))));
        });
    }

    private static Made made(Call call, Agent agent) {
        return Made.of(Answer.created("/v1/agents/" + agent.slug(), AgentView.of(agent)))
                .audited(entry(call, "agent.create", agent));
    }

    private static AuditEntry entry(Call call, String action, Agent agent) {
        return AuditEntry.success(
                call.actor(), action, agent.id(), Map.of("slug", agent.slug(), "version", agent.version()));
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
            Preconditions known = call.ifMatch();
            return find(call)
                    .compose(agent -> check(call, wanted, wanted.changed(agent.spec())))
                    .compose(done -> changes.change(
                            call, sql -> lock(sql, call, known).compose(agent -> change(sql, call, wanted, agent))));
        });
    }

    /** What the change leaves alone is that of the version that it follows, whichever that is by now. */
    private Future<Made> change(SqlConnection sql, Call call, AgentFields wanted, Agent agent) {
        AgentChanges difference = new AgentChanges(
                wanted.name(),
                wanted.description(),
                wanted.changesSpec() ? Optional.of(wanted.changed(agent.spec())) : Optional.empty());
        return agents.addVersion(sql, call.principal(), agent.id(), difference)
                .map(changed -> changed.orElseThrow(() -> notFound(call)))
                .map(changed ->
                        Made.of(Answer.ok(AgentView.of(changed))).audited(entry(call, "agent.update", changed)));
    }

    private Future<Agent> lock(SqlConnection sql, Call call, Preconditions known) {
        return agents.lock(sql, call.path("agent")).map(found -> {
            Agent agent = found.orElseThrow(() -> notFound(call));
            known.check(AgentView.of(agent));
            return agent;
        });
    }

    private static void checkChange(AgentFields wanted) {
        wanted.slug().ifPresent(slug -> {
            throw Fields.invalid("slug", "cannot be changed");
        });
        if (wanted.name().isEmpty() && wanted.description().isEmpty() && !wanted.changesSpec()) {
            throw Fields.nothingToChange();
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
        Preconditions known = call.ifMatch();
        return changes.change(
                call,
                sql -> lock(sql, call, known)
                        .compose(agent -> agents.archive(sql, agent.id())
                                .map(gone ->
                                        Made.of(new Answer.Empty()).audited(entry(call, "agent.archive", agent)))));
    }
}
