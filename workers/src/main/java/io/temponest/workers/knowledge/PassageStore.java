package io.temponest.workers.knowledge;

import io.temponest.error.ApiError;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.json.Json;
import io.temponest.knowledge.CollectionStore;
import io.temponest.knowledge.Location;
import io.temponest.knowledge.Passage;
import io.temponest.store.EnginePostgres;
import io.temponest.store.Postgres;
import io.temponest.workers.knowledge.Vectors.Scored;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlResult;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Documents on their way to passages, and passages. Claims span tenants; everything else happens as the tenant. */
final class PassageStore {

    private static final String CLAIM_QUEUED = """
            update documents set status = 'indexing', owner = $1, attempts = attempts + 1
            where id in (select id from documents where status = 'queued' order by id limit $2 for update skip locked)
            returning id, tenant_id, collection_id, filename, media_type, attempts""";

    private static final String CONTENT = "select content from document_contents where document_id = $1";

    /** The passages, the document and its collection in one statement, if the document is still this owner's. */
    private static final String COMPLETE = """
            with held as (
                update documents set status = 'indexed', owner = null, chunk_count = $3, indexed_at = now(), error = null
                where id = $1 and owner = $2 and status = 'indexing'
                returning id, collection_id
            ), stored as (
                insert into chunks (id, tenant_id, collection_id, document_id, ordinal, text, location, token_count, embedding)
                select c.id, current_tenant(), held.collection_id, held.id, c.ordinal - 1, c.text, c.location::jsonb, c.tokens,
                       c.embedding
                from held, unnest($4::uuid[], $5::text[], $6::text[], $7::int[], $8::bytea[])
                     with ordinality as c(id, text, location, tokens, embedding, ordinal)
            )
            update collections c set chunk_count = c.chunk_count + $3, revision = c.revision + 1, updated_at = now()
            from held where c.id = held.collection_id""";

    private static final String FAIL = """
            update documents set status = 'failed', owner = null, error = $3::text::jsonb
            where id = $1 and owner = $2 and status = 'indexing'""";

    private static final String RETRY =
            "update documents set status = 'queued', owner = null where id = $1 and owner = $2 and status = 'indexing'";

    private static final String RELEASE_ORPHANS = """
            update documents set owner = null,
                   status = case when attempts >= $3 then 'failed' else 'queued' end,
                   error = case when attempts >= $3 then $4::text::jsonb end
            where owner = $1 and id <> all ($2) and status = 'indexing'""";

    private static final String REVISIONS = "select id, revision, dimension from collections where id = any($1)";

    private static final String ALL_REVISIONS = "select id, revision, dimension from collections order by id limit 64";

    private static final String VECTORS = "select id, embedding from chunks where collection_id = $1 order by id";

    private static final String PASSAGES = """
            select c.id, c.document_id, d.filename, c.text, c.location::text as location
            from chunks c join documents d on d.id = c.document_id where c.id = any($1)""";

    private final Postgres postgres;
    private final EnginePostgres engine;
    private final Ids ids;

    PassageStore(Postgres postgres, EnginePostgres engine, Ids ids) {
        this.postgres = postgres;
        this.engine = engine;
        this.ids = ids;
    }

    /** A document that this session indexes. */
    record Claimed(TypeId document, TenantId tenant, String filename, String mediaType, int attempts, TypeId owner) {}

    Future<List<Claimed>> claim(TypeId session, int limit) {
        return engine.query(CLAIM_QUEUED, Tuple.of(session.uuid(), limit)).map(rows -> {
            List<Claimed> claimed = new ArrayList<>();
            rows.forEach(row -> claimed.add(new Claimed(
                    new TypeId(Kind.DOCUMENT, row.getUUID("id")),
                    new TenantId(row.getUUID("tenant_id")),
                    row.getString("filename"),
                    row.getString("media_type"),
                    row.getInteger("attempts"),
                    session)));
            return claimed;
        });
    }

    /** The file; empty when it was deleted meanwhile. */
    Future<Optional<byte[]>> content(Claimed claimed) {
        return postgres.inTenant(
                claimed.tenant(),
                sql -> sql.preparedQuery(CONTENT)
                        .execute(Tuple.of(claimed.document().uuid()))
                        .map(rows -> rows.size() == 0
                                ? Optional.empty()
                                : Optional.of(rows.iterator()
                                        .next()
                                        .getBuffer("content")
                                        .getBytes())));
    }

    /** An embedded chunk. */
    @SuppressWarnings("ArrayRecordComponent") // made, stored and dropped
    record Embedded(Chunk chunk, int tokens, float[] vector) {}

