package io.temponest.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temponest.audit.AuditChain.Break;
import io.temponest.audit.AuditEntry.Outcome;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.Sha256;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.store.PageRequest;
import io.temponest.store.Postgres;
import io.temponest.testing.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The chain as the database writes it, followed by code that was written apart from it; changed by a superuser. */
class AuditLogTest {

    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final Vertx VERTX = Vertx.vertx();
    private static final Postgres POSTGRES = DATABASE.connect(VERTX);
    private static final AuditStore STORE = new AuditStore(POSTGRES);
    private static final Ids IDS = new Ids();

    private final TenantId tenant = DATABASE.tenant();

    @AfterAll
    static void close() throws TimeoutException {
        await(POSTGRES.close());
        await(VERTX.close());
    }

    private static AuditEntry entry(String details) {
        return AuditEntry.success(
                new Actor(
                        Optional.of(IDS.next(Kind.USER)),
                        Optional.empty(),
                        Optional.of("127.0.0.1"),
                        Optional.of("Grüße, 5:x,-, 🚢")),
                "project.create",
                IDS.next(Kind.PROJECT),
                Map.of("slug", details, "n", 1.50, "deep", Map.of("z", 1, "a", List.of("x"))));
    }

    private void append(int entries) throws TimeoutException {
        for (int i = 0; i < entries; i++) {
            AuditEntry entry = entry("p" + i);
            await(POSTGRES.inTenant(tenant, sql -> AuditStore.append(sql, entry)));
        }
    }

    private Optional<Break> verify() throws TimeoutException {
        AuditChain chain = new AuditChain(Optional.empty());
        Optional<Break> broken = chain.follow(entries());
        return broken.isPresent()
                ? broken
                : chain.end(await(STORE.head(tenant)).orElseThrow().last());
    }

    private List<AuditRecord> entries() throws TimeoutException {
        return await(STORE.chain(tenant, 0, Long.MAX_VALUE, 1_000));
    }

    @Test
    void whatTheDatabaseHashesTheIndependentCodeHashesAlike() throws TimeoutException {
        append(5);
        AuditEntry bare = new AuditEntry(
                new Actor(Optional.empty(), Optional.of(IDS.next(Kind.API_KEY)), Optional.empty(), Optional.of("")),
                "login",
                "user",
                Optional.empty(),
                Outcome.FAILURE,
                Map.of());
        await(POSTGRES.inTenant(tenant, sql -> AuditStore.append(sql, bare)));

        assertThat(verify()).isEmpty();
        assertThat(entries()).extracting(AuditRecord::seq).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    }

    /** The rule of the table's comment, written out once more for one entry. */
    @Test
    void theHashIsThatOfTheWrittenRule() throws TimeoutException {
        TypeId project = new TypeId(Kind.PROJECT, tenant.uuid());
        await(POSTGRES.inTenant(
                tenant,
                sql -> AuditStore.append(
                        sql,
                        AuditEntry.success(
                                new Actor(Optional.empty(), Optional.empty(), Optional.of("::1"), Optional.empty()),
                                "project.create",
                                project,
                                Map.of("slug", "é")))));

        AuditRecord kept = entries().getFirst();
        String time = kept.createdAt().toEpochMilli() + "000";
        String rule =
                "36:%s,1:1,36:%s,16:%s,-,-,3:::1,-,14:project.create,7:project,30:%s,7:success,14:{\"slug\": \"é\"},64:%s,"
                        .formatted(tenant.uuid(), kept.id().uuid(), time, project, "0".repeat(64));
        assertThat(kept.hash()).isEqualTo(new Hash(Sha256.of(rule)));
    }

