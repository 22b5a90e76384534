package io.temponest.gateway.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.audit.Actor;
import io.temponest.audit.AuditEntry;
import io.temponest.audit.AuditStore;
import io.temponest.bus.Deadline;
import io.temponest.gateway.audit.Verification.Report;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.store.Postgres;
import io.temponest.testing.TestDatabase;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A chain whose entries are not kept any more, for one reason or another. */
class VerificationTest {

    private static final Actor NOBODY =
            new Actor(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    private final TestDatabase database = TestDatabase.create();
    private final Vertx vertx = Vertx.vertx();
    private final Postgres postgres = database.connect(vertx);
    private final TenantId tenant = database.tenant();

    @AfterEach
    void close() {
        postgres.close().await();
        vertx.close().await();
    }

    private void append(int entries) {
        for (int i = 0; i < entries; i++) {
            AuditEntry entry =
                    AuditEntry.success(NOBODY, "project.create", new Ids().next(Kind.PROJECT), Map.of("n", i));
            postgres.inTenant(tenant, sql -> AuditStore.append(sql, entry)).await();
        }
    }

    private Report verify() {
        return new Verification(new AuditStore(postgres), vertx)
                .run(tenant, 0, Deadline.after(Duration.ofSeconds(20)))
                .await();
    }

    @Test
    void aChainWhoseMonthsWereAllDroppedHolds() {
        append(3);
        database.execute("""
                do $$
                declare this timestamp := now() at time zone 'UTC';
                begin
                    execute format('drop table audit_log%s, audit_log%s', to_char(this, '"_y"YYYY"m"MM'),
                        to_char(this - interval '1 month', '"_y"YYYY"m"MM'));
                end $$""");

        Report report = verify();

        assertThat(report.valid()).isTrue();
        assertThat(report.complete()).isTrue();
        assertThat(report.entries()).isZero();
        assertThat(report.head().orElseThrow().seq()).isEqualTo(3);
    }

    @Test
    void aChainWhoseEntriesWereDeletedDoesNot() {
        append(3);
        database.execute("delete from audit_log");

        Report report = verify();

        assertThat(report.valid()).isFalse();
        assertThat(report.brokenAt()).contains(1L);
        assertThat(report.reason()).contains("missing");
    }

    @Test
    void aChainOfAMonthThatIsKeptIsFollowed() {
        append(3);

        Report report = verify();

        assertThat(report.valid()).isTrue();
        assertThat(report.entries()).isEqualTo(3);
    }
}
