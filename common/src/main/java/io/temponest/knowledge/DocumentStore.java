package io.temponest.knowledge;

import io.temponest.error.ApiError;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.Sha256;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.json.Json;
import io.temponest.store.Keyset;
import io.temponest.store.Page;
import io.temponest.store.PageRequest;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The documents of a tenant, as the gateway adds, reads and deletes them. */
public final class DocumentStore {

    private static final String SELECT = """
            select id, collection_id, filename, media_type, size_bytes, status, chunk_count, error::text as error, created_at,
                   indexed_at
            from documents where collection_id = $1""";

    private static final String GET = SELECT + " and id = $2";

    private static final String LOCK = GET + " for update";

    /** Nothing is inserted where there is no such collection. */
    private static final String INSERT = """
            with added as (
                insert into documents (id, tenant_id, collection_id, filename, media_type, size_bytes, sha256)
                select $1, current_tenant(), c.id, $3, $4, $5, $6 from collections c where c.id = $2
                returning id
            ), stored as (
                insert into document_contents (document_id, tenant_id, content)
                select id, current_tenant(), $7 from added
            ), counted as (
                update collections set document_count = document_count + 1, updated_at = now()
                where id = $2 and exists (select from added)
            )
            select id from added""";

    private static final String DELETE = """
            with gone as (
                delete from documents where collection_id = $1 and id = $2 returning collection_id, chunk_count
            )
            update collections c set document_count = c.document_count - 1, chunk_count = c.chunk_count - gone.chunk_count,
                   revision = c.revision + 1, updated_at = now()
            from gone where c.id = gone.collection_id""";

    /** Its passages stay until the new ones take their place. */
    private static final String REQUEUE = """
            update documents set status = 'queued', owner = null, attempts = 0, error = null
            where collection_id = $1 and id = $2 and status in ('indexed', 'failed')""";

    private static final Keyset LIST = new Keyset(SELECT, "id", 1);

    private final Postgres postgres;
    private final Ids ids;

    public DocumentStore(Postgres postgres, Ids ids) {
        this.postgres = postgres;
        this.ids = ids;
    }

    /**
     * Adds files as queued documents, all of them or none; empty when there is no such collection. Durable when the future
     * succeeds.
     */
    public Future<Optional<List<Document>>> add(TenantId tenant, TypeId collection, List<NewDocument> files) {
        return postgres.inTenant(tenant, sql -> add(sql, collection, files));
    }

    /** The same in the caller's transaction, which must fail where the answer is empty. */
    public Future<Optional<List<Document>>> add(SqlConnection sql, TypeId collection, List<NewDocument> files) {
        List<Document> added = new ArrayList<>();
        Future<?> done = Future.succeededFuture();
        for (NewDocument file : files) {
            done = done.compose(next -> insert(sql, collection, file))
                    .compose(id -> id.isEmpty()
                            ? Future.succeededFuture(Optional.<Document>empty())
                            : find(sql, GET, collection, id.get()))
                    .onSuccess(document -> document.ifPresent(added::add));
        }
        return done.map(all -> added.size() == files.size() ? Optional.of(added) : Optional.empty());
    }

    /** Adds a file in the caller's transaction; empty when there is no such collection. */
    public Future<Optional<TypeId>> insert(SqlConnection sql, TypeId collection, NewDocument file) {
        TypeId id = ids.next(Kind.DOCUMENT);
        return sql.preparedQuery(INSERT)
                .execute(Tuple.tuple()
                        .addUUID(id.uuid())
                        .addUUID(collection.uuid())
                        .addString(file.filename())
                        .addString(file.mediaType())
                        .addLong((long) file.content().length)
                        .addBuffer(Buffer.buffer(Sha256.of(file.content())))
                        .addBuffer(Buffer.buffer(file.content())))
                .map(rows -> rows.size() == 1 ? Optional.of(id) : Optional.empty());
    }

    public Future<Optional<Document>> get(TenantId tenant, TypeId collection, TypeId document) {
        return postgres.inTenant(tenant, sql -> find(sql, GET, collection, document));
    }

    /** Nobody else changes the document until the caller's transaction ends. */
    public Future<Optional<Document>> lock(SqlConnection sql, TypeId collection, TypeId document) {
        return find(sql, LOCK, collection, document);
    }

    private static Future<Optional<Document>> find(
            SqlConnection sql, String query, TypeId collection, TypeId document) {
        return sql.preparedQuery(query)
                .execute(Tuple.of(collection.uuid(), document.uuid()))
                .map(rows -> rows.size() == 0
                        ? Optional.empty()
                        : Optional.of(document(rows.iterator().next())));
    }

    public Future<Page<Document>> list(TenantId tenant, TypeId collection, PageRequest page) {
        return postgres.inTenant(
                tenant, sql -> LIST.read(sql, page, List.of(collection.uuid()), DocumentStore::document));
    }

    /** Deletes a document with its passages. False when there is none. */
    public Future<Boolean> delete(TenantId tenant, TypeId collection, TypeId document) {
        return postgres.inTenant(tenant, sql -> delete(sql, collection, document));
    }

    /** Deletes a document with its passages in the caller's transaction. False when there is none. */
    public Future<Boolean> delete(SqlConnection sql, TypeId collection, TypeId document) {
        return sql.preparedQuery(DELETE)
                .execute(Tuple.of(collection.uuid(), document.uuid()))
                .map(rows -> rows.rowCount() == 1);
    }

    /** Puts a document that is indexed or has failed into the queue again. False when there is none. */
    public Future<Boolean> requeue(TenantId tenant, TypeId collection, TypeId document) {
        return postgres.inTenant(
                tenant,
                sql -> sql.preparedQuery(REQUEUE)
                        .execute(Tuple.of(collection.uuid(), document.uuid()))
                        .map(rows -> rows.rowCount() == 1));
    }

    private static Document document(Row row) {
        return new Document(
                new TypeId(Kind.DOCUMENT, row.getUUID("id")),
                new TypeId(Kind.COLLECTION, row.getUUID("collection_id")),
                row.getString("filename"),
                row.getString("media_type"),
                row.getLong("size_bytes"),
                DocumentStatus.parse(row.getString("status")),
                row.getInteger("chunk_count"),
                Optional.ofNullable(row.getString("error")).map(text -> Json.read(text, ApiError.class)),
                row.getOffsetDateTime("created_at").toInstant(),
                Optional.ofNullable(row.getOffsetDateTime("indexed_at")).map(OffsetDateTime::toInstant));
    }
}
