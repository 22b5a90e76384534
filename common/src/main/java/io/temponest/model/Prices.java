package io.temponest.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What models cost, each price from a date on. The table is a JSON array of {@code {"model":"provider/model","from":"2025-01-01",
 * "input":"2.50","cached_input":"1.25","output":"10.00"}}; a model {@code provider/*} stands for all that are not named. A
 * tenant's own prices come before those of the table for the same name.
 */
public final class Prices {

    private static final long DAY_S = 86_400;

    private final Map<String, List<Price>> own;
    private final Map<String, List<Price>> table;

    private Prices(Map<String, List<Price>> own, Map<String, List<Price>> table) {
        this.own = own;
        this.table = table;
    }

    /** By name, the latest first. */
    private static Map<String, List<Price>> byModel(Collection<Price> prices) {
        return prices.stream()
                .sorted(Comparator.comparing(Price::from).reversed())
                .collect(Collectors.groupingBy(Price::model, Collectors.toUnmodifiableList()));
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
    public static Prices parse(byte[] json) {
        List<Price> prices = new ArrayList<>();
        for (JsonNode row : rows(json)) {
            prices.add(new Price(
                    text(row, "model"),
                    date(row),
                    amount(row, "input"),
                    amount(row, "cached_input"),
                    amount(row, "output")));
        }
        return new Prices(Map.of(), byModel(prices));
    }

    private static JsonNode rows(byte[] json) {
        try {
            JsonNode rows = Json.read(json, JsonNode.class);
            if (rows.isArray()) {
                return rows;
            }
        } catch (UncheckedIOException e) {
            throw new IllegalArgumentException("is not a JSON array of prices", e);
        }
        throw new IllegalArgumentException("is not a JSON array of prices");
    }

    private static LocalDate date(JsonNode row) {
        try {
            return LocalDate.parse(text(row, "from"));
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("a price has no date such as 2026-01-31 in 'from': " + row, e);
        }
    }

    private static String text(JsonNode row, String field) {
        if (!row.path(field).isTextual()) {
            throw new IllegalArgumentException("a price has no '" + field + "': " + row);
        }
        return row.path(field).textValue();
    }

    private static BigDecimal amount(JsonNode row, String field) {
        try {
            BigDecimal amount = new BigDecimal(text(row, field));
            if (amount.signum() >= 0) {
                return amount;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("a price has no number in '" + field + "': " + row, e);
        }
        throw new IllegalArgumentException("a price is negative: " + row);
    }

    /** This table with a tenant's own prices before it. */
    public Prices with(Collection<Price> ofTenant) {
        return ofTenant.isEmpty() ? this : new Prices(byModel(ofTenant), table);
    }

    /** All prices of the table, of any time. */
    public List<Price> table() {
        return table.values().stream().flatMap(List::stream).toList();
    }

    /** What a call of that moment costs; empty where no price is known. */
    public Optional<Price> find(ModelName model, Instant at) {
        LocalDate day = LocalDate.ofEpochDay(Math.floorDiv(at.getEpochSecond(), DAY_S));
        return find(model.toString(), day).or(() -> find(model.provider() + "/*", day));
    }

    private Optional<Price> find(String model, LocalDate day) {
        return find(own, model, day).or(() -> find(table, model, day));
    }

    private static Optional<Price> find(Map<String, List<Price>> prices, String model, LocalDate day) {
        for (Price price : prices.getOrDefault(model, List.of())) {
            if (!price.from().isAfter(day)) {
                return Optional.of(price);
            }
        }
        return Optional.empty();
    }
}
