package io.temponest.audit;

import io.temponest.audit.AuditChain.Link;
import io.temponest.audit.AuditEntry.Outcome;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.json.Json;
import io.temponest.store.Keyset;
import io.temponest.store.Page;
import io.temponest.store.PageRequest;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/** The audit log: entries are added and read, and never changed. */
public final class AuditStore {

    private static final String APPEND = "select audit_append($1, $2, $3, $4, $5, $6, $7, $8, $9::text::jsonb)";

    private static final String SELECT = """
            select tenant_id, seq, id, created_at, user_id, api_key_id, address, user_agent, action, resource_type,
                   resource_id, outcome, details::text as details, prev_hash, hash
            from audit_log where tenant_id = current_tenant()""";

    private static final Keyset LIST = new Keyset(SELECT + """
             and ($1::uuid is null or user_id = $1 or api_key_id = $1) and ($2::text is null or action = $2)
             and ($3::text is null or resource_id = $3 or resource_type = $3) and ($4::text is null or outcome = $4)
             and ($5::timestamptz is null or id >= uuid_v7_floor($5)) and ($6::timestamptz is null or id < uuid_v7_floor($6))""", "id", 6);

    private static final String CHAIN = SELECT + " and seq > $1 and seq <= $2 order by seq limit $3";

    /** The bounds of partitions and the entries' ids are both times, so the head itself says whether its month is still there. */
    private static final String HEAD = """
            select seq, hash,
                   coalesce(uuid_v7_floor(timestamptz 'epoch' + millis * interval '1 millisecond') >= (
                       select min((regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \\(''([0-9a-f-]+)''\\)'))[1])::uuid
                       from pg_inherits i join pg_class c on c.oid = i.inhrelid
                       where i.inhparent = 'audit_log'::regclass), true) as kept
            from audit_heads where tenant_id = current_tenant()""";

    private static final String LINK =
            "select seq, hash from audit_log where tenant_id = current_tenant() and seq = $1";

    private final Postgres postgres;

    public AuditStore(Postgres postgres) {
        this.postgres = postgres;
    }

    /**
     * Adds an entry in the caller's transaction of a tenant, so that it is there exactly if what it tells of is. From here to
     * the commit other entries of the tenant wait: let it be the last thing that the transaction does.
     */
    public static Future<Void> append(SqlConnection sql, AuditEntry entry) {
        Actor actor = entry.actor();
        return sql.preparedQuery(APPEND)
                .execute(Tuple.tuple()
                        .addUUID(actor.user().map(TypeId::uuid).orElse(null))
                        .addUUID(actor.apiKey().map(TypeId::uuid).orElse(null))
                        .addString(actor.address().orElse(null))
                        .addString(actor.userAgent().orElse(null))
                        .addString(entry.action())
                        .addString(entry.resourceType())
                        .addString(entry.resourceId().orElse(null))
                        .addString(entry.outcome().toString())
                        .addString(Json.text(entry.details())))
                .mapEmpty();
    }

    public Future<Page<AuditRecord>> list(TenantId tenant, AuditFilter filter, PageRequest page) {
        List<Object> values = Arrays.asList(
                filter.actor().map(TypeId::uuid).orElse(null),
                filter.action().orElse(null),
                filter.resource().orElse(null),
                filter.outcome().map(Outcome::toString).orElse(null),
                filter.from().map(at -> at.atOffset(ZoneOffset.UTC)).orElse(null),
                filter.to().map(at -> at.atOffset(ZoneOffset.UTC)).orElse(null));
        return postgres.inTenant(tenant, sql -> LIST.read(sql, page, values, AuditStore::entry));
    }

    /** Where the chain ends; empty when nothing was ever noted. */
    public Future<Optional<Head>> head(TenantId tenant) {
        return postgres.inTenant(
                tenant,
                sql -> sql.preparedQuery(HEAD).execute().map(rows -> {
                    for (Row row : rows) {
                        return Optional.of(new Head(link(row), row.getBoolean("kept")));
                    }
                    return Optional.empty();
                }));
    }

    /**
     * The end of a chain.
     *
     * @param kept false where the months of all its entries have been dropped
     */
    public record Head(Link last, boolean kept) {}

    private static Link link(Row row) {
        return new Link(row.getLong("seq"), new Hash(row.getBuffer("hash").getBytes()));
    }

    /** The link of one entry; empty when it is not kept. */
    public Future<Optional<Link>> link(TenantId tenant, long seq) {
        return postgres.inTenant(
                tenant, sql -> sql.preparedQuery(LINK).execute(Tuple.of(seq)).map(rows -> links(rows)));
    }

    private static Optional<Link> links(Iterable<Row> rows) {
        for (Row row : rows) {
            return Optional.of(link(row));
        }
        return Optional.empty();
    }

    /** Entries beyond one place and up to another, in order of the chain, at most {@code limit}. */
    public Future<List<AuditRecord>> chain(TenantId tenant, long after, long upTo, int limit) {
        return postgres.inTenant(
                tenant,
                sql -> sql.preparedQuery(CHAIN)
                        .execute(Tuple.of(after, upTo, limit))
                        .map(rows -> {
                            List<AuditRecord> entries = new ArrayList<>();
                            rows.forEach(row -> entries.add(entry(row)));
                            return entries;
                        }));
    }

    private static AuditRecord entry(Row row) {
        return new AuditRecord(
                new TenantId(row.getUUID("tenant_id")),
                row.getLong("seq"),
                new TypeId(Kind.AUDIT_ENTRY, row.getUUID("id")),
                row.getOffsetDateTime("created_at").toInstant(),
                new Actor(
                        id(Kind.USER, row.getUUID("user_id")),
                        id(Kind.API_KEY, row.getUUID("api_key_id")),
                        Optional.ofNullable(row.getString("address")),
                        Optional.ofNullable(row.getString("user_agent"))),
                row.getString("action"),
                row.getString("resource_type"),
                Optional.ofNullable(row.getString("resource_id")),
                Outcome.valueOf(row.getString("outcome").toUpperCase(Locale.ROOT)),
                row.getString("details"),
                new Hash(row.getBuffer("prev_hash").getBytes()),
                new Hash(row.getBuffer("hash").getBytes()));
    }

    private static Optional<TypeId> id(Kind kind, @org.jspecify.annotations.Nullable UUID uuid) {
        return Optional.ofNullable(uuid).map(known -> new TypeId(kind, known));
    }
}
