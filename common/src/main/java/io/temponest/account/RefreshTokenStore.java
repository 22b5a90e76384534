package io.temponest.account;

import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** Refresh tokens: one of a session is good at a time, and once. */
public final class RefreshTokenStore {

    private static final String INSERT = """
            insert into refresh_tokens (id, tenant_id, session_id, sha256, expires_at)
            values ($1, current_tenant(), $2, $3, now() + $4::int8 * interval '1 second')""";

    private static final String TENANT = "select tenant_of_refresh_token($1) as tenant_id";

    /** Of two that bring the same token the second waits, and then finds it used. */
    private static final String PRESENT = """
            select t.id, t.session_id, s.user_id, t.used_at is not null as used,
                   t.expires_at > now() and s.expires_at > now() and s.revoked_at is null as good
            from refresh_tokens t join user_sessions s on s.id = t.session_id
            where t.sha256 = $1 for update of t""";

    private static final String USE = "update refresh_tokens set used_at = now() where id = $1";

    private final Postgres postgres;
    private final Ids ids;

    public RefreshTokenStore(Postgres postgres, Ids ids) {
        this.postgres = postgres;
        this.ids = ids;
    }

    /**
     * A token that somebody brings.
     *
     * @param used whether it was brought before
     * @param good whether neither it nor its session is over
     */
    public record Presented(UUID id, TypeId session, TypeId user, boolean used, boolean good) {}

    /** Inserts a session's token in the caller's transaction. */
    public Future<Void> insert(SqlConnection sql, TypeId session, OpaqueToken token, Duration life) {
        return sql.preparedQuery(INSERT)
                .execute(Tuple.of(ids.next(Kind.REQUEST).uuid(), session.uuid(), token.sha256(), life.toSeconds()))
                .mapEmpty();
    }

    /** The tenant whose token it is; empty where it is nobody's. */
    public Future<Optional<TenantId>> tenantOf(OpaqueToken token) {
        return tenantOf(postgres, TENANT, token);
    }

    /** Asks one of the functions that know a secret's tenant, whose answer is called {@code tenant_id}. */
    static Future<Optional<TenantId>> tenantOf(Postgres postgres, String question, OpaqueToken token) {
        return postgres.withoutTenant(sql -> sql.preparedQuery(question)
                .execute(Tuple.of(token.sha256()))
                .map(rows -> Optional.ofNullable(rows.iterator().next().getUUID("tenant_id"))
                        .map(TenantId::new)));
    }

    /** Looks at a token in the caller's transaction, which then holds it alone. */
    public Future<Optional<Presented>> present(SqlConnection sql, OpaqueToken token) {
        Buffer digest = token.sha256();
        return sql.preparedQuery(PRESENT)
                .execute(Tuple.of(digest))
                .map(rows -> rows.size() == 0
                        ? Optional.empty()
                        : Optional.of(presented(rows.iterator().next())));
    }

    private static Presented presented(Row row) {
        return new Presented(
                row.getUUID("id"),
                new TypeId(Kind.USER_SESSION, row.getUUID("session_id")),
                new TypeId(Kind.USER, row.getUUID("user_id")),
                row.getBoolean("used"),
                row.getBoolean("good"));
    }

    /** Marks a token as used in the caller's transaction. */
    public Future<Void> use(SqlConnection sql, UUID id) {
        return sql.preparedQuery(USE).execute(Tuple.of(id)).mapEmpty();
    }
}
