package io.temponest.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.temponest.identity.Ids;
import io.temponest.identity.TenantId;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Places of streams and waits. */
class LongCallsTest {

    private static final TenantId TENANT = new Ids().nextTenant();

    private final Vertx vertx = Vertx.vertx();
    private final LongCalls calls = new LongCalls(vertx, 12);

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    private static ErrorType refusal(Throwable refused) {
        return ((ApiException) refused).error().type();
    }

    @Test
    void ofManyAtOnceATenantHasExactlyItsPart() throws InterruptedException {
        List<LongCalls.Entry> places = new ArrayList<>();
        Callable<LongCalls.Entry> admit = () -> calls.admit(TENANT, 10);
        try (ExecutorService threads = Executors.newFixedThreadPool(20)) {
            for (Future<LongCalls.Entry> tried :
                    threads.invokeAll(Stream.generate(() -> admit).limit(20).toList())) {
                if (tried.state() == Future.State.SUCCESS) {
                    places.add(tried.resultNow());
                } else {
                    assertThat(refusal(tried.exceptionNow())).isEqualTo(ErrorType.RATE_LIMIT_ERROR);
                }
            }
        }

        assertThat(places).hasSize(10);
        assertThat(calls.size()).isEqualTo(10);
        places.forEach(LongCalls.Entry::close);
        places.forEach(LongCalls.Entry::close);
        assertThat(calls.size()).isZero();
    }

    @Test
    void aPlaceThatIsLeftIsFreeForAnother() {
        LongCalls.Entry first = calls.admit(TENANT, 1);
        assertThatThrownBy(() -> calls.admit(TENANT, 1)).isInstanceOf(ApiException.class);

        first.close();

        assertThat(calls.admit(TENANT, 1)).isNotNull();
    }

    @Test
    void theProcessHasNoMorePlacesThanItMay() {
        for (int i = 0; i < 12; i++) {
            calls.admit(new Ids().nextTenant(), 1);
        }

        assertThatThrownBy(() -> calls.admit(TENANT, 1))
                .satisfies(refused -> assertThat(refusal(refused)).isEqualTo(ErrorType.OVERLOADED_ERROR));
    }

    @Test
    void allEndAndThoseThatBeginAfterwardsToo() throws Exception {
        Promise<Void> first = Promise.promise();
        Promise<Void> second = Promise.promise();
        LongCalls.Entry early = calls.admit(TENANT, 10);
        LongCalls.Entry late = calls.admit(TENANT, 10);
        early.onStop(first::complete);

        calls.stopAll();
        first.future().await(5, TimeUnit.SECONDS);
        assertThat(calls.size()).isEqualTo(1);
        late.onStop(second::complete);

        second.future().await(5, TimeUnit.SECONDS);
        assertThat(calls.size()).isZero();
    }
}
