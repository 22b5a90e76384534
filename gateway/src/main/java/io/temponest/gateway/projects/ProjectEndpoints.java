package io.temponest.gateway.projects;

import io.temponest.audit.AuditEntry;
import io.temponest.error.ApiError;
import io.temponest.gateway.change.Changes;
import io.temponest.gateway.change.Made;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.BodyKind;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.Fields;
import io.temponest.gateway.http.Query;
import io.temponest.gateway.runs.RunEndpoints;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.TypeId;
import io.temponest.project.NewProject;
import io.temponest.project.Project;
import io.temponest.project.ProjectStore;
import io.temponest.run.RunFilter;
import io.temponest.run.RunStore;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Projects, and the runs in them. */
public final class ProjectEndpoints {

    private static final int LONGEST_NAME = 200;

    private final ProjectStore projects;
    private final RunStore runs;
    private final Changes changes;

    public ProjectEndpoints(ProjectStore projects, RunStore runs, Changes changes) {
        this.projects = projects;
        this.runs = runs;
        this.changes = changes;
    }

    public List<Endpoint> all() {
        Access read = Access.needs(Permission.PROJECTS_READ);
        return List.of(
                Endpoint.post("/v1/projects", Access.needs(Permission.PROJECTS_MANAGE), BodyKind.JSON, this::create)
                        .creating(),
                Endpoint.get("/v1/projects", read, this::list).with(Query.PAGE),
                Endpoint.get("/v1/projects/{project}", read, this::get).single(),
                Endpoint.get("/v1/projects/{project}/runs", Access.needs(Permission.RUNS_READ), this::runs)
                        .with(Query.PAGE),
                Endpoint.get("/v1/projects/{project}/runs/count", Access.needs(Permission.RUNS_READ), this::count));
    }

    private record CreateProject(Optional<String> slug, Optional<String> name, Optional<String> description) {}

    private record ProjectView(
            TypeId id,
            String object,
            String slug,
            String name,
            String description,
            String stage,
            Instant createdAt,
            Instant updatedAt) {

        static ProjectView of(Project project) {
            return new ProjectView(
                    project.id(),
                    "project",
                    project.slug(),
                    project.name(),
                    project.description(),
                    project.stage(),
                    project.createdAt(),
                    project.updatedAt());
        }
    }

    private Future<Answer> create(Call call) {
        return call.body(CreateProject.class).compose(wanted -> {
            String name = Fields.text("name", wanted.name(), LONGEST_NAME);
            String slug = Fields.required("slug", wanted.slug());
            NewProject project = Fields.made(
                    () -> new NewProject(slug, name, wanted.description().orElse("")));
            return changes.create(
                    call,
                    sql -> projects.create(sql, project)
                            .map(made -> Made.of(Answer.created("/v1/projects/" + made.slug(), ProjectView.of(made)))
                                    .audited(AuditEntry.success(
                                            call.actor(), "project.create", made.id(), Map.of("slug", made.slug())))));
        });
    }

    private Future<Answer> list(Call call) {
        return projects.list(call.tenant(), call.query().page(Kind.PROJECT))
                .map(page ->
                        Answer.page(page, ProjectView::of, view -> view.id().toString()));
    }

    private Future<Answer> get(Call call) {
        return find(call).map(found -> Answer.ok(ProjectView.of(found)));
    }

    private Future<Project> find(Call call) {
        String slug = call.path("project");
        return projects.find(call.tenant(), slug)
                .map(found -> found.orElseThrow(
                        () -> ApiError.notFound("project", slug).exception()));
    }

    private Future<Answer> runs(Call call) {
        return find(call).compose(project -> RunEndpoints.page(call, runs, of(project)));
    }

    private Future<Answer> count(Call call) {
        return find(call).compose(project -> RunEndpoints.total(call, runs, of(project)));
    }

    private static RunFilter of(Project project) {
        return new RunFilter(Optional.empty(), Optional.empty(), Optional.of(project.slug()));
    }
}
