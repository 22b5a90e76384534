package io.temponest.account;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.identity.Ids;
import io.temponest.identity.Permission;
import io.temponest.identity.TenantId;
import io.temponest.store.Postgres;
import io.temponest.testing.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Roles that one transaction changes while another wants them. */
class RoleStoreTest {

    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final Vertx VERTX = Vertx.vertx();
    private static final Postgres POSTGRES = DATABASE.connect(VERTX);

    private final RoleStore roles = new RoleStore(new Ids());
    private final TenantId tenant = DATABASE.tenant();
    private final Promise<Void> commit = Promise.promise();
    private TenantRole clerk;

    @BeforeEach
    void makeARole() throws TimeoutException {
        clerk = get(POSTGRES.inTenant(
                tenant, sql -> roles.create(sql, "clerk", "", Set.of(Permission.RUNS_READ, Permission.AUDIT_READ))));
    }

    @AfterAll
    static void close() throws TimeoutException {
        get(POSTGRES.close());
        get(VERTX.close());
    }

    private static <T> T get(Future<T> future) throws TimeoutException {
        return future.await(20, TimeUnit.SECONDS);
    }

    /** Takes a permission from the role in a transaction that goes on until it is told to commit. */
    private Future<Void> narrow() throws TimeoutException {
        Promise<Void> changed = Promise.promise();
        Future<Void> over = POSTGRES.inTenant(
                tenant,
                sql -> roles.hold(sql, clerk.id())
                        .compose(held -> roles.update(
                                sql,
                                clerk.id(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(Set.of(Permission.RUNS_READ))))
                        .onComplete(done -> changed.complete())
                        .compose(done -> commit.future()));
        get(changed.future());
        return over;
    }

    @Test
    void whoeverGivesARoleThatIsBeingChangedGivesItAsItIsThen() throws TimeoutException {
        Future<Void> narrowed = narrow();
        Future<List<TenantRole>> found = POSTGRES.inTenant(tenant, sql -> roles.find(sql, List.of("clerk")));
        DATABASE.awaitLockWait();
        commit.complete();

        assertThat(get(found).getFirst().permissions()).containsExactly(Permission.RUNS_READ);
        get(narrowed);
    }

    @Test
    void whoeverChangesARoleThatIsBeingChangedSeesItAsItIsThen() throws TimeoutException {
        Future<Void> narrowed = narrow();
        Future<Optional<TenantRole>> held = POSTGRES.inTenant(tenant, sql -> roles.hold(sql, clerk.id()));
        DATABASE.awaitLockWait();
        commit.complete();

        assertThat(get(held).orElseThrow().permissions()).containsExactly(Permission.RUNS_READ);
        get(narrowed);
    }

    @Test
    void whoeverReadsARoleThatIsBeingChangedDoesNotWait() throws TimeoutException {
        Future<Void> narrowed = narrow();

        assertThat(get(POSTGRES.inTenant(tenant, sql -> roles.get(sql, clerk.id())))
                        .orElseThrow()
                        .permissions())
                .isEqualTo(clerk.permissions());
        commit.complete();
        get(narrowed);
    }
}
