package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.testing.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed in the middle of a delivery. */
@Tag("alone")
class WebhookSurvivalTest {

    @TempDir
    private Path folder;

    @Test
    void whatWasBeingDeliveredIsDeliveredByTheNextProcessUnderTheSameId() {
        Map<String, String> settings = new HashMap<>(TestServer.databaseSettings(TestDatabase.create()));
        settings.putAll(HookReceiver.settings());
        try (HookReceiver receiver = HookReceiver.listen()) {
            receiver.willHold();
            String secret;
            String delivery;
            HookReceiver.Got before;
            try (TempoNestProcess first = TempoNestProcess.start(folder, settings, "up");
                    ApiCaller api = TestServer.admin(first, folder)) {
                JsonNode webhook = api.post(
                                "/v1/webhooks",
                                Map.of(
                                        "name",
                                        "w",
                                        "url",
                                        receiver.url("/"),
                                        "events",
                                        List.of("run.dead"),
                                        "timeout_seconds",
                                        3))
                        .json();
                secret = webhook.path("secret").asText();
                delivery = api.post("/v1/webhooks/" + webhook.path("id").asText() + "/test", "")
                        .header("location");
                before = receiver.next();
                first.kill();
            }
            receiver.letGo();
            try (TempoNestProcess second = TempoNestProcess.start(folder, settings, "up");
                    ApiCaller api = TestServer.admin(second, folder)) {
                HookReceiver.Got after = receiver.next();
                assertThat(after.id()).isEqualTo(before.id());
                assertThat(after.body()).isEqualTo(before.body());
                assertThat(after.signedBy(secret)).isTrue();
                JsonNode ended = await().atMost(Duration.ofSeconds(20))
                        .until(
                                () -> api.get(delivery).json(),
                                it -> it.path("status").asText().equals("delivered"));
                assertThat(ended.path("tries")
                                .valueStream()
                                .map(one -> one.path("outcome").asText()))
                        .containsExactly("lost", "delivered");
            }
        }
    }
}
