package io.temponest.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temponest.error.ApiException;
import io.temponest.identity.Sha256;
import io.temponest.identity.TenantId;
import io.temponest.store.EnginePostgres;
import io.temponest.store.Postgres;
import io.temponest.testing.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Tuple;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Keys of requests and the answers that are kept for them. */
class IdempotencyStoreTest {

    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final Vertx VERTX = Vertx.vertx();
    private static final Postgres POSTGRES = DATABASE.connect(VERTX);
    private static final EnginePostgres ENGINE = DATABASE.engine(VERTX);
    private static final IdempotencyStore KEYS = new IdempotencyStore();
    private static final UUID SOMEONE = UUID.fromString("019aa000-0000-7000-8000-000000000001");
    private static final KeptAnswer ANSWER = new KeptAnswer(
            201,
            Map.of("location", "/v1/x", "content-type", "application/json"),
            Optional.of(Buffer.buffer("{}")),
            false);

    private final TenantId tenant = DATABASE.tenant();
    private final AtomicInteger works = new AtomicInteger();

    @AfterAll
    static void close() throws TimeoutException {
        await(ENGINE.close());
        await(POSTGRES.close());
        await(VERTX.close());
    }

    private static RepeatableRequest request(String key, String body) {
        return new RepeatableRequest(SOMEONE, key, Buffer.buffer(Sha256.of(body)));
    }

    /** Handles a request as the gateway does. @return what was kept; empty when it is new */
    private Future<Optional<KeptAnswer>> handle(TenantId of, RepeatableRequest request, Future<Void> work) {
        return POSTGRES.inTenant(
                of,
                sql -> KEYS.take(sql, request).compose(kept -> {
                    if (kept.isPresent()) {
                        return Future.succeededFuture(kept);
                    }
                    works.incrementAndGet();
                    return work.compose(done -> KEYS.keep(sql, request, ANSWER)).map(Optional.empty());
                }));
    }

    private static Future<Void> done() {
        return Future.succeededFuture();
    }

    @Test
    void theAnswerIsKeptForTheSameRequest() throws TimeoutException {
        assertThat(await(handle(tenant, request("k", "a"), done()))).isEmpty();
        assertThat(await(handle(tenant, request("k", "a"), done()))).contains(ANSWER);
        assertThat(works).hasValue(1);
    }

    @Test
    void anotherRequestWithTheKeyIsUnprocessable() throws TimeoutException {
        await(handle(tenant, request("k", "a"), done()));

        assertThatThrownBy(() -> await(handle(tenant, request("k", "b"), done())))
                .isInstanceOfSatisfying(ApiException.class, failure -> {
                    assertThat(failure.error().code()).isEqualTo("idempotency_key_reused");
                    assertThat(failure.error().type().status()).isEqualTo(422);
                });
    }

    @Test
    void anotherTenantAndAnotherPrincipalHaveKeysOfTheirOwn() throws TimeoutException {
        await(handle(tenant, request("k", "a"), done()));

        assertThat(await(handle(DATABASE.tenant(), request("k", "b"), done()))).isEmpty();
        assertThat(await(handle(
                        tenant, new RepeatableRequest(UUID.randomUUID(), "k", Buffer.buffer(Sha256.of("c"))), done())))
                .isEmpty();
    }

    @Test
    void aRequestThatFailedLeavesItsKeyFree() throws TimeoutException {
        Future<Optional<KeptAnswer>> failed = handle(tenant, request("k", "a"), Future.failedFuture("no"));
        assertThatThrownBy(() -> await(failed)).hasMessageContaining("no");

        assertThat(await(handle(tenant, request("k", "b"), done()))).isEmpty();
    }

    @Test
    void aDuplicateWaitsForTheFirstAndGetsItsAnswer() throws TimeoutException {
        Promise<Void> work = Promise.promise();
        Future<Optional<KeptAnswer>> first = handle(tenant, request("k", "a"), work.future());
        awaitWorks(1);
        Future<Optional<KeptAnswer>> second = handle(tenant, request("k", "a"), done());
        DATABASE.awaitLockWait();
        work.complete();

        assertThat(await(first)).isEmpty();
        assertThat(await(second)).contains(ANSWER);
        assertThat(works).hasValue(1);
    }

    @Test
    void aDuplicateOfARequestThatTakesLongIsAConflictThatPasses() throws TimeoutException {
        Promise<Void> work = Promise.promise();
        Future<Optional<KeptAnswer>> first = handle(tenant, request("k", "a"), work.future());
        awaitWorks(1);

        assertThatThrownBy(() -> await(handle(tenant, request("k", "a"), done())))
                .isInstanceOfSatisfying(ApiException.class, failure -> {
                    assertThat(failure.error().code()).isEqualTo("idempotency_in_progress");
                    assertThat(failure.error().type().status()).isEqualTo(409);
                });
        work.complete();
        assertThat(await(first)).isEmpty();
        assertThat(await(handle(tenant, request("k", "a"), done()))).contains(ANSWER);
    }

    @Test
    void onlyTheKeyIsWaitedForAShortTime() throws TimeoutException {
        Future<String> limit = POSTGRES.inTenant(
                tenant,
                sql -> KEYS.take(sql, request("k", "a"))
                        .compose(taken -> sql.query("show lock_timeout").execute())
                        .map(rows -> rows.iterator().next().getString(0)));

        assertThat(await(limit)).isEqualTo("0");
    }

    @Test
    void afterADayTheKeyIsNewAgain() throws TimeoutException {
        await(handle(tenant, request("k", "a"), done()));
        DATABASE.execute(
                "update idempotency_keys set created_at = now() - interval '25 hours' where tenant_id = ?",
                tenant.uuid());

        assertThat(await(handle(tenant, request("k", "b"), done()))).isEmpty();
        assertThat(await(handle(tenant, request("k", "b"), done()))).contains(ANSWER);
    }

    @Test
    void theEngineSeesAndDeletesTheOldOnesAloneAndReadsNoAnswer() throws TimeoutException {
        await(handle(tenant, request("new", "a"), done()));
        await(handle(tenant, request("old", "a"), done()));
        DATABASE.execute("update idempotency_keys set created_at = now() - interval '25 hours' where key = 'old'");

        assertThatThrownBy(() -> await(ENGINE.query("select body from idempotency_keys", Tuple.tuple())))
                .hasMessageContaining("permission denied");
        assertThat(await(ENGINE.query("delete from idempotency_keys where key in ('old', 'new')", Tuple.tuple()))
                        .rowCount())
                .isEqualTo(1);
        assertThat(await(handle(tenant, request("new", "a"), done()))).contains(ANSWER);
    }

    private void awaitWorks(int count) {
        org.awaitility.Awaitility.await().until(() -> works.get() == count);
    }

    private static <T> T await(Future<T> future) throws TimeoutException {
        return future.await(20, TimeUnit.SECONDS);
    }
}
