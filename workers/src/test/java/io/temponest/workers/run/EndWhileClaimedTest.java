package io.temponest.workers.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.audit.Actor;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.run.RunAddresses.Cancel;
import io.temponest.store.EnginePostgres;
import io.temponest.testing.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Runs that end while they are claimed. Whoever claims holds the ready row and then waits for the run's; whoever ends the run
 * holds that one, and must not wait for the other.
 */
class EndWhileClaimedTest {

    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final Vertx VERTX = Vertx.vertx();
    private static final EnginePostgres ENGINE = DATABASE.engine(VERTX);
    private static final QueueStore QUEUE = new QueueStore(ENGINE);
    private static final SessionStore SESSIONS = new SessionStore(ENGINE);
    private static final Ids IDS = new Ids();
    private static final Actor NOBODY =
            new Actor(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    private static TenantId tenant;

    @BeforeAll
    static void makeATenant() {
        tenant = DATABASE.tenant();
    }

    @AfterAll
    static void close() throws TimeoutException {
        get(ENGINE.close());
        get(VERTX.close());
    }

    private static <T> T get(Future<T> future) throws TimeoutException {
        return future.await(10, TimeUnit.SECONDS);
    }

    private static TypeId queued(String deadline) {
        TypeId run = IDS.next(Kind.RUN);
        DATABASE.execute(
                "insert into runs (id, tenant_id, agent_id, agent_version_id, request, model, deadline_at) values (?, ?, gen_random_uuid(), gen_random_uuid(), '{}', 'fake/x', now() + interval '%s')"
                        .formatted(deadline),
                run.uuid(),
                tenant.uuid());
        DATABASE.execute("insert into run_ready (run_id, tenant_id) values (?, ?)", run.uuid(), tenant.uuid());
        return run;
    }

    /** A claim that has come as far as the ready row. */
    private static Connection claiming(TypeId run) throws SQLException {
        Connection claimer = TestDatabase.connection(DATABASE.superuserUrl());
        claimer.setAutoCommit(false);
        try (PreparedStatement pick = claimer.prepareStatement("select from run_ready where run_id = ? for update")) {
            pick.setObject(1, run.uuid());
            pick.execute();
        }
        return claimer;
    }

    private static String status(TypeId run) throws SQLException {
        try (Connection onlooker = TestDatabase.connection(DATABASE.superuserUrl());
                PreparedStatement statement = onlooker.prepareStatement("select status from runs where id = ?")) {
            statement.setObject(1, run.uuid());
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getString(1);
            }
        }
    }

    @Test
    void aCancelDoesNotWaitForWhoeverClaimsTheRunAndNobodyExecutesIt() throws SQLException, TimeoutException {
        TypeId run = queued("1 hour");
        try (Connection claimer = claiming(run)) {
            get(QUEUE.cancel(new Cancel(tenant, run, NOBODY)));

            assertThat(status(run)).isEqualTo("cancelled");
            claimer.rollback();
        }
        TypeId session = IDS.next(Kind.SESSION);
        get(SESSIONS.register(session, "test"));
        assertThat(get(QUEUE.claim(session, 64))).isEmpty();
        assertThat(DATABASE.execute("delete from run_ready where run_id = ?", run.uuid()))
                .isZero();
    }

    @Test
    void aRunThatIsLateEndsWhileSomebodyClaimsIt() throws SQLException, TimeoutException {
        TypeId run = queued("-1 minute");
        try (Connection claimer = claiming(run)) {
            get(SESSIONS.endOverdue("{}"));

            assertThat(status(run)).isEqualTo("timed_out");
            claimer.rollback();
        }
    }
}
