package io.temponest.gateway.limit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Decisions by class of request, outcome, and where they were made: {@code local}, {@code lease} or {@code redis}. */
final class LimitMetrics {

    private final MeterRegistry registry;
    private final Map<Label, Counter> decisions = new ConcurrentHashMap<>();

    private record Label(RouteClass kind, String outcome, Allowance.Where where) {}

    LimitMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    void decided(RouteClass kind, Allowance allowance) {
        Label label = switch (allowance) {
            case Allowance.Granted granted -> new Label(kind, "admitted", granted.where());
            case Allowance.Refused refused -> new Label(kind, "refused", refused.where());
            case Allowance.Undecided away -> new Label(kind, "undecided", Allowance.Where.REDIS);
            case Allowance.Overloaded full -> new Label(kind, "overloaded", Allowance.Where.REDIS);
        };
        decisions.computeIfAbsent(label, this::counter).increment();
    }

    private Counter counter(Label label) {
        return Counter.builder("temponest_limit_decisions")
                .description("Decisions of single limits by class, outcome and where they were made")
                .tag("class", label.kind().toString())
                .tag("outcome", label.outcome())
                .tag("where", label.where().toString())
                .register(registry);
    }
}
