package io.temponest.gateway.costs;

import io.temponest.identity.TypeId;
import io.temponest.model.Price;
import io.temponest.model.price.TenantPrice;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A price as clients see it.
 *
 * @param id of a tenant's own alone
 * @param source {@code table} or {@code tenant}
 * @param effectiveUntil the day before which it ends, where that is known
 */
record PriceView(
        Optional<TypeId> id,
        String object,
        String model,
        String source,
        LocalDate effectiveFrom,
        Optional<LocalDate> effectiveUntil,
        BigDecimal inputPerMillionUsd,
        BigDecimal cachedInputPerMillionUsd,
        BigDecimal cacheWritePerMillionUsd,
        BigDecimal outputPerMillionUsd) {

    private enum Source {
        TABLE,
        TENANT;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A tenant's own, by itself. */
    static PriceView of(TenantPrice own) {
        return of(Optional.of(own.id()), own.price(), Source.TENANT, Optional.empty());
    }

    private static PriceView of(Optional<TypeId> id, Price price, Source source, Optional<LocalDate> until) {
        return new PriceView(
                id,
                "price",
                price.model(),
                source.toString(),
                price.from(),
                until,
                price.input(),
                price.cachedInput(),
                price.cacheWrite(),
                price.output());
    }

    private record Row(Optional<TypeId> id, Price price, Source source) {}

    /**
     * Those that hold on a day or later, by name and day. From its first day on a tenant's own price holds, whatever the table
     * says later.
     */
    static List<PriceView> inEffect(List<Price> table, List<TenantPrice> own, LocalDate today) {
        Map<String, List<Row>> byModel = new HashMap<>();
        table.forEach(price -> add(byModel, new Row(Optional.empty(), price, Source.TABLE)));
        own.forEach(price -> add(byModel, new Row(Optional.of(price.id()), price.price(), Source.TENANT)));
        List<PriceView> views = new ArrayList<>();
        byModel.values().forEach(rows -> views.addAll(inEffect(rows, today)));
        views.sort(Comparator.comparing(PriceView::model).thenComparing(PriceView::effectiveFrom));
        return views;
    }

    private static void add(Map<String, List<Row>> byModel, Row row) {
        byModel.computeIfAbsent(row.price().model(), fresh -> new ArrayList<>()).add(row);
    }

    /** @param rows of one model */
    private static List<PriceView> inEffect(List<Row> rows, LocalDate today) {
        Optional<LocalDate> firstOwn = rows.stream()
                .filter(row -> row.source() == Source.TENANT)
                .map(row -> row.price().from())
                .min(Comparator.naturalOrder());
        List<Row> holding = rows.stream()
                .filter(row -> row.source() == Source.TENANT
                        || firstOwn.isEmpty()
                        || row.price().from().isBefore(firstOwn.get()))
                .sorted(Comparator.comparing(row -> row.price().from()))
                .toList();
        List<PriceView> views = new ArrayList<>();
        for (int i = 0; i < holding.size(); i++) {
            Row row = holding.get(i);
            Optional<LocalDate> until = i + 1 < holding.size()
                    ? Optional.of(holding.get(i + 1).price().from())
                    : Optional.empty();
            if (until.isEmpty() || until.get().isAfter(today)) {
                views.add(of(row.id(), row.price(), row.source(), until));
            }
        }
        return views;
    }
}
