package io.temponest.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PricesTest {

    private static final Instant NOW = Instant.parse("2026-11-24T00:00:00Z");

    @TempDir
    private Path folder;

    @Test
    void cachedTokensCostTheirOwnPriceAndAreNotPaidTwice() {
        Usage usage = new Usage(1_000, 400, 50, false);

        // 600 at 2.50, 400 at 1.25 and 50 at 10.00 a million
        assertThat(Prices.builtIn().cost(ModelName.parse("openai/gpt-4o"), usage, NOW))
                .contains(new BigDecimal("0.00250000"));
    }

    @Test
    void whatIsFreeIsKnownToBeFreeAndWhatIsUnknownIsNot() {
        Usage usage = new Usage(1_000, 0, 1_000, false);

        assertThat(Prices.builtIn().cost(ModelName.parse("temponest/extractive"), usage, NOW))
                .contains(new BigDecimal("0.00000000"));
        assertThat(Prices.builtIn().cost(ModelName.parse("unheard/of"), usage, NOW))
                .isEmpty();
    }

    @Test
    void aPriceCountsFromItsDateOn() throws IOException {
        Prices prices = Prices.read(Files.writeString(folder.resolve("prices.json"), """
                [{"model":"a/b","from":"2026-01-01","input":"1","cached_input":"1","output":"1"},
                 {"model":"a/b","from":"2026-07-01","input":"2","cached_input":"2","output":"2"},
                 {"model":"a/*","from":"2025-01-01","input":"9","cached_input":"9","output":"9"}]"""));
        Usage million = new Usage(1_000_000, 0, 0, false);
        ModelName model = ModelName.parse("a/b");

        assertThat(prices.cost(model, million, Instant.parse("2026-06-30T23:59:59Z")))
                .contains(new BigDecimal("1.00000000"));
        assertThat(prices.cost(model, million, Instant.parse("2026-07-01T00:00:00Z")))
                .contains(new BigDecimal("2.00000000"));
        assertThat(prices.cost(model, million, Instant.parse("2025-06-01T00:00:00Z")))
                .contains(new BigDecimal("9.00000000"));
        assertThat(prices.cost(model, million, Instant.parse("2024-06-01T00:00:00Z")))
                .isEmpty();
    }

    @Test
    void aTableThatIsWrongSaysWhere() throws IOException {
        Path file = Files.writeString(
                folder.resolve("prices.json"),
                "[{\"model\":\"a/b\",\"from\":\"2026-01-01\",\"input\":\"-1\",\"cached_input\":\"1\",\"output\":\"1\"}]");

        assertThatThrownBy(() -> Prices.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("negative");
        assertThatThrownBy(() -> Prices.read(Files.writeString(file, "{")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("prices.json");
        assertThatThrownBy(() -> Prices.read(folder.resolve("none")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none");
    }
}
