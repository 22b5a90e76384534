package io.temponest.gateway.costs;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.LongCalls;
import io.temponest.identity.Permission;
import io.temponest.spend.CostBucket;
import io.temponest.spend.CostDimension;
import io.temponest.spend.CostForecast;
import io.temponest.spend.CostRange;
import io.temponest.spend.CostStore;
import io.temponest.spend.CostSummary;
import io.temponest.spend.Usd;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/** What calls to models did cost, and what they will. All times are UTC. */
public final class CostEndpoints {

    private static final String UTC = "UTC";
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration MONTH = Duration.ofDays(30);
    private static final Duration LONGEST = Duration.ofDays(1_830);
    private static final Duration LONGEST_BY_DAY = Duration.ofDays(400);
    private static final Duration LONGEST_BY_HOUR = Duration.ofDays(31);
    private static final int SHARES = 100;
    private static final int MOST_SHARES = 1_000;

    private final CostStore costs;
    private final CostRanges ranges;
    private final InstantSource clock;
    private final CostExport export;

    public CostEndpoints(CostStore costs, LongCalls calls, InstantSource clock) {
        this.costs = costs;
        this.ranges = new CostRanges(clock);
        this.clock = clock;
        this.export = new CostExport(costs, calls);
    }

    public List<Endpoint> all() {
        return List.of(
                get("/v1/costs/summary", this::summary).with(CostRanges.PARAMETERS),
                get("/v1/costs/daily", this::daily).with(CostRanges.PARAMETERS),
                get("/v1/costs/hourly", this::hourly).with(CostRanges.PARAMETERS),
                by("agent", CostDimension.AGENT),
                by("project", CostDimension.PROJECT),
                by("user", CostDimension.USER),
                by("key", CostDimension.KEY),
                by("model", CostDimension.MODEL),
                by("provider", CostDimension.PROVIDER),
                get("/v1/costs/forecast", this::forecast),
                get("/v1/costs/export", this::export).with(Set.of("from", "to", "format")));
    }

    private static Endpoint get(String path, Endpoint.Handler handler) {
        return Endpoint.get(path, Access.needs(Permission.COSTS_READ), handler);
    }

    private Endpoint by(String name, CostDimension dimension) {
        return get("/v1/costs/by-" + name, call -> by(call, dimension)).with(Set.of("from", "to", "limit"));
    }

    private record SummaryView(
            String object,
            Instant from,
            Instant to,
            String timezone,
            @JsonUnwrapped TotalsView totals,
            List<ShareView> byModel,
            List<ShareView> byAgent) {

        static SummaryView of(CostRange range, CostSummary summary) {
            return new SummaryView(
                    "cost_summary",
                    range.from(),
                    range.to(),
                    UTC,
                    TotalsView.of(summary.totals()),
                    ShareView.of(CostDimension.MODEL, summary.byModel()),
                    ShareView.of(CostDimension.AGENT, summary.byAgent()));
        }
    }

    private Future<Answer> summary(Call call) {
        CostRange range = ranges.read(call.query(), MONTH, LONGEST);
        return costs.summary(call.tenant(), range, SHARES).map(summary -> Answer.ok(SummaryView.of(range, summary)));
    }

    private record BucketView(Instant start, @JsonUnwrapped TotalsView totals) {}

    /** @param interval {@code hour} or {@code day} */
    private record SeriesView(
            String object, String interval, Instant from, Instant to, String timezone, List<BucketView> data) {

        static SeriesView of(String interval, CostRange range, List<CostBucket> buckets) {
            return new SeriesView(
                    "cost_series",
                    interval,
                    range.from(),
                    range.to(),
                    UTC,
                    buckets.stream()
                            .map(bucket -> new BucketView(bucket.start(), TotalsView.of(bucket.totals())))
                            .toList());
        }
    }

    private Future<Answer> daily(Call call) {
        CostRange range = ranges.read(call.query(), MONTH, LONGEST_BY_DAY);
        return costs.daily(call.tenant(), range).map(buckets -> Answer.ok(SeriesView.of("day", range, buckets)));
    }

    private Future<Answer> hourly(Call call) {
        CostRange range = ranges.read(call.query(), DAY, LONGEST_BY_HOUR);
        return costs.hourly(call.tenant(), range).map(buckets -> Answer.ok(SeriesView.of("hour", range, buckets)));
    }

    private record SharesView(String object, Instant from, Instant to, String timezone, List<ShareView> data) {}

    private Future<Answer> by(Call call, CostDimension dimension) {
        CostRange range = ranges.read(call.query(), MONTH, LONGEST);
        long limit = call.query().number("limit", 1, MOST_SHARES).orElse((long) SHARES);
        return costs.by(call.tenant(), dimension, range, (int) limit)
                .map(shares -> Answer.ok(
                        new SharesView("cost_shares", range.from(), range.to(), UTC, ShareView.of(dimension, shares))));
    }

    private record ForecastView(
            String object,
            Instant monthStart,
            Instant monthEnd,
            String timezone,
            Usd spentUsd,
            Usd hourlyUsd,
            Usd projectedUsd) {

        static ForecastView of(CostForecast forecast) {
            return new ForecastView(
                    "cost_forecast",
                    forecast.monthStart(),
                    forecast.monthEnd(),
                    UTC,
                    forecast.spent(),
                    forecast.hourly(),
                    forecast.projected());
        }
    }

    private Future<Answer> forecast(Call call) {
        return costs.forecast(call.tenant(), clock.instant()).map(forecast -> Answer.ok(ForecastView.of(forecast)));
    }

    private Future<Answer> export(Call call) {
        CostRange range = ranges.read(call.query(), MONTH, LONGEST);
        ExportFormat format = call.query()
                .choice("format", ExportFormat.NAMES)
                .map(ExportFormat::of)
                .orElse(ExportFormat.CSV);
        return export.start(call, range, format);
    }
}
