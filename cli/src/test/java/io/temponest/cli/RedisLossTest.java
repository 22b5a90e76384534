package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temponest.cli.ApiCaller.Answer;
import io.temponest.testing.TestRedis;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server whose Redis is killed, hangs, and comes back. */
@Tag("alone")
class RedisLossTest {

    private static final Map<String, String> WRONG = Map.of("email", "nobody@example.com", "password", "wrong");

    /** A call's own deadline, the look-up behind it, and a slow machine. */
    private static final Duration AT_ONCE = Duration.ofSeconds(1);

    @TempDir
    private Path folder;

    private static Answer prompt(Supplier<Answer> call) {
        long began = System.nanoTime();
        Answer answer = call.get();
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .as(answer.text())
                .isLessThan(AT_ONCE);
        return answer;
    }

    private static String redis(ApiCaller api) {
        return api.get("/health").json().at("/services/redis/status").asText();
    }

    private static void closedButReadable(ApiCaller api, ApiCaller anyone) {
        Answer login = prompt(() -> anyone.post("/v1/auth/login", WRONG));
        assertThat(login.status()).isEqualTo(503);
        assertThat(login.error("type")).isEqualTo("overloaded_error");
        assertThat(login.error("code")).isEqualTo("limits_unavailable");
        assertThat(login.headers().get("retry-after")).isEqualTo(List.of("1"));
        Answer run = prompt(() -> api.post("/v1/agents/developer/runs", Map.of("input", "Hello")));
        assertThat(run.status()).isEqualTo(503);
        for (int i = 0; i < 20; i++) {
            assertThat(prompt(() -> api.get("/v1/projects")).status()).isEqualTo(200);
        }
        assertThat(redis(api)).isEqualTo("away");
    }

    private static void openAgain(ApiCaller anyone) {
        await().atMost(Duration.ofSeconds(2))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> anyone.post("/v1/auth/login", WRONG).status() == 401);
    }

    @Test
    void signInFailsClosedReadsGoOnNothingHangsAndAllIsWellWithinTwoSecondsOfItsReturn() {
        try (TestRedis redis = TestRedis.start();
                TestServer server = TestServer.start(folder, Map.of("TEMPONEST_REDIS_URL", redis.text()));
                ApiCaller anyone = server.admin().as("")) {
            ApiCaller api = server.admin();
            assertThat(anyone.post("/v1/auth/login", WRONG).status()).isEqualTo(401);
            assertThat(api.get("/v1/projects").status()).isEqualTo(200);
            assertThat(redis(api)).isEqualTo("ok");

            redis.kill();
            closedButReadable(api, anyone);
            redis.restart();
            openAgain(anyone);

            redis.freeze();
            prompt(() -> api.get("/v1/projects"));
            await().atMost(Duration.ofSeconds(2)).until(() -> redis(api).equals("away"));
            closedButReadable(api, anyone);
            redis.thaw();
            openAgain(anyone);
            assertThat(redis(api)).isEqualTo("ok");
            assertThat(server.process().ops("/metrics"))
                    .contains("temponest_redis_up 1", "temponest_redis_losses_total 2");
        }
    }

    @Test
    void aServerWithoutRedisSaysSo() {
        try (TestServer server = TestServer.start(folder)) {
            assertThat(redis(server.admin())).isEqualTo("off");
        }
    }
}
