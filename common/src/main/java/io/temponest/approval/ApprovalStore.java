package io.temponest.approval;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.json.CanonicalJson;
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
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** The approvals of a tenant, which the engine asks for and people decide. */
public final class ApprovalStore {

    private static final String SELECT = """
            select p.id, p.run_id, p.seq, a.slug, p.kind, p.tool, p.risk, p.required, p.arguments::text as arguments,
                   encode(p.arguments_sha256, 'hex') as sha256, p.revision, p.status, p.answer, p.requested_by, p.on_timeout,
                   p.expires_at, p.escalated_at, p.reminders, p.created_at, p.decided_at,
                   (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                        'user', type_id('usr', v.user_id), 'decision', v.decision, 'revision', v.revision,
                        'comment', v.comment, 'created_at', v.created_at)) order by v.created_at, v.user_id), '[]')
                    from approval_votes v where v.approval_id = p.id)::text as votes
            from approvals p join agents a on a.id = p.agent_id
            where true""";

    private static final String FIND = SELECT + " and p.id = $1";

    private static final String FILTER =
            " and ($1::text is null or p.status = $1) and ($2::uuid is null or p.run_id = $2) and ($3::text is null or p.risk = $3)";

    private static final Keyset LIST = new Keyset(SELECT + FILTER, "p.id", 3);

    private static final String COUNT = "select count(*) as count from approvals p where true" + FILTER;

    private static final String VOTE = "select approval_vote($1, $2, $3, $4, $5, $6, $7) as word";

    private static final String EDIT = "select approval_edit($1, $2, $3::text::jsonb, $4) as word";

    private final Postgres postgres;

    public ApprovalStore(Postgres postgres) {
        this.postgres = postgres;
    }

    /** Which approvals; what is absent does not restrict them. */
    public record Filter(Optional<String> status, Optional<TypeId> run, Optional<Risk> risk) {

        private List<Object> values() {
            return Arrays.asList(
                    status.orElse(null),
                    run.map(TypeId::uuid).orElse(null),
                    risk.map(Risk::toString).orElse(null));
        }
    }

    public Future<Page<Approval>> list(TenantId tenant, Filter filter, PageRequest page) {
        return postgres.inTenant(tenant, sql -> LIST.read(sql, page, filter.values(), ApprovalStore::approval));
    }

    /** How many a filter lets through. */
    public Future<Long> count(TenantId tenant, Filter filter) {
        return postgres.inTenant(
                tenant,
                sql -> sql.preparedQuery(COUNT)
                        .execute(Tuple.wrap(filter.values()))
                        .map(rows -> rows.iterator().next().getLong("count")));
    }

    public Future<Optional<Approval>> find(TenantId tenant, TypeId approval) {
        return postgres.inTenant(tenant, sql -> find(sql, approval));
    }

    /** An approval in the caller's transaction. */
    public static Future<Optional<Approval>> find(SqlConnection sql, TypeId approval) {
        return sql.preparedQuery(FIND)
                .execute(Tuple.of(approval.uuid()))
                .map(rows -> rows.size() == 0
                        ? Optional.empty()
                        : Optional.of(approval(rows.iterator().next())));
    }

    /**
     * What a person says.
     *
     * @param user who it is; empty for a key of the tenant's own, which may not decide
     * @param revision of the arguments that they have seen
     * @param sha256 of those arguments, where they say it
     */
    public record NewVote(
            TypeId approval,
            Optional<TypeId> user,
            Optional<TypeId> apiKey,
            Decision decision,
            int revision,
            Optional<byte[]> sha256,
            Optional<String> comment) {}

    /**
     * Takes a vote in the caller's transaction: counted or decided; else not_found, over, expired, stale, wrong_answer,
     * requester, nobody or voted.
     */
    public static Future<String> vote(SqlConnection sql, NewVote vote) {
        return sql.preparedQuery(VOTE)
                .execute(Tuple.tuple()
                        .addUUID(vote.approval().uuid())
                        .addUUID(vote.user().map(TypeId::uuid).orElse(null))
                        .addUUID(vote.apiKey().map(TypeId::uuid).orElse(null))
                        .addString(vote.decision().toString())
                        .addInteger(vote.revision())
                        .addBuffer(vote.sha256().map(Buffer::buffer).orElse(null))
                        .addString(vote.comment().orElse(null)))
                .map(rows -> rows.iterator().next().getString("word"));
    }

    /**
     * Changes a call's arguments in the caller's transaction, which voids the votes: {@code edited}; else {@code not_found},
     * {@code over}, {@code expired}, {@code stale} or {@code not_editable}.
     */
    public static Future<String> edit(SqlConnection sql, TypeId approval, int revision, ObjectNode arguments) {
        return sql.preparedQuery(EDIT)
                .execute(Tuple.of(
                        approval.uuid(),
                        revision,
                        Json.text(arguments),
                        Buffer.buffer(CanonicalJson.sha256(arguments))))
                .map(rows -> rows.iterator().next().getString("word"));
    }

    private static Approval approval(Row row) {
        return new Approval(
                new TypeId(Kind.APPROVAL, row.getUUID("id")),
                new TypeId(Kind.RUN, row.getUUID("run_id")),
                row.getInteger("seq"),
                row.getString("slug"),
                row.getString("kind"),
                Optional.ofNullable(row.getString("tool")),
                Risk.parse(row.getString("risk")),
                row.getShort("required"),
                Json.tree(row.getString("arguments")),
                row.getString("sha256"),
                row.getInteger("revision"),
                row.getString("status"),
                Optional.ofNullable(row.getString("answer")),
                Optional.ofNullable(row.getUUID("requested_by")).map(user -> new TypeId(Kind.USER, user)),
                OnTimeout.parse(row.getString("on_timeout")),
                row.getOffsetDateTime("expires_at").toInstant(),
                Optional.ofNullable(row.getOffsetDateTime("escalated_at")).map(OffsetDateTime::toInstant),
                row.getInteger("reminders"),
                List.of(Json.read(row.getString("votes"), Approval.Vote[].class)),
                row.getOffsetDateTime("created_at").toInstant(),
                Optional.ofNullable(row.getOffsetDateTime("decided_at")).map(OffsetDateTime::toInstant));
    }

    /** The bytes of a hash in hexadecimal; empty for what is none. */
    public static Optional<byte[]> sha256(String text) {
        return text.matches("[0-9a-fA-F]{64}") ? Optional.of(HexFormat.of().parseHex(text)) : Optional.empty();
    }
}
