package io.temponest.project;

import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.store.Keyset;
import io.temponest.store.Page;
import io.temponest.store.PageRequest;
import io.temponest.store.Postgres;
import io.temponest.store.SqlFailure;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;

/** The projects of a tenant. Failures that a client can cause are {@link io.temponest.error.ApiException}s. */
public final class ProjectStore {

    private static final String SELECT =
            "select id, slug, name, description, stage, created_at, updated_at from projects where true";

    private static final String FIND = SELECT + " and slug = $1";

    private static final String INSERT =
            "insert into projects (id, tenant_id, slug, name, description) values ($1, current_tenant(), $2, $3, $4)";

    private static final Keyset LIST = new Keyset(SELECT, "id", 0);

    private final Postgres postgres;
    private final Ids ids;

    public ProjectStore(Postgres postgres, Ids ids) {
        this.postgres = postgres;
        this.ids = ids;
    }

    /** Makes a project in the caller's transaction; a slug that is taken is a {@code conflict_error}. */
    public Future<Project> create(SqlConnection sql, NewProject project) {
        return sql.preparedQuery(INSERT)
                .execute(Tuple.of(ids.next(Kind.PROJECT).uuid(), project.slug(), project.name(), project.description()))
                .compose(done -> find(sql, project.slug()))
                .map(Optional::orElseThrow)
                .recover(failure -> Future.failedFuture(
                        SqlFailure.duplicate(failure).isPresent()
                                ? slugTaken(project.slug()).exception()
                                : failure));
    }

    public Future<Optional<Project>> find(TenantId tenant, String slug) {
        return postgres.inTenant(tenant, sql -> find(sql, slug));
    }

    private static Future<Optional<Project>> find(SqlConnection sql, String slug) {
        return sql.preparedQuery(FIND)
                .execute(Tuple.of(slug))
                .map(rows -> rows.size() == 0
                        ? Optional.empty()
                        : Optional.of(project(rows.iterator().next())));
    }

    public Future<Page<Project>> list(TenantId tenant, PageRequest page) {
        return postgres.inTenant(tenant, sql -> LIST.read(sql, page, List.of(), ProjectStore::project));
    }

    private static ApiError slugTaken(String slug) {
        return new ApiError(
                ErrorType.CONFLICT_ERROR,
                "There is a project '%s' already.".formatted(slug),
                Optional.of("slug"),
                "project_exists");
    }

    private static Project project(Row row) {
        return new Project(
                new TypeId(Kind.PROJECT, row.getUUID("id")),
                row.getString("slug"),
                row.getString("name"),
                row.getString("description"),
                row.getString("stage"),
                row.getOffsetDateTime("created_at").toInstant(),
                row.getOffsetDateTime("updated_at").toInstant());
    }
}
