package io.temponest.account;

import io.temponest.config.Secret;
import io.temponest.identity.Ids;
import io.temponest.identity.KeyLimits;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.Principal;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.store.Keyset;
import io.temponest.store.Page;
import io.temponest.store.PageRequest;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/** API keys. A key's secret is known when it is issued and never again. */
public final class ApiKeyStore {

    private static final String INSERT = """
            insert into api_keys (id, tenant_id, user_id, name, prefix, secret_sha256, scopes, expires_at,
                                  requests_per_minute, tokens_per_minute, concurrency)
            values ($1, current_tenant(), $2, $3, $4, $5, $6, $7, $8, $9, $10)
            returning created_at""";

    private static final String SELECT = """
            select id, user_id, name, prefix, scopes, expires_at, last_used_at, created_at, requests_per_minute,
                   tokens_per_minute, concurrency
            from api_keys where revoked_at is null""";

    private static final Keyset LIST = new Keyset(SELECT, "id", 0);

    private static final String REVOKE =
            "update api_keys set revoked_at = now() where id = $1 and revoked_at is null returning prefix";

    private static final String REVOKE_OF_USER =
            "update api_keys set revoked_at = now() where user_id = $1 and revoked_at is null returning prefix";

    private static final String HOLD = SELECT + " and id = $1 for update";

    private static final String ROTATE = "update api_keys set prefix = $2, secret_sha256 = $3 where id = $1";

    private static final String FIND = """
            select k.id, k.tenant_id, k.user_id, k.secret_sha256, k.scopes, k.expires_at, l.requests_per_minute,
                   l.tokens_per_minute, l.concurrency
            from api_key_by_prefix($1) k cross join api_key_limits($1) l""";

    private final Postgres postgres;
    private final Ids ids;
    private final RandomGenerator random;

    /** @param random a source of secrets, such as {@link java.security.SecureRandom} */
    public ApiKeyStore(Postgres postgres, Ids ids, RandomGenerator random) {
        this.postgres = postgres;
        this.ids = ids;
        this.random = random;
    }

    /** A new key and the text that its holder must keep. */
    public record Issued(ApiKey apiKey, Secret key) {}

    /**
     * Issues a key in the caller's transaction.
     *
     * @param user whose key it is; empty: the tenant's own
     */
    public Future<Issued> insert(SqlConnection sql, Optional<TypeId> user, NewApiKey wanted) {
        TypeId id = ids.next(Kind.API_KEY);
        ApiKeyText text = ApiKeyText.make(random);
        String[] scopes =
                wanted.scopes().stream().map(Permission::toString).sorted().toArray(String[]::new);
        return sql.preparedQuery(INSERT)
                .execute(Tuple.tuple()
                        .addUUID(id.uuid())
                        .addUUID(user.map(TypeId::uuid).orElse(null))
                        .addString(wanted.name())
                        .addString(text.prefix())
                        .addBuffer(Buffer.buffer(text.sha256()))
                        .addArrayOfString(scopes)
                        .addOffsetDateTime(wanted.expiresAt()
                                .map(at -> at.atOffset(ZoneOffset.UTC))
                                .orElse(null))
                        .addInteger(wanted.limits().requestsPerMinute().orElse(null))
                        .addInteger(wanted.limits().tokensPerMinute().orElse(null))
                        .addInteger(wanted.limits().concurrency().orElse(null)))
                .map(rows -> rows.iterator().next().getOffsetDateTime("created_at"))
                .map(created -> new Issued(
                        new ApiKey(
                                id,
                                user,
                                wanted.name(),
                                text.prefix(),
                                wanted.scopes(),
                                wanted.expiresAt(),
                                Optional.empty(),
                                created.toInstant(),
                                wanted.limits()),
                        text.whole()));
    }

    /** The keys that were not revoked, expired ones too. */
    public Future<Page<ApiKey>> list(TenantId tenant, PageRequest page) {
        return postgres.inTenant(tenant, sql -> LIST.read(sql, page, List.of(), ApiKeyStore::apiKey));
    }

    /** Revokes a key in the caller's transaction. @return its prefix; empty when there is no such key */
    public Future<Optional<String>> revoke(SqlConnection sql, TypeId key) {
        return sql.preparedQuery(REVOKE)
                .execute(Tuple.of(key.uuid()))
                .compose(rows -> rows.size() == 0
                        ? Future.succeededFuture(Optional.empty())
                        : gone(sql, rows).map(prefixes -> Optional.of(prefixes.getFirst())));
    }

