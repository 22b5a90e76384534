package io.temponest.workers.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.identity.TenantId;
import io.temponest.store.EnginePostgres;
import io.temponest.testing.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What has been over for long goes, and nothing else does. */
class RetentionTest {

    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final Vertx VERTX = Vertx.vertx();
    private static final EnginePostgres ENGINE = DATABASE.engine(VERTX);
    private static final SessionStore STORE = new SessionStore(ENGINE);
    private static final UUID PERSON = UUID.randomUUID();

    private static TenantId tenant;

    @BeforeAll
    static void makeAPerson() {
        tenant = DATABASE.tenant();
        DATABASE.execute(
                "insert into users (id, tenant_id, email, full_name, password_hash) values (?, ?, 'a@b.c', 'A', 'x')",
                PERSON,
                tenant.uuid());
    }

    @AfterAll
    static void close() throws TimeoutException {
        get(ENGINE.close());
        get(VERTX.close());
    }

    private static <T> T get(Future<T> future) throws TimeoutException {
        return future.await(20, TimeUnit.SECONDS);
    }

    /** A session with a token, a reset and an invitation, all of which were good until so many days ago. */
    private static void expired(int days) {
        UUID session = UUID.randomUUID();
        String then = "now() - interval '%d days'".formatted(days);
        DATABASE.execute(
                "insert into user_sessions (id, tenant_id, user_id, kind, expires_at) values (?, ?, ?, 'token', %s)"
                        .formatted(then),
                session,
                tenant.uuid(),
                PERSON);
        DATABASE.execute(
                "insert into refresh_tokens (id, tenant_id, session_id, sha256, expires_at) values (gen_random_uuid(), ?, ?, sha256(gen_random_uuid()::text::bytea), %s)"
                        .formatted(then),
                tenant.uuid(),
                session);
        DATABASE.execute(
                "insert into password_resets (id, tenant_id, user_id, sha256, expires_at) values (gen_random_uuid(), ?, ?, sha256(gen_random_uuid()::text::bytea), %s)"
                        .formatted(then),
                tenant.uuid(),
                PERSON);
        DATABASE.execute(
                "insert into invitations (id, tenant_id, email, roles, sha256, expires_at) values (gen_random_uuid(), ?, 'g@b.c', '{}', sha256(gen_random_uuid()::text::bytea), %s)"
                        .formatted(then),
                tenant.uuid());
    }

    private static String counts(String... tables) throws SQLException {
        StringBuilder counts = new StringBuilder();
        for (String table : tables) {
            counts.append(single("select count(*) from " + table)).append(' ');
        }
        return counts.toString().strip();
    }

    private static String single(String query) throws SQLException {
        try (Connection onlooker = TestDatabase.connection(DATABASE.superuserUrl());
                Statement statement = onlooker.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return String.valueOf(rows.getString(1));
        }
    }

    @Test
    void whatHasExpiredLongAgoIsDeletedWithItsSessionLast() throws SQLException, TimeoutException {
        expired(-1);
        expired(3);
        expired(10);
        expired(40);
        String[] tables = {"refresh_tokens", "password_resets", "invitations", "user_sessions"};

        get(STORE.forgetExpired());
        assertThat(counts(tables)).isEqualTo("2 2 3 4");
        get(STORE.forgetExpired());
        assertThat(counts(tables)).isEqualTo("2 2 3 3");
    }

    @Test
    void monthsThatNobodyReadsAnyMoreAreDropped() throws SQLException, TimeoutException {
        for (String parent : new String[] {"access_changes", "login_attempts", "audit_log"}) {
            DATABASE.execute(
                    "create table %1$s_y2020m01 partition of %1$s for values from (uuid_v7_floor('2020-01-01')) to (uuid_v7_floor('2020-02-01'))"
                            .formatted(parent));
        }
        String before = partitions("login_attempts");

        get(STORE.dropOldPartitions());

        assertThat(single("select to_regclass('access_changes_y2020m01')")).isEqualTo("null");
        assertThat(single("select to_regclass('login_attempts_y2020m01')")).isEqualTo("null");
        assertThat(single("select to_regclass('audit_log_y2020m01')")).isEqualTo("audit_log_y2020m01");
        assertThat(Integer.parseInt(partitions("login_attempts"))).isEqualTo(Integer.parseInt(before) - 1);
    }

    private static String partitions(String parent) throws SQLException {
        return single("select count(*) from pg_inherits where inhparent = '%s'::regclass".formatted(parent));
    }
}
