package io.temponest.account;

import io.temponest.audit.Actor;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.StreamSupport;

/** Where people are signed in. */
public final class UserSessionStore {

    /** Locks the person against being shut out meanwhile: whoever shuts somebody out ends the sessions that there are. */
    private static final String INSERT = """
            insert into user_sessions (id, tenant_id, user_id, kind, secret_sha256, address, user_agent, expires_at)
            select $1, current_tenant(), u.id, $3, $4, $5, $6, now() + $7::int8 * interval '1 second'
            from users u where u.id = $2 and u.active for share""";

    private static final String LIST = """
            select id, kind, address, user_agent, created_at, last_used_at, expires_at from user_sessions
            where user_id = $1 and revoked_at is null and expires_at > now() order by id desc""";

    private static final String REVOKE = """
            update user_sessions set revoked_at = now()
            where id = $1 and user_id = $2 and revoked_at is null returning id""";

    private static final String REVOKE_ALL = """
            update user_sessions set revoked_at = now()
            where user_id = $1 and revoked_at is null and id is distinct from $2 returning id""";

    private static final String HOLD = """
            select from user_sessions where id = $1 and user_id = $2 and revoked_at is null and expires_at > now()
            for share""";

    private static final String USED_AGAIN = """
            update user_sessions set last_used_at = now(), expires_at = now() + $2::int8 * interval '1 second'
            where id = $1""";

    private static final String FIND_CONSOLE =
            "select id, tenant_id, user_id, expires_at from console_session_by_sha256($1)";

    private static final String STAMP = "select stamp_used($1, $2)";

    private final Postgres postgres;
    private final Ids ids;

    public UserSessionStore(Postgres postgres, Ids ids) {
        this.postgres = postgres;
        this.ids = ids;
    }

    /**
     * Begins a session in the caller's transaction.
     *
     * @param cookie digest of the console's cookie; empty for a session with tokens
     * @return empty where the person may not sign in any more
     */
    public Future<Optional<TypeId>> begin(
            SqlConnection sql, TypeId user, Optional<Buffer> cookie, Duration life, Actor from) {
        TypeId id = ids.next(Kind.USER_SESSION);
        return sql.preparedQuery(INSERT)
                .execute(Tuple.tuple()
                        .addUUID(id.uuid())
                        .addUUID(user.uuid())
                        .addString(cookie.isPresent() ? "console" : "token")
                        .addBuffer(cookie.orElse(null))
                        .addString(from.address().orElse(null))
                        .addString(from.userAgent().orElse(null))
                        .addLong(life.toSeconds()))
                .map(rows -> rows.rowCount() == 1 ? Optional.of(id) : Optional.empty());
    }

    /** Those that are good, newest first. */
    public Future<List<UserSession>> list(TenantId tenant, TypeId user) {
        return postgres.inTenant(
                tenant,
                sql -> sql.preparedQuery(LIST)
                        .execute(Tuple.of(user.uuid()))
                        .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                                .map(UserSessionStore::session)
                                .toList()));
    }

    /** Ends one of a person's sessions in the caller's transaction. @return whether there was one */
    public Future<Boolean> revoke(SqlConnection sql, TypeId user, TypeId session) {
        return sql.preparedQuery(REVOKE)
                .execute(Tuple.of(session.uuid(), user.uuid()))
                .compose(rows ->
                        AccessChangeStore.sessions(sql, sessionIds(rows)).map(rows.rowCount() == 1));
    }

    /** Ends all of a person's sessions but the exception, in the caller's transaction. @return how many */
    public Future<Integer> revokeAll(SqlConnection sql, TypeId user, Optional<TypeId> except) {
        return sql.preparedQuery(REVOKE_ALL)
                .execute(Tuple.tuple()
                        .addUUID(user.uuid())
                        .addUUID(except.map(TypeId::uuid).orElse(null)))
                .compose(rows ->
                        AccessChangeStore.sessions(sql, sessionIds(rows)).map(rows.rowCount()));
    }

    /** Whether a session goes on, and nobody ends it until the transaction does. */
    public Future<Boolean> hold(SqlConnection sql, TypeId user, TypeId session) {
        return sql.preparedQuery(HOLD)
                .execute(Tuple.of(session.uuid(), user.uuid()))
                .map(rows -> rows.size() == 1);
    }

    /** Notes in the caller's transaction that a session goes on, for so long from now. */
    public Future<Void> usedAgain(SqlConnection sql, TypeId session, Duration life) {
        return sql.preparedQuery(USED_AGAIN)
                .execute(Tuple.of(session.uuid(), life.toSeconds()))
                .mapEmpty();
    }

    /** The console session of a cookie; empty when there is none, or it is over, or its person may not sign in. */
    public Future<Optional<ConsoleHolder>> findConsole(Buffer cookie) {
        return postgres.withoutTenant(sql -> sql.preparedQuery(FIND_CONSOLE)
                .execute(Tuple.of(cookie))
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .findFirst()
                        .map(UserSessionStore::holder)));
    }

    /** Notes that keys and console sessions, of any tenants, were used just now. */
    public Future<Void> stamp(Collection<UUID> keys, Collection<UUID> sessions) {
        return postgres.withoutTenant(sql -> sql.preparedQuery(STAMP)
                .execute(Tuple.tuple()
                        .addArrayOfUUID(keys.toArray(UUID[]::new))
                        .addArrayOfUUID(sessions.toArray(UUID[]::new)))
                .mapEmpty());
    }

    private static List<TypeId> sessionIds(RowSet<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false)
                .map(row -> new TypeId(Kind.USER_SESSION, row.getUUID("id")))
                .toList();
    }

    private static ConsoleHolder holder(Row row) {
        return new ConsoleHolder(
                new TypeId(Kind.USER_SESSION, row.getUUID("id")),
                new TenantId(row.getUUID("tenant_id")),
                new TypeId(Kind.USER, row.getUUID("user_id")),
                row.getOffsetDateTime("expires_at").toInstant());
    }

    private static UserSession session(Row row) {
        return new UserSession(
                new TypeId(Kind.USER_SESSION, row.getUUID("id")),
                row.getString("kind"),
                Optional.ofNullable(row.getString("address")),
                Optional.ofNullable(row.getString("user_agent")),
                row.getOffsetDateTime("created_at").toInstant(),
                row.getOffsetDateTime("last_used_at").toInstant(),
                row.getOffsetDateTime("expires_at").toInstant());
    }
}
