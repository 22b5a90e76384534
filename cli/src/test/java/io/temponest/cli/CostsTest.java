package io.temponest.cli;

import static io.temponest.cli.PricedModels.CALL;
import static io.temponest.cli.PricedModels.summary;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Answer;
import io.temponest.identity.Kind;
import io.temponest.identity.TypeId;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What calls did cost, as the API tells it, and the prices that they are counted at. */
class CostsTest {

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

    private static BigDecimal usd(JsonNode in) {
        return new BigDecimal(in.path("total_usd").asText());
    }

    /** Whatever they are split by, and by time, the parts come to the whole. */
    @Test
    void aCallsCostsAppearInTheSumInItsHourAndInAllThatItIsOf() {
        ApiCaller admin = models.server().admin();
        models.call(admin, "fake/named");
        models.server().provider().forget();
        models.server().provider().willSay("The keeper is Marta Olsen.");
        admin.post("/v1/projects", Map.of("slug", "skerry", "name", "Skerry"));
        JsonNode started = admin.post(
                        "/v1/agents/developer/runs",
                        Map.of("input", "Who is the keeper?", "model", "fake/parrot", "project", "skerry"))
                .json();
        JsonNode run = admin.ended(started.path("id").asText());

        JsonNode summary = summary(admin, 2);

        // Ten tokens at 0.123 and five at 0.789 dollars a million, and a call of the agent.
        String named = "0.00000518";
        assertThat(run.at("/usage/cost_usd").asText()).isEqualTo(CALL);
        assertThat(summary.path("total_usd").asText()).isEqualTo("0.01010518");
        assertThat(summary.path("input_tokens").asInt()).isEqualTo(20);
        assertThat(summary.path("cached_input_tokens").asInt()).isZero();
        assertThat(summary.path("output_tokens").asInt()).isEqualTo(10);
        assertThat(summary.path("timezone").asText()).isEqualTo("UTC");
        assertThat(parts(summary.path("by_model"), "model"))
                .containsExactly("fake/parrot " + CALL, "fake/named " + named);
        assertThat(parts(summary.path("by_agent"), "agent")).containsExactly("developer " + CALL, " " + named);
        assertThat(parts(admin, "by-agent", "agent_id"))
                .containsExactly(run.path("agent_id").asText() + " " + CALL, " " + named);
        assertThat(parts(admin, "by-project", "project")).containsExactly("skerry " + CALL, " " + named);
        assertThat(parts(admin, "by-model", "model")).containsExactly("fake/parrot " + CALL, "fake/named " + named);
        assertThat(parts(admin, "by-provider", "provider")).containsExactly("fake 0.01010518");
        String me = admin.get("/v1/users").json().at("/data/0/id").asText();
        assertThat(parts(admin, "by-user", "user_id")).containsExactly(me + " 0.01010518");
        assertThat(parts(admin, "by-key", "api_key_id")).hasSize(1);
        assertThat(parts(admin, "by-model?limit=1", "model"))
                .as("the others in one")
                .containsExactly("fake/parrot " + CALL, " " + named);
        for (String series : List.of("hourly", "daily")) {
            JsonNode buckets = admin.get("/v1/costs/" + series).json();
            assertThat(buckets.path("data").valueStream().map(CostsTest::usd).reduce(BigDecimal.ZERO, BigDecimal::add))
                    .as(series)
                    .isEqualTo("0.01010518");
            assertThat(Instant.parse(buckets.at("/data/0/start").asText()))
                    .isEqualTo(Instant.parse(buckets.at("/data/0/start").asText())
                            .truncatedTo(series.equals("hourly") ? ChronoUnit.HOURS : ChronoUnit.DAYS));
        }
        JsonNode forecast = admin.get("/v1/costs/forecast").json();
        assertThat(forecast.path("spent_usd").asText()).isEqualTo("0.01010518");
        assertThat(new BigDecimal(forecast.path("projected_usd").asText())).isGreaterThanOrEqualTo(usd(summary));
        assertThat(summary(stranger(), 0).path("total_usd").asText()).isEqualTo("0.00000000");
    }

    private static List<String> parts(ApiCaller by, String how, String name) {
        return parts(by.get("/v1/costs/" + how).json().path("data"), name);
    }

    private static List<String> parts(JsonNode shares, String name) {
        return shares.valueStream()
                .map(share -> share.path(name).asText() + " "
                        + share.path("total_usd").asText())
                .toList();
    }

