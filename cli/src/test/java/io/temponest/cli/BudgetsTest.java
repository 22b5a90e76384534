package io.temponest.cli;

import static io.temponest.cli.PricedModels.CALL;
import static io.temponest.cli.PricedModels.summary;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Answer;
import io.temponest.cli.RawStream.Frame;
import io.temponest.json.Json;
import io.temponest.testing.FakeProvider.Act;
import io.temponest.testing.FakeProvider.Asked;
import java.math.BigDecimal;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Budgets over the API: what they refuse, when a change of them counts, and the alerts that they raise. */
class BudgetsTest {

    @TempDir
    private static Path folder;

    private static PricedModels models;

    @BeforeAll
    static void start() {
        models = PricedModels.start(folder);
    }

    @AfterAll
    static void stop() {
        models.close();
    }

    private static ApiCaller stranger() {
        return models.server().stranger();
    }

    private static Answer budget(ApiCaller by, String limit, boolean hard) {
        Answer made = by.post(
                "/v1/budgets", Map.of("scope", "tenant", "period", "monthly", "limit_usd", limit, "hard", hard));
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        return made;
    }

    private static Answer patched(ApiCaller by, String path, String body, String tag) {
        return by.send(
                "PATCH",
                path,
                BodyPublishers.ofString(body),
                Map.of("Content-Type", "application/json", "If-Match", tag));
    }

    private static JsonNode settled(ApiCaller of, String budget, String amount) {
        return await().atMost(Duration.ofSeconds(10))
                .until(
                        () -> of.get(budget + "/status").json(),
                        status -> status.path("settled_usd").asText().equals(amount));
    }

    @Test
    void aHardBudgetStopsCallsUntilItsLimitIsRaisedAndThenAtOnceNoMore() {
        ApiCaller someone = stranger();
        Answer made = budget(someone, "0.0102", true);
        String path = made.header("location");
        String tag = someone.get(path).header("etag");
        models.call(someone, "fake/parrot");

        Answer refused = models.tried(someone, "fake/parrot");
        assertThat(refused.status()).as(refused.text()).isEqualTo(429);
        assertThat(refused.error("code")).isEqualTo("insufficient_quota");
        assertThat(refused.error("type")).isEqualTo("rate_limit_error");
        assertThat(refused.header("x-should-retry")).isEqualTo("false");
        assertThat(refused.headers()).doesNotContainKey("retry-after");
        assertThat(models.server().provider().unseen()).as("nobody was asked").isZero();

        Answer raised = patched(someone, path, "{\"limit_usd\":\"1\"}", tag);
        assertThat(raised.status()).as(raised.text()).isEqualTo(200);
        models.call(someone, "fake/parrot");
        JsonNode status = settled(someone, path, "0.02020000");
        assertThat(status.path("limit_usd").asText()).isEqualTo("1.00000000");
        assertThat(sum(status, "settled_usd", "reserved_usd", "left_usd")).isEqualByComparingTo("1");
        assertThat(Instant.parse(status.path("period_end").asText())).isAfter(Instant.now());
        assertThat(Instant.parse(status.path("period_start").asText())).isBefore(Instant.now());

        assertThat(someone.delete(path).status()).isEqualTo(204);
        assertThat(someone.get(path).status()).isEqualTo(404);
        assertThat(someone.get("/v1/audit?resource=budget")
                        .json()
                        .path("data")
                        .valueStream()
                        .map(entry -> entry.path("action").asText()))
                .containsExactly("budget.archive", "budget.update", "budget.create");
    }