    @Test
    void entriesThatAreAppendedAtOnceHaveOneOrderWithoutAGap() throws TimeoutException {
        List<Future<Void>> all = IntStream.range(0, 200)
                .mapToObj(i -> POSTGRES.inTenant(tenant, sql -> AuditStore.append(sql, entry("p" + i))))
                .toList();
        await(Future.all(all));

        assertThat(entries())
                .extracting(AuditRecord::seq)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 200).boxed().toList());
        assertThat(verify()).isEmpty();
        // By id is by number, within a millisecond too.
        assertThat(entries()).extracting(AuditRecord::id).isSorted();
    }

    @Test
    void anEntryGoesWithItsTransaction() throws TimeoutException {
        append(1);
        Future<Void> undone = POSTGRES.inTenant(
                tenant, sql -> AuditStore.append(sql, entry("undone")).compose(done -> Future.failedFuture("no")));
        assertThatThrownBy(() -> await(undone)).hasMessageContaining("no");
        append(1);

        assertThat(entries()).extracting(AuditRecord::seq).containsExactly(1L, 2L);
        assertThat(verify()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "update audit_log set details = '{}' where seq = 3 | 3 | altered",
                "update audit_log set outcome = 'failure' where seq = 5 | 5 | altered",
                "update audit_log set user_agent = null where seq = 1 | 1 | altered",
                "update audit_log set created_at = created_at + interval '1 microsecond' where seq = 2 | 2 | altered",
                "update audit_log set hash = sha256('x') where seq = 5 | 5 | altered",
                "delete from audit_log where seq = 3 | 3 | missing",
                "delete from audit_log where seq >= 4 | 4 | missing",
                "delete from audit_log | 1 | missing",
                "update audit_log set seq = 9 - seq where seq in (4, 5) | 4 | not_linked",
                "update audit_heads set hash = sha256('x') where true | 5 | altered",
                "update audit_heads set seq = 7 where true | 6 | missing"
            })
    void whoeverChangesTheLogIsFoundOut(String change, long at, String reason) throws TimeoutException {
        append(5);
        String here = change.contains(" where ") ? " and tenant_id = ?" : " where tenant_id = ?";
        DATABASE.execute(change + here, tenant.uuid());

        assertThat(verify()).contains(new Break(at, reason));
    }

    /** As when old partitions were dropped. */
    @Test
    void theChainStartsAtTheOldestEntryThatIsKept() throws TimeoutException {
        append(5);
        DATABASE.execute("delete from audit_log where seq < 3 and tenant_id = ?", tenant.uuid());

        assertThat(verify()).isEmpty();
        assertThat(entries()).extracting(AuditRecord::seq).containsExactly(3L, 4L, 5L);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "insert into audit_log select * from audit_log",
                "update audit_log set action = 'x'",
                "delete from audit_log",
                "truncate audit_log",
                "insert into audit_heads values (current_tenant(), 9, 9, sha256('x'))",
                "update audit_heads set seq = 0",
                "delete from audit_heads",
                "set role temponest_auditor",
                "alter table audit_log disable row level security"
            })
    void theServiceCanOnlyAppend(String attempt) throws SQLException, TimeoutException {
        append(1);
        try (Connection app = TestDatabase.connection(DATABASE.appUrl());
                Statement statement = app.createStatement()) {
            statement.execute("select set_config('app.current_tenant', '%s', false)".formatted(tenant.uuid()));
            assertThatThrownBy(() -> statement.execute(attempt))
                    .isInstanceOf(SQLException.class)
                    .hasMessageMatching("(?s).*(permission denied|must be owner).*");
        }
        assertThat(verify()).isEmpty();
    }

    @Test
    void withoutATenantNothingIsAppended() throws SQLException {
        try (Connection app = TestDatabase.connection(DATABASE.appUrl());
                Statement statement = app.createStatement()) {
            assertThatThrownBy(() -> statement.execute(
                            "select audit_append(null, null, null, null, 'login', 'user', null, 'success', '{}')"))
                    .hasMessageContaining("needs a tenant");
        }
    }

    @Test
    void partitionsAreMadeAheadOnceAndWalledIn() throws SQLException {
        try (Connection onlooker = TestDatabase.connection(DATABASE.superuserUrl());
                Statement statement = onlooker.createStatement()) {
            try (ResultSet made = statement.executeQuery(
                    "select ensure_partitions(5), (select count(*) from pg_partitioned_table)")) {
                made.next();
                assertThat(made.getInt(1)).as("two months of each").isEqualTo(2 * made.getInt(2));
            }
            try (ResultSet open = statement.executeQuery("""
                    select count(*) filter (where c.relrowsecurity and c.relforcerowsecurity), count(*) from pg_inherits i
                    join pg_class c on c.oid = i.inhrelid where i.inhparent = 'audit_log'::regclass""")) {
                open.next();
                assertThat(open.getInt(1)).isEqualTo(open.getInt(2)).isEqualTo(7);
            }
        }
    }

    @Test
    void theListIsFiltered() throws TimeoutException {
        append(3);
        AuditRecord second = entries().get(1);

        assertThat(list(new AuditFilter(
                        second.actor().user(),
                        Optional.of("project.create"),
                        second.resourceId(),
                        Optional.of(Outcome.SUCCESS),
                        Optional.of(second.createdAt()),
                        Optional.of(second.createdAt().plusMillis(1)))))
                .containsExactly(second);
        assertThat(list(new AuditFilter(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of("project"),
                        Optional.of(Outcome.FAILURE),
                        Optional.empty(),
                        Optional.empty())))
                .isEmpty();
        assertThat(list(AuditFilter.ALL)).extracting(AuditRecord::seq).containsExactly(3L, 2L, 1L);
    }

    private List<AuditRecord> list(AuditFilter filter) throws TimeoutException {
        return await(STORE.list(tenant, filter, PageRequest.first(10))).items();
    }

    private static <T> T await(Future<T> future) throws TimeoutException {
        return future.await(20, TimeUnit.SECONDS);
    }
}
