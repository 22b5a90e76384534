package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temponest.cli.ApiCaller.Answer;
import io.temponest.json.Json;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * More sign-ins at once than passwords can be checked. What holds them up is a person whose password is hashed with many times
 * the passes, whom every thread is busy with until the queue behind is full.
 */
class HashingQueueTest {

    private static final int THREADS = Runtime.getRuntime().availableProcessors();
    private static final int WAITING = 64;
    private static final Duration LONG = Duration.ofMinutes(2);

    /** Of a client, for a machine that has other things to do. */
    private static final String PATIENCE = Long.toString(LONG.toMillis());

    /** Of some other password. */
    private static final String SLOW =
            "$argon2id$v=19$m=19456,t=50,p=1$c29tZSBzYWx0IG9yIGl0$" + "bm9ib2R5J3MgcGFzc3dvcmQsIDMyIGJ5dGVzIGxvbmc";

    @TempDir
    private Path folder;

    private static List<CompletableFuture<Answer>> logins(int count, People people, String email) {
        return IntStream.range(0, count)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> login(people, email), Thread::startVirtualThread))
                .toList();
    }

    private static Answer login(People people, String email) {
        return people.anyone()
                .send(
                        "POST",
                        "/v1/auth/login",
                        BodyPublishers.ofString(Json.text(Map.of("email", email, "password", People.PASSWORD))),
                        Map.of("Content-Type", "application/json", "X-Request-Timeout-Ms", PATIENCE));
    }

    private static List<Integer> statuses(List<CompletableFuture<Answer>> logins) {
        return logins.stream()
                .map(login -> login.orTimeout(LONG.toSeconds(), java.util.concurrent.TimeUnit.SECONDS))
                .map(login -> login.join().status())
                .distinct()
                .toList();
    }

    private static void awaitPool(People people, String meter, int value) {
        String line = "%s{pool_name=\"password-hashing\",pool_type=\"worker\"} %d.0".formatted(meter, value);
        await().pollInterval(Duration.ofMillis(20))
                .atMost(LONG)
                .until(() -> people.server().process().ops("/metrics").lines().anyMatch(line::equals));
    }

    @Test
    void whoeverComesToAFullQueueIsToldToComeBackAndThoseInItAreServed() {
        try (People people = People.start(folder)) {
            String slow = People.address();
            String quick = People.address();
            people.register(slow);
            people.register(quick);
            people.server().database().execute("update users set password_hash = ? where email = ?", SLOW, slow);
            List<CompletableFuture<Answer>> busy = logins(THREADS, people, slow);
            awaitPool(people, "vertx_pool_in_use", THREADS);
            List<CompletableFuture<Answer>> waiting = logins(WAITING, people, quick);
            awaitPool(people, "vertx_pool_queue_pending", WAITING);

            for (String email : List.of(quick, "nobody@skerry.example")) {
                Answer refused = login(people, email);
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.error("type")).isEqualTo("overloaded_error");
                assertThat(refused.error("code")).isEqualTo("overloaded");
                assertThat(refused.header("retry-after")).isEqualTo("1");
                assertThat(refused.header("retry-after-ms")).isEqualTo("1000");
            }
            assertThat(people.anyone().get("/health/live").status()).isEqualTo(200);
            assertThat(busy).noneMatch(CompletableFuture::isDone);

            assertThat(statuses(busy)).containsExactly(401);
            assertThat(statuses(waiting)).containsExactly(200);
            assertThat(login(people, quick).status()).isEqualTo(200);
        }
    }
}