    private static BigDecimal sum(JsonNode of, String... fields) {
        return Stream.of(fields)
                .map(field -> new BigDecimal(of.path(field).asText()))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    @Test
    void aLoweredLimitRefusesTheVeryNextCall() {
        ApiCaller someone = stranger();
        Answer made = budget(someone, "5", true);
        models.call(someone, "fake/parrot");

        assertThat(patched(someone, made.header("location"), "{\"limit_usd\":\"0.001\"}", "*")
                        .status())
                .isEqualTo(200);
        assertThat(models.tried(someone, "fake/parrot").error("code")).isEqualTo("insufficient_quota");
    }

    /** What was sent until then is paid for, and stands in the ledger. */
    @Test
    void aHardBudgetStopsAStreamInTheMiddle() {
        ApiCaller someone = stranger();
        budget(someone, "0.05", true);
        List<Act> acts = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            acts.add(new Act.Say("A whole lot of words. "));
        }
        acts.add(new Act.Hold(new CompletableFuture<>()));
        models.server().provider().forget();
        models.server().provider().will(acts.toArray(Act[]::new));

        try (RawStream events = RawStream.post(
                models.server().process().url().resolve("/v1/chat/completions"),
                someone.token(),
                Json.text(PricedModels.chat("fake/parrot", true)))) {
            assertThat(events.status()).isEqualTo(200);
            List<Frame> frames = events.untilBroken();
            assertThat(frames.getFirst().data()).contains("A whole lot of words.");
            JsonNode error = Json.tree(frames.getLast().data()).path("error");
            assertThat(error.path("code").asText()).isEqualTo("insufficient_quota");
            assertThat(frames).noneMatch(frame -> frame.data().equals("[DONE]"));
        }
        Asked asked = models.server().provider().next();
        assertThat(asked.body()
                        .path("max_tokens")
                        .asInt(asked.body().path("max_completion_tokens").asInt()))
                .as("the provider was told how far it may go")
                .isBetween(20, 25);
        assertThat(asked.whenGone()).isPositive();
        JsonNode summary = summary(someone, 1);
        assertThat(summary.path("cancelled").asInt()).isEqualTo(1);
        assertThat(summary.path("output_tokens").asInt()).isBetween(25, 165);
        assertThat(new BigDecimal(summary.path("total_usd").asText())).isGreaterThan(new BigDecimal("0.05"));
        assertThat(models.tried(someone, "fake/parrot").error("code")).isEqualTo("insufficient_quota");
    }

    /** Its words are long, so that it seems to have more tokens than it was given. */
    @Test
    void anAnswerThatKeepsToItsLimitIsNotStopped() {
        ApiCaller someone = stranger();
        budget(someone, "0.05", true);
        List<Act> acts = new ArrayList<>();
        for (int i = 0; i < 22; i++) {
            acts.add(new Act.Say("seven! "));
        }
        acts.add(new Act.Finish(10, 22));
        models.server().provider().forget();
        models.server().provider().will(acts.toArray(Act[]::new));

        try (RawStream events = RawStream.post(
                models.server().process().url().resolve("/v1/chat/completions"),
                someone.token(),
                Json.text(PricedModels.chat("fake/parrot", true)))) {
            List<Frame> frames = events.rest();
            assertThat(frames).hasSize(24);
            assertThat(frames.getLast().data()).isEqualTo("[DONE]");
        }
        assertThat(summary(someone, 1).path("total_usd").asText()).isEqualTo("0.04410000");
    }