    /** Stores the passages. False when the document is not this owner's any more; nothing is stored then. */
    Future<Boolean> complete(Claimed claimed, List<Embedded> chunks) {
        Tuple tuple = Tuple.tuple()
                .addUUID(claimed.document().uuid())
                .addUUID(claimed.owner().uuid())
                .addInteger(chunks.size())
                .addArrayOfUUID(
                        chunks.stream().map(c -> ids.next(Kind.CHUNK).uuid()).toArray(UUID[]::new))
                .addArrayOfString(chunks.stream().map(c -> c.chunk().text()).toArray(String[]::new))
                .addArrayOfString(chunks.stream()
                        .map(c -> Json.text(c.chunk().location()))
                        .toArray(String[]::new))
                .addArrayOfInteger(chunks.stream().map(Embedded::tokens).toArray(Integer[]::new))
                .addArrayOfBuffer(
                        chunks.stream().map(c -> Vectors.encode(c.vector())).toArray(Buffer[]::new));
        return postgres.inTenant(
                claimed.tenant(),
                sql -> sql.preparedQuery(COMPLETE).execute(tuple).map(rows -> rows.rowCount() == 1));
    }

    Future<Void> fail(Claimed claimed, ApiError error) {
        return engine.query(
                        FAIL,
                        Tuple.of(claimed.document().uuid(), claimed.owner().uuid(), Json.text(error)))
                .mapEmpty();
    }

    /** Puts the document back into the queue. */
    Future<Void> retry(Claimed claimed) {
        return engine.query(
                        RETRY,
                        Tuple.of(claimed.document().uuid(), claimed.owner().uuid()))
                .mapEmpty();
    }

    /**
     * Puts back what a session owns beyond the documents that it knows of.
     *
     * @param attempts a document that was tried so often has failed instead
     * @return how many
     */
    Future<Integer> releaseOrphans(TypeId session, Collection<TypeId> known, int attempts) {
        UUID[] ids = known.stream().map(TypeId::uuid).toArray(UUID[]::new);
        return engine.query(
                        RELEASE_ORPHANS,
                        Tuple.tuple()
                                .addUUID(session.uuid())
                                .addArrayOfUUID(ids)
                                .addInteger(attempts)
                                .addString(Json.text(Indexing.BROKE)))
                .map(SqlResult::rowCount);
    }

    /** Revisions of a tenant's collections by id; all of them where none are named. */
    Future<Map<UUID, Long>> revisions(TenantId tenant, List<TypeId> collections) {
        UUID[] wanted = collections.stream().map(TypeId::uuid).toArray(UUID[]::new);
        return postgres.inTenant(
                tenant,
                sql -> (wanted.length == 0
                                ? sql.preparedQuery(ALL_REVISIONS).execute()
                                : sql.preparedQuery(REVISIONS)
                                        .execute(Tuple.tuple().addArrayOfUUID(wanted)))
                        .map(rows -> {
                            Map<UUID, Long> revisions = new HashMap<>();
                            rows.forEach(row -> revisions.put(row.getUUID("id"), row.getLong("revision")));
                            return revisions;
                        }));
    }

    /** @param revision read before; the vectors may be newer, never older */
    Future<Vectors> vectors(TenantId tenant, UUID collection, long revision) {
        return postgres.inTenant(
                tenant,
                sql -> sql.preparedQuery(VECTORS).execute(Tuple.of(collection)).map(rows -> {
                    int dimension = CollectionStore.DIMENSION;
                    List<UUID> chunks = new ArrayList<>(rows.size());
                    float[] values = new float[rows.size() * dimension];
                    for (Row row : rows) {
                        Vectors.decode(row.getBuffer("embedding"), values, chunks.size() * dimension);
                        chunks.add(row.getUUID("id"));
                    }
                    return new Vectors(revision, chunks, dimension, values);
                }));
    }

    /** The passages of scored chunks, in their order; one that was deleted meanwhile is left out. */
    Future<List<Passage>> passages(TenantId tenant, List<Scored> scored) {
        UUID[] wanted = scored.stream().map(Scored::chunk).toArray(UUID[]::new);
        return postgres.inTenant(
                tenant,
                sql -> sql.preparedQuery(PASSAGES)
                        .execute(Tuple.tuple().addArrayOfUUID(wanted))
                        .map(rows -> {
                            Map<UUID, Row> found = new HashMap<>();
                            rows.forEach(row -> found.put(row.getUUID("id"), row));
                            return scored.stream()
                                    .flatMap(one -> Optional.ofNullable(found.get(one.chunk())).stream()
                                            .map(row -> passage(row, one.score())))
                                    .toList();
                        }));
    }

    private static Passage passage(Row row, double score) {
        return new Passage(
                new TypeId(Kind.CHUNK, row.getUUID("id")),
                new TypeId(Kind.DOCUMENT, row.getUUID("document_id")),
                row.getString("filename"),
                row.getString("text"),
                score,
                Json.read(row.getString("location"), Location.class));
    }
}