    /** Revokes all keys of a person in the caller's transaction. */
    public Future<Integer> revokeOf(SqlConnection sql, TypeId user) {
        return sql.preparedQuery(REVOKE_OF_USER)
                .execute(Tuple.of(user.uuid()))
                .compose(rows -> gone(sql, rows))
                .map(List::size);
    }

    private static Future<List<String>> gone(SqlConnection sql, RowSet<Row> rows) {
        List<String> prefixes = new ArrayList<>();
        rows.forEach(row -> prefixes.add(row.getString("prefix")));
        return AccessChangeStore.keys(sql, prefixes).map(prefixes);
    }

    /** A key that was not revoked, which the caller's transaction then holds alone. */
    public Future<Optional<ApiKey>> hold(SqlConnection sql, TypeId key) {
        return sql.preparedQuery(HOLD)
                .execute(Tuple.of(key.uuid()))
                .map(rows -> rows.size() == 0
                        ? Optional.empty()
                        : Optional.of(apiKey(rows.iterator().next())));
    }

    /** Gives a key another text in the caller's transaction; the old one is worth nothing from then on. */
    public Future<Issued> rotate(SqlConnection sql, ApiKey key) {
        ApiKeyText text = ApiKeyText.make(random);
        ApiKey rotated = new ApiKey(
                key.id(),
                key.user(),
                key.name(),
                text.prefix(),
                key.scopes(),
                key.expiresAt(),
                key.lastUsedAt(),
                key.createdAt(),
                key.limits());
        return sql.preparedQuery(ROTATE)
                .execute(Tuple.of(key.id().uuid(), text.prefix(), Buffer.buffer(text.sha256())))
                .compose(done -> AccessChangeStore.keys(sql, List.of(key.prefix())))
                .map(new Issued(rotated, text.whole()));
    }

    /** The key with this prefix; empty when there is none, or it is revoked or expired, or its owner may not sign in. */
    public Future<Optional<KeyHolder>> find(String prefix) {
        return postgres.withoutTenant(sql -> sql.preparedQuery(FIND)
                .execute(Tuple.of(prefix))
                .map(rows -> rows.size() == 0
                        ? Optional.empty()
                        : Optional.of(holder(rows.iterator().next()))));
    }

    private static KeyHolder holder(Row row) {
        return new KeyHolder(
                row.getBuffer("secret_sha256").getBytes(),
                instant(row.getOffsetDateTime("expires_at")),
                new Principal(
                        new TenantId(row.getUUID("tenant_id")),
                        Optional.ofNullable(row.getUUID("user_id")).map(user -> new TypeId(Kind.USER, user)),
                        Optional.of(new TypeId(Kind.API_KEY, row.getUUID("id"))),
                        Optional.empty(),
                        permissions(row.getArrayOfStrings("scopes")),
                        limits(row)));
    }

    private static ApiKey apiKey(Row row) {
        return new ApiKey(
                new TypeId(Kind.API_KEY, row.getUUID("id")),
                Optional.ofNullable(row.getUUID("user_id")).map(user -> new TypeId(Kind.USER, user)),
                row.getString("name"),
                row.getString("prefix"),
                permissions(row.getArrayOfStrings("scopes")),
                instant(row.getOffsetDateTime("expires_at")),
                instant(row.getOffsetDateTime("last_used_at")),
                row.getOffsetDateTime("created_at").toInstant(),
                limits(row));
    }

    private static KeyLimits limits(Row row) {
        return new KeyLimits(
                Optional.ofNullable(row.getInteger("requests_per_minute")),
                Optional.ofNullable(row.getInteger("tokens_per_minute")),
                Optional.ofNullable(row.getInteger("concurrency")));
    }

    /** What this version does not know is left out: nothing here can be done with it. */
    static Set<Permission> permissions(String[] names) {
        EnumSet<Permission> known = EnumSet.noneOf(Permission.class);
        Arrays.stream(names).map(Permission::find).forEach(found -> found.ifPresent(known::add));
        return known;
    }

    private static Optional<Instant> instant(OffsetDateTime time) {
        return Optional.ofNullable(time).map(OffsetDateTime::toInstant);
    }
}
