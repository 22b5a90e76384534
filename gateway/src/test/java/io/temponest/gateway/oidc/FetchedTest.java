package io.temponest.gateway.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is kept of other servers, and for how long. */
class FetchedTest {

    private static final Vertx VERTX = Vertx.vertx();

    private final List<Promise<String>> fetches = new ArrayList<>();
    private Instant now = Instant.parse("2026-11-22T00:00:00Z");
    private Fetched<String> fetched;

    @BeforeEach
    void begin() {
        fetched = new Fetched<>(VERTX, () -> now, () -> {
            Promise<String> fetch = Promise.promise();
            fetches.add(fetch);
            return fetch.future();
        });
    }

    @AfterAll
    static void stop() {
        VERTX.close().await();
    }

    private String arrives(Future<String> future, String text) {
        fetches.getLast().complete(text);
        return future.await();
    }

    @Test
    void isFetchedOnceForAllWhoAskAndAgainAfterAnHour() {
        Future<String> one = fetched.get();
        Future<String> other = fetched.get();
        assertThat(arrives(one, "a")).isEqualTo("a");
        assertThat(other.await()).isEqualTo("a");
        now = now.plus(Duration.ofMinutes(59));
        assertThat(fetched.get().await()).isEqualTo("a");
        assertThat(fetches).hasSize(1);

        now = now.plus(Duration.ofMinutes(1));
        assertThat(arrives(fetched.get(), "b")).isEqualTo("b");
        assertThat(fetches).hasSize(2);
    }

    @Test
    void whatCouldNotBeFetchedIsFetchedForTheNext() {
        Future<String> failing = fetched.get();
        fetches.getLast().fail("away");
        assertThatThrownBy(failing::await).hasMessageContaining("away");

        assertThat(arrives(fetched.get(), "a")).isEqualTo("a");
    }

    @Test
    void isRenewedAtMostOnceAMinute() {
        assertThat(arrives(fetched.get(), "a")).isEqualTo("a");
        assertThat(arrives(fetched.renewed(), "b")).isEqualTo("b");
        now = now.plus(Duration.ofSeconds(59));
        assertThat(fetched.renewed().await()).isEqualTo("b");
        assertThat(fetches).hasSize(2);

        now = now.plus(Duration.ofSeconds(1));
        assertThat(arrives(fetched.renewed(), "c")).isEqualTo("c");
        assertThat(fetched.get().await()).isEqualTo("c");
        assertThat(fetches).hasSize(3);
    }
}
