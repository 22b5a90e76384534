package io.temponest.agent;

import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.Principal;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.json.Json;
import io.temponest.store.Keyset;
import io.temponest.store.Page;
import io.temponest.store.PageRequest;
import io.temponest.store.Postgres;
import io.temponest.store.SqlFailure;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The agents of a tenant. Failures that a client can cause are {@link io.temponest.error.ApiException}s. */
public final class AgentStore {

    private static final String SELECT = """
            select a.id, a.slug, a.name, a.description, a.built_in, a.current_version, v.id as version_id,
                   v.spec::text as spec, a.created_at, a.updated_at
            from agents a join agent_versions v on v.agent_id = a.id and v.version = a.current_version
            where a.archived_at is null""";

    private static final String FIND = SELECT + " and (a.id = $1 or a.slug = $2)";

    private static final String LOCK =
            "select id from agents where archived_at is null and (id = $1 or slug = $2) for update";

    private static final String INSERT_AGENT = """
            insert into agents (id, tenant_id, slug, name, description, built_in)
            values ($1, current_tenant(), $2, $3, $4, $5)""";

    private static final String INSERT_VERSION = """
            insert into agent_versions (id, tenant_id, agent_id, version, spec, created_by)
            values ($1, current_tenant(), $2, $3, $4::text::jsonb, $5)""";

    /** Locks the agent, so that two changes at once become two versions. */
    private static final String NEXT_VERSION = """
            update agents set current_version = current_version + 1, name = coalesce($2, name),
                   description = coalesce($3, description), updated_at = now()
            where id = $1 and archived_at is null
            returning current_version,
                (select spec::text from agent_versions v where v.agent_id = $1 and v.version = agents.current_version - 1) as spec""";

    private static final String ARCHIVE = "update agents set archived_at = now() where id = $1 and archived_at is null";

    private static final Keyset LIST = new Keyset(SELECT, "a.id", 0);

    private final Postgres postgres;
    private final Ids ids;

    public AgentStore(Postgres postgres, Ids ids) {
        this.postgres = postgres;
        this.ids = ids;
    }

    public Future<Page<Agent>> list(TenantId tenant, PageRequest page) {
        return postgres.inTenant(tenant, sql -> LIST.read(sql, page, List.of(), AgentStore::agent));
    }

    /** Finds an agent by its id or slug. */
    public Future<Optional<Agent>> find(TenantId tenant, String slugOrId) {
        return postgres.inTenant(tenant, sql -> find(sql, slugOrId));
    }

    private static Future<Optional<Agent>> find(SqlConnection sql, String slugOrId) {
        return ask(sql, FIND, slugOrId).map(rows -> first(rows).map(AgentStore::agent));
    }

    /** Finds an agent by its id or slug; nobody else changes it until the caller's transaction ends. */
    public Future<Optional<Agent>> lock(SqlConnection sql, String slugOrId) {
        // Two statements: the one that waits for the row would not see the version that it waited for.
        return ask(sql, LOCK, slugOrId)
                .compose(rows -> rows.size() == 0
                        ? Future.succeededFuture(Optional.empty())
                        : find(
                                sql,
                                new TypeId(Kind.AGENT, rows.iterator().next().getUUID("id")).toString()));
    }

    private static Future<RowSet<Row>> ask(SqlConnection sql, String query, String slugOrId) {
        Optional<UUID> id = TypeId.parse(Kind.AGENT, slugOrId).map(TypeId::uuid);
        return sql.preparedQuery(query).execute(Tuple.of(id.orElse(new UUID(0, 0)), slugOrId));
    }

    /** Makes an agent with version 1 in the caller's transaction; a slug that is taken is a {@code conflict_error}. */
    public Future<Agent> create(SqlConnection sql, Principal by, NewAgent agent) {
        return insert(sql, by.user(), agent, false)
                .compose(id -> find(sql, id.toString()).map(Optional::orElseThrow))
                .recover(failure -> Future.failedFuture(
                        SqlFailure.duplicate(failure).isPresent()
                                ? slugTaken(agent.slug()).exception()
                                : failure));
    }

    /** Inserts an agent with version 1 in the caller's transaction. */
    Future<TypeId> insert(SqlConnection sql, Optional<TypeId> user, NewAgent agent, boolean builtIn) {
        TypeId id = ids.next(Kind.AGENT);
        return sql.preparedQuery(INSERT_AGENT)
                .execute(Tuple.of(id.uuid(), agent.slug(), agent.name(), agent.description(), builtIn))
                .compose(done -> insertVersion(sql, id, 1, agent.spec(), user))
                .map(id);
    }

    private Future<RowSet<Row>> insertVersion(
            SqlConnection sql, TypeId agent, int version, AgentSpec spec, Optional<TypeId> user) {
        return sql.preparedQuery(INSERT_VERSION)
                .execute(Tuple.of(
                        ids.next(Kind.AGENT_VERSION).uuid(),
                        agent.uuid(),
                        version,
                        Json.text(spec),
                        user.map(TypeId::uuid).orElse(null)));
    }

    /**
     * Adds a version in the caller's transaction; empty when there is no such agent. Runs that have started keep theirs.
     */
    public Future<Optional<Agent>> addVersion(SqlConnection sql, Principal by, TypeId agent, AgentChanges changes) {
        return sql.preparedQuery(NEXT_VERSION)
                .execute(Tuple.of(
                        agent.uuid(),
                        changes.name().orElse(null),
                        changes.description().orElse(null)))
                .compose(rows -> first(rows)
                        .map(row -> {
                            AgentSpec spec =
                                    changes.spec().orElseGet(() -> Json.read(row.getString("spec"), AgentSpec.class));
                            return insertVersion(sql, agent, row.getInteger("current_version"), spec, by.user())
                                    .compose(done -> find(sql, agent.toString()));
                        })
                        .orElse(Future.succeededFuture(Optional.empty())));
    }

    /**
     * Hides an agent in the caller's transaction and frees its slug; its runs and versions stay. False when there is no such
     * agent.
     */
    public Future<Boolean> archive(SqlConnection sql, TypeId agent) {
        return sql.preparedQuery(ARCHIVE).execute(Tuple.of(agent.uuid())).map(rows -> rows.rowCount() == 1);
    }

    private static ApiError slugTaken(String slug) {
        return new ApiError(
                ErrorType.CONFLICT_ERROR,
                "There is an agent '%s' already.".formatted(slug),
                Optional.of("slug"),
                "agent_exists");
    }

    private static Optional<Row> first(RowSet<Row> rows) {
        return rows.size() == 0 ? Optional.empty() : Optional.of(rows.iterator().next());
    }

    private static Agent agent(Row row) {
        return new Agent(
                new TypeId(Kind.AGENT, row.getUUID("id")),
                row.getString("slug"),
                row.getString("name"),
                row.getString("description"),
                row.getBoolean("built_in"),
                row.getInteger("current_version"),
                new TypeId(Kind.AGENT_VERSION, row.getUUID("version_id")),
                Json.read(row.getString("spec"), AgentSpec.class),
                row.getOffsetDateTime("created_at").toInstant(),
                row.getOffsetDateTime("updated_at").toInstant());
    }
}