    @Test
    void anExportHasEveryCallOnceAndComesToTheSumToTheLastDigit() {
        ApiCaller someone = stranger();
        models.call(someone, "fake/-1+2");
        models.call(someone, "fake/named");
        String tenant = someone.get("/v1/auth/me").json().path("tenant_id").asText();
        // More than two pages of the ledger.
        models.server()
                .database()
                .execute("""
                        insert into usage_ledger (id, tenant_id, provider, model, status, input_tokens, cached_input_tokens,
                                                  output_tokens, cost_usd, latency_ms)
                        select uuid_v7_now(), ?, 'p', 'm', 'succeeded', n, 0, 1, n * 0.00000001, 3 from generate_series(1, 1203) n""", TypeId.parse(Kind.TENANT, tenant).orElseThrow().uuid());
        JsonNode summary = summary(someone, 1205);

        Answer csv = someone.get("/v1/costs/export");
        List<String> lines = List.of(csv.text().split("\r\n"));
        List<String> columns = List.of(lines.getFirst().split(","));
        List<List<String>> rows =
                lines.stream().skip(1).map(line -> List.of(line.split(",", -1))).toList();
        Function<String, List<String>> column =
                name -> rows.stream().map(row -> row.get(columns.indexOf(name))).toList();

        assertThat(csv.header("content-type")).startsWith("text/csv");
        assertThat(csv.header("content-disposition"))
                .startsWith("attachment; filename=\"costs-")
                .endsWith(".csv\"");
        assertThat(rows).hasSize(1205);
        assertThat(column.apply("id")).isSorted().doesNotHaveDuplicates();
        assertThat(sum(column.apply("cost_usd"))).isEqualTo(usd(summary));
        assertThat(column.apply("model"))
                .as("no formula")
                .contains("'-1+2", "named")
                .doesNotContain("-1+2");

        JsonNode calls = someone.get("/v1/costs/export?format=json").json().path("data");
        Set<String> ids = new HashSet<>();
        calls.forEach(call -> ids.add(call.path("id").asText()));
        assertThat(ids).hasSize(1205).containsAll(column.apply("id"));
        assertThat(sum(calls.valueStream()
                        .map(call -> call.path("cost_usd").asText())
                        .toList()))
                .isEqualTo(usd(summary));
        assertThat(calls.valueStream()
                        .filter(call -> call.path("model").asText().equals("-1+2"))
                        .count())
                .isEqualTo(1);
        assertThat(stranger().get("/v1/costs/export?format=json").json().path("data"))
                .isEmpty();
    }

    private static BigDecimal sum(List<String> amounts) {
        return amounts.stream().map(BigDecimal::new).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    @ParameterizedTest
    @CsvSource({
        "summary?from=soon, from, invalid_value",
        "summary?to=2026-13-01T00:00:00Z, to, invalid_value",
        "daily?from=1999-01-01T00:00:00Z, from, invalid_value",
        "daily?from=%2B999999999-01-01T00:00:00Z, from, invalid_value",
        "summary?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z, from, invalid_range",
        "by-model?from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z, from, invalid_range",
        "hourly?from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z, from, invalid_range",
        "daily?from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z, from, invalid_range",
        "export?from=2010-01-01T00:00:00Z&to=2026-01-01T00:00:00Z, from, invalid_range",
        "export?format=xlsx, format, invalid_value",
        "by-agent?limit=0, limit, out_of_range",
        "forecast?from=2026-01-01T00:00:00Z, from, unknown_parameter"
    })
    void aBadRangeIsRefusedByTheNameOfItsParameter(String query, String param, String code) {
        Answer answer = models.server().admin().get("/v1/costs/" + query);

        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.error("param")).isEqualTo(param);
        assertThat(answer.error("code")).isEqualTo(code);
    }

    @Test
    void aRangeIsWidenedToWholeHours() {
        JsonNode summary = models.server()
                .admin()
                .get("/v1/costs/summary?from=2026-01-01T00:59:59%2B01:00&to=2026-01-01T02:00:01Z")
                .json();

        assertThat(summary.path("from").asText()).isEqualTo("2025-12-31T23:00:00.000Z");
        assertThat(summary.path("to").asText()).isEqualTo("2026-01-01T03:00:00.000Z");
    }

    private static List<String> prices(ApiCaller of, String model) {
        return of.get("/v1/prices")
                .json()
                .path("data")
                .valueStream()
                .filter(price -> price.path("model").asText().equals(model))
                .map(price -> price.path("source").asText() + " "
                        + price.path("effective_from").asText() + " "
                        + new BigDecimal(price.path("output_per_million_usd").asText()).stripTrailingZeros())
                .toList();
    }

