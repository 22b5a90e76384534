package io.temponest.spend;

import java.time.Instant;

/**
 * What a calendar month (UTC) will cost if it goes on as in the last seven days:
 * {@code projected = spent + hourly × hours}, where {@code hourly} is the cost of the last 168 whole hours divided by 168, or by
 * the hours since the tenant's first call where that is less, and {@code hours} are those from now to the month's end.
 *
 * @param spent in the month until now
 */
public record CostForecast(Instant monthStart, Instant monthEnd, Usd spent, Usd hourly, Usd projected) {}
