package io.temponest.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temponest.spend.Usage;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PricesTest {

    private static final Instant NOW = Instant.parse("2026-11-24T00:00:00Z");

    @Test
    void cachedTokensCostTheirOwnPriceAndAreNotPaidTwice() {
        Usage usage = new Usage(1_000, 400, 50, false);

        // 600 at 2.50, 400 at 1.25 and 50 at 10.00 a million
        assertThat(cost(Prices.builtIn(), "openai/gpt-4o", usage, NOW)).contains(new BigDecimal("0.00250000"));
    }

    @Test
    void whatIsFreeIsKnownToBeFreeAndWhatIsUnknownIsNot() {
        Usage usage = new Usage(1_000, 0, 1_000, false);

        assertThat(cost(Prices.builtIn(), "temponest/extractive", usage, NOW)).contains(new BigDecimal("0.00000000"));
        assertThat(cost(Prices.builtIn(), "unheard/of", usage, NOW)).isEmpty();
    }

    @Test
    void aPriceCountsFromItsDateOn() {
        Prices prices = prices("""
                [{"model":"a/b","from":"2026-01-01","input":"1","cached_input":"1","output":"1"},
                 {"model":"a/b","from":"2026-07-01","input":"2","cached_input":"2","output":"2"},
                 {"model":"a/*","from":"2025-01-01","input":"9","cached_input":"9","output":"9"}]""");
        Usage million = new Usage(1_000_000, 0, 0, false);

        assertThat(cost(prices, "a/b", million, Instant.parse("2026-06-30T23:59:59Z")))
                .contains(new BigDecimal("1.00000000"));
        assertThat(cost(prices, "a/b", million, Instant.parse("2026-07-01T00:00:00Z")))
                .contains(new BigDecimal("2.00000000"));
        assertThat(cost(prices, "a/b", million, Instant.parse("2025-06-01T00:00:00Z")))
                .contains(new BigDecimal("9.00000000"));
        assertThat(cost(prices, "a/b", million, Instant.parse("2024-06-01T00:00:00Z")))
                .isEmpty();
    }

    @Test
    void whatIsWrittenToACacheCostsAQuarterMoreUnlessTheTableSaysOtherwise() {
        Prices prices = prices("""
                [{"model":"a/b","from":"2026-01-01","input":"1","cached_input":"0","output":"0"},
                 {"model":"a/c","from":"2026-01-01","input":"1","cached_input":"0","cache_write":"2","output":"0"}]""");
        Usage usage = new Usage(3_000_000, 1_000_000, 0, false);

        assertThat(prices.find(ModelName.parse("a/b"), NOW).orElseThrow().cost(usage, 1_000_000))
                .isEqualByComparingTo("2.25");
        assertThat(prices.find(ModelName.parse("a/c"), NOW).orElseThrow().cost(usage, 1_000_000))
                .isEqualByComparingTo("3");
        assertThat(prices.find(ModelName.parse("a/c"), NOW).orElseThrow().cost(usage))
                .isEqualByComparingTo("2");
    }

    @Test
    void otherSpellingsOfAModelHaveItsPrice() {
        Prices prices = prices("""
                [{"model":"a/gpt-4o","from":"2026-01-01","input":"1","cached_input":"1","output":"1"},
                 {"model":"a/gpt-4o-2024-05-13","from":"2026-01-01","input":"2","cached_input":"1","output":"1"},
                 {"model":"a/Llama-3","from":"2026-01-01","input":"3","cached_input":"1","output":"1"},
                 {"model":"a/*","from":"2025-01-01","input":"9","cached_input":"9","output":"9"}]""");

        assertThat(input(prices, "a/gpt-4o")).isEqualTo("1");
        assertThat(input(prices, "a/gpt-4o-2024-08-06")).isEqualTo("1");
        assertThat(input(prices, "a/gpt-4o-20240806")).isEqualTo("1");
        assertThat(input(prices, "a/gpt-4o@20240806")).isEqualTo("1");
        assertThat(input(prices, "a/gpt-4o-0806")).isEqualTo("1");
        assertThat(input(prices, "a/gpt-4o-latest")).isEqualTo("1");
        assertThat(input(prices, "a/GPT-4o")).isEqualTo("1");
        assertThat(input(prices, "a/GPT-4O-2024-08-06")).isEqualTo("1");
        assertThat(input(prices, "a/gpt-4o-2024-05-13"))
                .as("what is named is meant")
                .isEqualTo("2");
        assertThat(input(prices, "a/GPT-4o-2024-05-13")).isEqualTo("2");
        assertThat(input(prices, "a/llama-3")).isEqualTo("3");
        assertThat(input(prices, "a/gpt-4o-mini-2024-07-18"))
                .as("it is another model")
                .isEqualTo("9");
        assertThat(input(prices, "a/gpt-4o-9999")).as("it is no date").isEqualTo("9");
        assertThat(input(Prices.builtIn(), "openai/gpt-4o-2024-08-06")).isEqualTo("2.50");
    }

    @Test
    void aTenantsPriceOfTheBaseNameCountsForItsDates() {
        Prices own = prices("""
                [{"model":"a/b","from":"2026-01-01","input":"1","cached_input":"1","output":"1"}]""").with(List.of(price("a/b", "2026-07-01", "0.5")));

        assertThat(input(own, "a/b-2026-08-06")).isEqualTo("0.5");
    }

    private static String input(Prices prices, String model) {
        return prices.find(ModelName.parse(model), NOW).orElseThrow().input().toPlainString();
    }

    @Test
    void aTenantsPriceComesBeforeTheTablesForTheSameNameFromItsDateOn() {
        Prices table = prices("""
                [{"model":"a/b","from":"2026-01-01","input":"1","cached_input":"1","output":"1"},
                 {"model":"a/b","from":"2026-10-01","input":"2","cached_input":"2","output":"2"},
                 {"model":"a/*","from":"2025-01-01","input":"9","cached_input":"9","output":"9"}]""");
        Prices own = table.with(List.of(price("a/b", "2026-07-01", "0.5"), price("a/*", "2026-07-01", "7")));
        Usage million = new Usage(1_000_000, 0, 0, false);

        assertThat(cost(own, "a/b", million, Instant.parse("2026-06-30T00:00:00Z")))
                .contains(new BigDecimal("1.00000000"));
        assertThat(cost(own, "a/b", million, NOW)).contains(new BigDecimal("0.50000000"));
        assertThat(cost(own, "a/c", million, NOW)).contains(new BigDecimal("7.00000000"));
        assertThat(cost(table.with(List.of(price("a/*", "2026-07-01", "7"))), "a/b", million, NOW))
                .as("a name counts more than all that are not named")
                .contains(new BigDecimal("2.00000000"));
        assertThat(cost(table, "a/b", million, NOW)).contains(new BigDecimal("2.00000000"));
    }

    private static Price price(String model, String from, String amount) {
        BigDecimal all = new BigDecimal(amount);
        return new Price(model, LocalDate.parse(from), all, all, all);
    }

    private static Optional<BigDecimal> cost(Prices prices, String model, Usage usage, Instant at) {
        return prices.find(ModelName.parse(model), at).map(price -> price.cost(usage));
    }

    @Test
    void aTableThatIsWrongSaysWhere() {
        assertThatThrownBy(
                        () -> prices(
                                "[{\"model\":\"a/b\",\"from\":\"2026-01-01\",\"input\":\"-1\",\"cached_input\":\"1\",\"output\":\"1\"}]"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("negative");
        assertThatThrownBy(() -> prices("{"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("is not a JSON array of prices");
        assertThatThrownBy(() -> prices("[{\"model\":\"a/b\",\"from\":\"soon\"}]"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a price has no date such as 2026-01-31 in 'from'");
    }

    private static Prices prices(String json) {
        return Prices.parse(json.getBytes(StandardCharsets.UTF_8));
    }
}
