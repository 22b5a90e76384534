package io.temponest.spend;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.TemporalAdjusters;
import java.util.Locale;
import java.util.Optional;

/** How often a budget begins anew, in UTC; a week begins on Monday. The database's {@code budget_period_start} agrees. */
public enum BudgetPeriod {
    DAILY,
    WEEKLY,
    MONTHLY,
    TOTAL;

    private static final long DAY_S = 86_400;

    /** When the period of a moment began; that of {@link #TOTAL} in 1970. */
    public Instant start(Instant at) {
        LocalDate day = LocalDate.ofEpochDay(Math.floorDiv(at.getEpochSecond(), DAY_S));
        return switch (this) {
            case DAILY -> midnight(day);
            case WEEKLY -> midnight(day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY)));
            case MONTHLY -> midnight(day.withDayOfMonth(1));
            case TOTAL -> Instant.EPOCH;
        };
    }

    /** When the period that began then ends; {@link #TOTAL} does not. */
    public Optional<Instant> end(Instant start) {
        LocalDate day = LocalDate.ofEpochDay(Math.floorDiv(start.getEpochSecond(), DAY_S));
        return switch (this) {
            case DAILY -> Optional.of(midnight(day.plusDays(1)));
            case WEEKLY -> Optional.of(midnight(day.plusWeeks(1)));
            case MONTHLY -> Optional.of(midnight(day.plusMonths(1)));
            case TOTAL -> Optional.empty();
        };
    }

    private static Instant midnight(LocalDate day) {
        return Instant.ofEpochSecond(day.toEpochDay() * DAY_S);
    }

    @JsonCreator
    public static BudgetPeriod parse(String text) {
        for (BudgetPeriod period : values()) {
            if (period.toString().equals(text)) {
                return period;
            }
        }
        throw new IllegalArgumentException("period must be daily, weekly, monthly or total");
    }

    @Override
    @JsonValue
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
