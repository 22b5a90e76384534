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
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What models cost, each price from a date on. The table is a JSON array of {@code {"model":"provider/model","from":"2025-01-01",
 * "input":"2.50","cached_input":"1.25","output":"10.00"}}, where {@code "cache_write"} may be said too; a model {@code
 * provider/*} stands for all that are not named. A tenant's own prices come before those of the table for the same name.
 */
public final class Prices {

    private static final long DAY_S = 86_400;

    /** How providers name a version of a model: by its date, whole or as month and day or year and month, or as the latest. */
    private static final Pattern VERSION = Pattern.compile(
            "-latest|[-@](?:20\\d{2}-\\d{2}-\\d{2}|20\\d{6}|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])|2[2-9](?:0[1-9]|1[0-2]))");

    private static final int LONGEST_VERSION = "-2026-01-31".length();

    private final Named own;
    private final Named table;

    private Prices(Named own, Named table) {
        this.own = own;
        this.table = table;
    }

    /** Prices by name, the latest first, as it is spelled and in small letters. */
    private record Named(Map<String, List<Price>> spelled, Map<String, List<Price>> small) {

        static final Named NONE = new Named(Map.of(), Map.of());

        static Named of(Collection<Price> prices) {
            return new Named(by(prices, Price::model), by(prices, price -> lower(price.model())));
        }

        private static Map<String, List<Price>> by(Collection<Price> prices, Function<Price, String> name) {
            return prices.stream()
                    .sorted(Comparator.comparing(Price::from).reversed())
                    .collect(Collectors.groupingBy(name, Collectors.toUnmodifiableList()));
        }
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
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
            prices.add(price(row));
        }
        return new Prices(Named.NONE, Named.of(prices));
    }

    private static Price price(JsonNode row) {
        Price price = new Price(
                text(row, "model"),
                date(row),
                amount(row, "input"),
                amount(row, "cached_input"),
                amount(row, "output"));
        return row.has("cache_write") ? price.writing(amount(row, "cache_write")) : price;
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
        return ofTenant.isEmpty() ? this : new Prices(Named.of(ofTenant), table);
    }

    /** All prices of the table, of any time. */
    public List<Price> table() {
        return table.spelled().values().stream().flatMap(List::stream).toList();
    }

    /**
     * What a call of that moment costs; empty where no price is known. A name that has none has the price of the same name in
     * small letters, or of the model of which it is a version.
     */
    public Optional<Price> find(ModelName model, Instant at) {
        LocalDate day = LocalDate.ofEpochDay(Math.floorDiv(at.getEpochSecond(), DAY_S));
        String name = model.toString();
        return find(Named::spelled, name, day)
                .or(() -> spelledOtherwise(lower(name), day))
                .or(() -> find(Named::spelled, model.provider() + "/*", day));
    }

    private Optional<Price> spelledOtherwise(String name, LocalDate day) {
        return find(Named::small, name, day).or(() -> base(name).flatMap(base -> find(Named::small, base, day)));
    }

    /** The name without its version; empty where it names none. */
    private static Optional<String> base(String name) {
        for (int at = Math.max(0, name.length() - LONGEST_VERSION); at < name.length(); at++) {
            boolean mark = name.charAt(at) == '-' || name.charAt(at) == '@';
            if (mark && VERSION.matcher(name).region(at, name.length()).matches()) {
                return Optional.of(name.substring(0, at));
            }
        }
        return Optional.empty();
    }

    private Optional<Price> find(Function<Named, Map<String, List<Price>>> names, String model, LocalDate day) {
        return find(names.apply(own), model, day).or(() -> find(names.apply(table), model, day));
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