    /** Each call asks all that apply to it. */
    @Test
    void oneThingMayNotHaveBudgetsWithoutEnd() {
        ApiCaller someone = stranger();
        Map<String, Object> budget = Map.of("scope", "tenant", "period", "daily", "limit_usd", "1");
        for (int i = 0; i < 20; i++) {
            assertThat(someone.post("/v1/budgets", budget).status()).isEqualTo(201);
        }

        Answer refused = someone.post("/v1/budgets", budget);

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.error("code")).isEqualTo("too_many_budgets");
        assertThat(someone.get("/v1/budgets/count").json().path("count").asInt())
                .isEqualTo(20);
    }

    @Test
    void aRunOfAnAgentWhoseBudgetIsUsedUpFailsForThat() {
        ApiCaller someone = stranger();
        String agent = someone.post("/v1/agents", Map.of("slug", "poor", "name", "P", "instructions", "Say nothing."))
                .json()
                .path("id")
                .asText();
        Answer made = someone.post(
                "/v1/budgets", Map.of("scope", "agent", "scope_id", agent, "period", "total", "limit_usd", 0));
        assertThat(made.json().path("scope_id").asText()).isEqualTo(agent);
        assertThat(made.json().path("hard").asBoolean()).isTrue();

        String run = someone.post("/v1/agents/poor/runs", Map.of("input", "x", "model", "fake/parrot"))
                .json()
                .path("id")
                .asText();
        assertThat(TestServer.code(someone.ended(run))).isEqualTo("insufficient_quota");
        models.call(someone, "fake/parrot");
    }

    @Test
    void aSoftBudgetRaisesEachAlertOnceAndStopsNobody() {
        ApiCaller someone = stranger();
        Map<String, Object> wanted =
                new HashMap<>(Map.of("scope", "tenant", "period", "daily", "limit_usd", "0.02", "hard", false));
        wanted.put("thresholds", List.of(1, 0.5));
        String path = someone.post("/v1/budgets", wanted).header("location");
        for (int i = 0; i < 3; i++) {
            models.call(someone, "fake/parrot");
        }
        JsonNode status = settled(someone, path, "0.03030000");

        assertThat(status.path("alerts")
                        .valueStream()
                        .map(alert -> alert.path("threshold").asText()
                                + alert.path("severity").asText()))
                .containsExactly("0.5warning", "1exceeded");
        assertThat(status.path("left_usd").asText()).isEqualTo("0.00000000");
        JsonNode alerts = someone.get("/v1/alerts?acknowledged=false&order=asc").json();
        assertThat(alerts.path("data")).hasSize(2);
        assertThat(alerts.at("/data/0/settled_usd").asText()).isEqualTo(CALL);

        String alert = "/v1/alerts/" + alerts.at("/data/0/id").asText();
        JsonNode seen = someone.post(alert + "/acknowledge", "").json();
        assertThat(seen.path("acknowledged").asBoolean()).isTrue();
        assertThat(seen.at("/acknowledged_by/api_key_id").asText()).startsWith("key_");
        assertThat(someone.post(alert + "/acknowledge", "").json())
                .as("the first stays")
                .isEqualTo(seen);
        assertThat(someone.get(alert).json()).isEqualTo(seen);
        String budget = status.path("budget_id").asText();
        assertThat(ids(someone, "?acknowledged=true&budget=" + budget))
                .containsExactly(seen.path("id").asText());
        assertThat(ids(someone, "?acknowledged=false")).hasSize(1);
        assertThat(someone.get("/v1/audit?action=alert.acknowledge").json().path("data"))
                .hasSize(1);
        assertThat(ids(stranger(), "?budget=" + budget)).isEmpty();
    }

    private static List<String> ids(ApiCaller of, String query) {
        return of.get("/v1/alerts" + query)
                .json()
                .path("data")
                .valueStream()
                .map(alert -> alert.path("id").asText())
                .toList();
    }

    @Test
    void budgetsAreMadeOnceListedInPagesAndChangedByThoseWhoKnowThem() {
        ApiCaller someone = stranger();
        Map<String, String> key = Map.of("Content-Type", "application/json", "Idempotency-Key", "once");
        String body = "{\"scope\":\"tenant\",\"period\":\"weekly\",\"limit_usd\":\"12.5\"}";
        Answer first = someone.send("POST", "/v1/budgets", BodyPublishers.ofString(body), key);
        Answer again = someone.send("POST", "/v1/budgets", BodyPublishers.ofString(body), key);
        assertThat(again.json()).isEqualTo(first.json());
        budget(someone, "1", true);
        budget(someone, "2", false);

        assertThat(someone.get("/v1/budgets/count").json().path("count").asInt())
                .isEqualTo(3);
        JsonNode page = someone.get("/v1/budgets?limit=2&order=asc").json();
        assertThat(page.at("/data/0")).isEqualTo(first.json());
        assertThat(page.path("has_more").asBoolean()).isTrue();
        assertThat(someone.get("/v1/budgets?limit=2&order=asc&after="
                                + page.path("last_id").asText())
                        .json()
                        .path("data"))
                .hasSize(1);

        String path = first.header("location");
        String tag = someone.get(path).header("etag");
        assertThat(patched(someone, path, "{\"thresholds\":[0.25]}", tag).json().path("thresholds"))
                .isEqualTo(Json.tree("[0.25]"));
        assertThat(patched(someone, path, "{\"hard\":false}", tag).status()).isEqualTo(412);
        assertThat(patched(someone, path, "{}", "*").error("code")).isEqualTo("nothing_to_change");
        assertThat(patched(someone, path, "{\"scope\":\"user\"}", "*").error("param"))
                .isEqualTo("scope");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'period':'daily','limit_usd':'1'} | scope | missing_field",
                "{'scope':'planet','period':'daily','limit_usd':'1'} | scope | invalid_value",
                "{'scope':'tenant','period':'hourly','limit_usd':'1'} | period | invalid_value",
                "{'scope':'tenant','period':'daily'} | limit_usd | missing_field",
                "{'scope':'tenant','period':'daily','limit_usd':'-1'} | limit_usd | invalid_value",
                "{'scope':'tenant','period':'daily','limit_usd':1e99} | limit_usd | invalid_value",
                "{'scope':'tenant','period':'daily','limit_usd':1e2000000000} | limit_usd | invalid_value",
                "{'scope':'tenant','period':'daily','limit_usd':0.000000001} | limit_usd | invalid_value",
                "{'scope':'tenant','period':'daily','limit_usd':true} | limit_usd | invalid_value",
                "{'scope':'tenant','period':'daily','limit_usd':'1','thresholds':[0]} | thresholds | invalid_value",
                "{'scope':'tenant','period':'daily','limit_usd':'1','thresholds':[1e-99999]} | thresholds | invalid_value",
                "{'scope':'tenant','period':'daily','limit_usd':'1','thresholds':['x']} | thresholds[0] | wrong_type",
                "{'scope':'agent','period':'daily','limit_usd':'1'} | scope_id | invalid_value",
                "{'scope':'agent','scope_id':'developer','period':'daily','limit_usd':'1'} | scope_id | invalid_value",
                "{'scope':'agent','scope_id':'agt_01hx3v9v3vf6t9m0000000000a','period':'daily','limit_usd':'1'} | scope_id | agent_not_found",
                "{'scope':'key','scope_id':'key_01hx3v9v3vf6t9m0000000000a','period':'daily','limit_usd':'1'} | scope_id | api_key_not_found",
                "{'scope':'user','scope_id':'usr_01hx3v9v3vf6t9m0000000000a','period':'daily','limit_usd':'1'} | scope_id | user_not_found",
                "{'scope':'project','scope_id':'prj_01hx3v9v3vf6t9m0000000000a','period':'daily','limit_usd':'1'} | scope_id | project_not_found",
                "{'scope':'tenant','scope_id':'ten_01hx3v9v3vf6t9m0000000000a','period':'daily','limit_usd':'1'} | scope_id | invalid_value"
            })
    void aBudgetThatIsNoneIsRefusedByTheNameOfItsField(String body, String param, String code) {
        Answer answer = models.server().admin().post("/v1/budgets", body.replace('\'', '"'));

        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.error("param")).isEqualTo(param);
        assertThat(answer.error("code")).isEqualTo(code);
    }

    @Test
    void whatIsAnothersCannotBeABudgetsScope() {
        String agent = stranger()
                .post("/v1/agents", Map.of("slug", "theirs", "name", "T", "instructions", "Say nothing."))
                .json()
                .path("id")
                .asText();

        Answer answer = stranger()
                .post("/v1/budgets", Map.of("scope", "agent", "scope_id", agent, "period", "daily", "limit_usd", "1"));
        assertThat(answer.error("code")).isEqualTo("agent_not_found");
    }
}
