package io.temponest.knowledge;

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
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The collections of a tenant. Failures that a client can cause are {@link io.temponest.error.ApiException}s. */
public final class CollectionStore {

    /** The model that embeds passages, and the length of its vectors. */
    public static final String EMBEDDING_MODEL = "temponest/minilm";

    public static final int DIMENSION = 384;

    private static final String SELECT = """
            select id, name, description, embedding_model, dimension, document_count, chunk_count, revision, created_at,
                   updated_at
            from collections where true""";

    private static final String GET = SELECT + " and id = $1";

    private static final String LOCK = GET + " for update";

    private static final String INSERT = """
            insert into collections (id, tenant_id, name, description, embedding_model, dimension)
            values ($1, current_tenant(), $2, $3, $4, $5)""";

    private static final String EXISTING = "select id from collections where id = any($1)";

    private static final String DELETE = "delete from collections where id = $1";

    private static final Keyset LIST = new Keyset(SELECT, "id", 0);

    private final Postgres postgres;
    private final Ids ids;

    public CollectionStore(Postgres postgres, Ids ids) {
        this.postgres = postgres;
        this.ids = ids;
    }

    /** Makes a collection; a name that is taken is a {@code conflict_error}. */
    public Future<Collection> create(TenantId tenant, String name, String description) {
        return postgres.inTenant(tenant, sql -> create(sql, name, description));
    }

    /** Makes a collection in the caller's transaction; a name that is taken is a {@code conflict_error}. */
    public Future<Collection> create(SqlConnection sql, String name, String description) {
        return insert(sql, name, description)
                .compose(id -> find(sql, GET, id).map(Optional::orElseThrow))
                .recover(failure -> Future.failedFuture(
                        SqlFailure.duplicate(failure).isPresent()
                                ? nameTaken(name).exception()
                                : failure));
    }

    /** Inserts a collection in the caller's transaction. */
    public Future<TypeId> insert(SqlConnection sql, String name, String description) {
        TypeId id = ids.next(Kind.COLLECTION);
        return sql.preparedQuery(INSERT)
                .execute(Tuple.of(id.uuid(), name, description, EMBEDDING_MODEL, DIMENSION))
                .map(id);
    }

    public Future<Optional<Collection>> get(TenantId tenant, TypeId collection) {
        return postgres.inTenant(tenant, sql -> find(sql, GET, collection));
    }

    /** Nobody else changes the collection until the caller's transaction ends. */
    public Future<Optional<Collection>> lock(SqlConnection sql, TypeId collection) {
        return find(sql, LOCK, collection);
    }

    private static Future<Optional<Collection>> find(SqlConnection sql, String query, TypeId collection) {
        return sql.preparedQuery(query)
                .execute(Tuple.of(collection.uuid()))
                .map(rows -> rows.size() == 0
                        ? Optional.empty()
                        : Optional.of(collection(rows.iterator().next())));
    }

    public Future<Page<Collection>> list(TenantId tenant, PageRequest page) {
        return postgres.inTenant(tenant, sql -> LIST.read(sql, page, List.of(), CollectionStore::collection));
    }

    /** Those of the given collections that the tenant does not have, in the given order. */
    public Future<List<TypeId>> missing(TenantId tenant, List<TypeId> collections) {
        UUID[] wanted = collections.stream().map(TypeId::uuid).toArray(UUID[]::new);
        return postgres.inTenant(
                tenant,
                sql -> sql.preparedQuery(EXISTING)
                        .execute(Tuple.tuple().addArrayOfUUID(wanted))
                        .map(rows -> {
                            Set<UUID> found = new HashSet<>();
                            rows.forEach(row -> found.add(row.getUUID("id")));
                            return collections.stream()
                                    .filter(id -> !found.contains(id.uuid()))
                                    .toList();
                        }));
    }

    /** Deletes a collection with its documents. False when there is none. */
    public Future<Boolean> delete(TenantId tenant, TypeId collection) {
        return postgres.inTenant(tenant, sql -> delete(sql, collection));
    }

    /** Deletes a collection with its documents in the caller's transaction. False when there is none. */
    public Future<Boolean> delete(SqlConnection sql, TypeId collection) {
        return sql.preparedQuery(DELETE).execute(Tuple.of(collection.uuid())).map(rows -> rows.rowCount() == 1);
    }

    private static ApiError nameTaken(String name) {
        return new ApiError(
                ErrorType.CONFLICT_ERROR,
                "There is a collection '%s' already.".formatted(name),
                Optional.of("name"),
                "collection_exists");
    }

    private static Collection collection(Row row) {
        return new Collection(
                new TypeId(Kind.COLLECTION, row.getUUID("id")),
                row.getString("name"),
                row.getString("description"),
                row.getString("embedding_model"),
                row.getInteger("dimension"),
                row.getInteger("document_count"),
                row.getInteger("chunk_count"),
                row.getLong("revision"),
                row.getOffsetDateTime("created_at").toInstant(),
                row.getOffsetDateTime("updated_at").toInstant());
    }
}
