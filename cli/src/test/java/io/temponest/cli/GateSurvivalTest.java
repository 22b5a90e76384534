package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.testing.FakeProvider;
import io.temponest.testing.FakeProvider.Act;
import io.temponest.testing.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Questions that are older than the processes that asked them. */
@Tag("alone")
class GateSurvivalTest {

    @TempDir
    private Path folder;

    @Test
    void anApprovalHoldsAlthoughEveryProcessWasKilledBetweenTheQuestionAndTheAnswer() {
        TestDatabase database = TestDatabase.create();
        try (FakeProvider provider = FakeProvider.start()) {
            Map<String, String> settings = new HashMap<>(provider.settings());
            settings.putAll(TestServer.databaseSettings(database));
            String run;
            JsonNode asked;
            try (TempoNestProcess first = TempoNestProcess.start(folder, settings, "up");
                    ApiCaller api = TestServer.admin(first, folder)) {
                api.post(
                        "/v1/agents",
                        Map.of(
                                "slug", "keeper",
                                "name", "Keeper",
                                "instructions", "Keep.",
                                "model", "fake/keeper",
                                "tools", List.of(Map.of("name", "knowledge_search", "risk", "medium"))));
                provider.will(
                        GateFixture.call(0, "knowledge_search", "{\"query\":\"the light\"}"), new Act.FinishSilently());
                run = api.post("/v1/agents/keeper/runs", Map.of("input", "Keep the light."))
                        .json()
                        .path("id")
                        .asText();
                String started = run;
                asked = await().atMost(Duration.ofSeconds(20))
                        .until(
                                () -> api.get("/v1/approvals?run=" + started)
                                        .json()
                                        .at("/data/0"),
                                JsonNode::isObject);
                first.kill();
            }
            provider.willSay("Kept.");
            try (TempoNestProcess second = TempoNestProcess.start(folder, settings, "up");
                    ApiCaller api = TestServer.admin(second, folder)) {
                assertThat(GateFixture.approve(api, asked).status()).isEqualTo(200);
                JsonNode ended = api.ended(run);
                assertThat(ended.path("output").asText()).as(ended.toString()).isEqualTo("Kept.");
                assertThat(ended.path("recoveries").asInt()).isZero();
                assertThat(TestServer.kinds(api, run)).containsExactly("retrieval", "llm", "gate", "tool", "llm");
            }
        }
    }
}