    @Test
    void aTenantsOwnPriceCountsForItsNextCallAndForNobodyElses() {
        ApiCaller someone = stranger();
        models.call(someone, "fake/named");
        assertThat(prices(someone, "fake/named")).containsExactly("table 2025-02-01 0.789");

        Answer made = someone.post(
                "/v1/prices",
                Map.of(
                        "model", "fake/named",
                        "effective_from", "2026-01-01",
                        "input_per_million_usd", "0",
                        "output_per_million_usd", 20));
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        assertThat(prices(someone, "fake/named")).containsExactly("tenant 2026-01-01 2E+1");
        models.call(someone, "fake/named");

        // 0.00000518, and five tokens at 20 dollars a million.
        assertThat(summary(someone, 2).path("total_usd").asText()).isEqualTo("0.00010518");
        ApiCaller another = stranger();
        models.call(another, "fake/named");
        assertThat(summary(another, 1).path("total_usd").asText()).isEqualTo("0.00000518");

        assertThat(someone.delete(made.header("location")).status()).isEqualTo(204);
        assertThat(someone.get(made.header("location")).status()).isEqualTo(404);
        models.call(someone, "fake/named");
        assertThat(summary(someone, 3).path("total_usd").asText()).isEqualTo("0.00011036");
        assertThat(someone.get("/v1/audit?resource=price")
                        .json()
                        .path("data")
                        .valueStream()
                        .map(entry -> entry.path("action").asText()))
                .containsExactly("price.delete", "price.create");
    }

    @Test
    void modelsInTheWorkersHaveTheTenantsPricesToo() {
        ApiCaller someone = stranger();
        someone.post("/v1/agents", Map.of("slug", "quoter", "name", "Q", "instructions", "Quote."));
        someone.post(
                "/v1/prices",
                Map.of("model", "temponest/*", "input_per_million_usd", "1", "output_per_million_usd", "0"));
        String run = someone.post("/v1/agents/quoter/runs", Map.of("input", "Who?", "model", "temponest/extractive"))
                .json()
                .path("id")
                .asText();
        JsonNode ended = someone.ended(run);

        JsonNode summary = summary(someone, 1);
        assertThat(usd(summary))
                .isPositive()
                .isEqualTo(new BigDecimal(ended.at("/usage/cost_usd").asText()));
    }

    @Test
    void aPriceSaysWhatWritingToACacheCosts() {
        Answer made = stranger()
                .post(
                        "/v1/prices",
                        Map.of("model", "fake/writer", "input_per_million_usd", "3", "output_per_million_usd", "15"));

        assertThat(made.status()).as(made.text()).isEqualTo(201);
        assertThat(made.json().path("cache_write_per_million_usd").asText()).isEqualTo("3.75");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'model':'gpt','input_per_million_usd':'1','output_per_million_usd':'1'} | model | model_invalid",
                "{'model':'a/*/b','input_per_million_usd':'1','output_per_million_usd':'1'} | model | model_invalid",
                "{'model':'a/b/*','input_per_million_usd':'1','output_per_million_usd':'1'} | model | model_invalid",
                "{'model':'a/b','input_per_million_usd':'-1','output_per_million_usd':'1'} | input_per_million_usd | invalid_value",
                "{'model':'a/b','input_per_million_usd':'1e3','output_per_million_usd':'1'} | input_per_million_usd | invalid_value",
                "{'model':'a/b','input_per_million_usd':'1'} | output_per_million_usd | missing_field",
                "{'model':'a/b','input_per_million_usd':'1','output_per_million_usd':'10001'} | output_per_million_usd | invalid_value",
                "{'model':'a/b','effective_from':'soon','input_per_million_usd':'1','output_per_million_usd':'1'} | effective_from | invalid_value",
                "{'model':'a/b','price':'1'} | price | unknown_field"
            })
    void aPriceThatIsNoneIsRefusedByTheNameOfItsField(String body, String param, String code) {
        Answer answer = models.server().admin().post("/v1/prices", body.replace('\'', '"'));

        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.error("param")).isEqualTo(param);
        assertThat(answer.error("code")).isEqualTo(code);
    }

    @Test
    void aPriceOfTheSameNameAndDayIsMadeOnce() {
        ApiCaller someone = stranger();
        Map<String, Object> price = Map.of(
                "model", "fake/x",
                "effective_from", "2026-01-01",
                "input_per_million_usd", "1",
                "output_per_million_usd", "1");
        assertThat(someone.post("/v1/prices", price).status()).isEqualTo(201);

        Answer again = someone.post("/v1/prices", price);
        assertThat(again.status()).isEqualTo(409);
        assertThat(again.error("code")).isEqualTo("price_exists");
        assertThat(prices(someone, "fake/x")).hasSize(1);
    }
}
