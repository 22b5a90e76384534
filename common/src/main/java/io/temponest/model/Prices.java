package io.temponest.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What models cost: US dollars per million tokens of uncached input, cached input and output, each price from a date on.
 * The table is a JSON array of {@code {"model":"provider/model","from":"2025-01-01","input":"2.50","cached_input":"1.25",
 * "output":"10.00"}}; a model {@code provider/*} stands for all that are not named.
 */
public final class Prices {

    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);
    private static final int SCALE = 8;

    private final List<Price> prices;

    private record Price(String model, LocalDate from, BigDecimal input, BigDecimal cachedInput, BigDecimal output) {}

    private Prices(List<Price> prices) {
        this.prices = prices;
    }

    /** The table that ships with this version. */
    public static Prices builtIn() {
        try (InputStream in = Objects.requireNonNull(Prices.class.getResourceAsStream("prices.json"), "prices.json")) {
            return parse(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads a table of one's own; fails with {@link IllegalArgumentException} that says what is wrong with it. */
    public static Prices read(Path file) {
        try {
            return parse(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read '" + file + "'", e);
        } catch (UncheckedIOException e) {
            throw new IllegalArgumentException("'" + file + "' is not a JSON array of prices", e);
        }
    }

    private static Prices parse(byte[] json) {
        List<Price> prices = new ArrayList<>();
        for (JsonNode row : Json.read(json, JsonNode.class)) {
            prices.add(new Price(
                    text(row, "model"),
                    LocalDate.parse(text(row, "from")),
                    amount(row, "input"),
                    amount(row, "cached_input"),
                    amount(row, "output")));
        }
        prices.sort(Comparator.comparing(Price::from).reversed());
        return new Prices(List.copyOf(prices));
    }

    private static String text(JsonNode row, String field) {
        if (!row.path(field).isTextual()) {
            throw new IllegalArgumentException("a price has no '" + field + "': " + row);
        }
        return row.path(field).textValue();
    }

    private static BigDecimal amount(JsonNode row, String field) {
        BigDecimal amount = new BigDecimal(text(row, field));
        if (amount.signum() < 0) {
            throw new IllegalArgumentException("a price is negative: " + row);
        }
        return amount;
    }

    /** The cost of a usage in US dollars, to 8 decimals, half even; empty where no price is known. */
    public Optional<BigDecimal> cost(ModelName model, Usage usage, Instant at) {
        LocalDate day = at.atZone(ZoneOffset.UTC).toLocalDate();
        return price(model.toString(), day)
                .or(() -> price(model.provider() + "/*", day))
                .map(price -> tokens(usage.inputTokens() - usage.cachedInputTokens(), price.input())
                        .add(tokens(usage.cachedInputTokens(), price.cachedInput()))
                        .add(tokens(usage.outputTokens(), price.output()))
                        .divide(MILLION, SCALE, RoundingMode.HALF_EVEN));
    }

    private Optional<Price> price(String model, LocalDate day) {
        return prices.stream()
                .filter(price -> price.model().equals(model) && !price.from().isAfter(day))
                .findFirst();
    }

    private static BigDecimal tokens(long count, BigDecimal perMillion) {
        return perMillion.multiply(BigDecimal.valueOf(count));
    }
}
