package io.temponest.gateway.limit;

import io.micrometer.core.instrument.MeterRegistry;
import io.temponest.identity.Principal;
import io.temponest.identity.Sha256;
import io.temponest.store.Redis;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides whether a request may go on. All limits that apply to it must have room; where one has none, what the others gave is
 * given back. Never hangs: while Redis is away, a class that is open goes on within this node's own windows, and any other is
 * undecided at once; where too many wait for Redis nobody goes on. Safe for use by any context.
 */
public final class Limits {

    private static final int HASH_CHARACTERS = 32;

    private final LimitsFile file;
    private final TenantPlans plans;
    private final Allowances shared;
    private final Allowances own = new MemoryAllowances(() -> System.nanoTime() / 1_000_000);
    private final LimitMetrics metrics;

    private record Check(String counted, Subject subject, LimitKey key, Quota quota) {

        String inWords() {
            return "%s for %s by %s".formatted(quota, counted, subject).replace('_', ' ');
        }
    }

    /** @param shared absent: this process counts alone */
    Limits(LimitsFile file, TenantPlans plans, Optional<Allowances> shared, MeterRegistry metrics) {
        this.file = file;
        this.plans = plans;
        this.shared = shared.orElse(own);
        this.metrics = new LimitMetrics(metrics);
    }

    /** @param redis absent: this process counts alone */
    public static Limits over(
            Vertx vertx, Optional<Redis> redis, LimitsFile file, TenantPlans plans, MeterRegistry metrics) {
        return new Limits(
                file,
                plans,
                redis.map(server -> new LeasedAllowances(vertx, new RedisWindows(server), System::nanoTime)),
                metrics);
    }

    /** What the caller's plan allows; for nobody in particular, nothing. */
    public Future<PlanRules> plan(Principal by) {
        return plans.of(by.tenant()).map(name -> file.rules().plan(name));
    }

    /** A request without credentials. */
    public Future<Verdict> open(RouteClass kind, String address) {
        return decide(kind, openCheck(kind, Subject.ADDRESS, address), 1);
    }

    /** An attempt to get in with credentials that nobody here knows. */
    public Future<Attempt> attempt(String address) {
        RouteClass kind = RouteClass.UNAUTHENTICATED;
        return ask(kind, openCheck(kind, Subject.ADDRESS, address), 1)
                .map(asked -> new Attempt(asked.verdict(), asked::giveBack));
    }

    /**
     * What the limits say to an attempt.
     *
     * @param succeeded to be called where it was somebody; not where it was refused
     */
    public record Attempt(Verdict verdict, Runnable succeeded) {}

    /**
     * The same request, once it is known which account it is about.
     *
     * @param account such as an e-mail address, in one spelling; only its digest is kept
     */
    public Future<Verdict> account(RouteClass kind, String account) {
        String digest = HexFormat.of().formatHex(Sha256.of(account)).substring(0, HASH_CHARACTERS);
        return decide(kind, openCheck(kind, Subject.ACCOUNT, digest), 1);
    }

    private List<Check> openCheck(RouteClass kind, Subject subject, String text) {
        return Optional.ofNullable(
                        file.rules().open().getOrDefault(kind, Map.of()).get(subject))
                .stream()
                .map(quota -> new Check(kind.toString(), subject, new LimitKey.Open(kind + ":" + subject, text), quota))
                .toList();
    }

    /** A request of someone who is known. */
    public Future<Verdict> request(RouteClass kind, PlanRules plan, Principal by, String address) {
        List<Check> checks = new ArrayList<>();
        plan.requests()
                .getOrDefault(kind, Map.of())
                .forEach((subject, quota) -> checks.add(check(kind.toString(), subject, quota, by, address)));
        if (kind != RouteClass.PROBE) {
            by.limits()
                    .requestsPerMinute()
                    .ifPresent(
                            most -> checks.add(check("requests", Subject.API_KEY, Quota.perMinute(most), by, address)));
        }
        return decide(kind, checks, 1);
    }

    /** The model tokens that a request of someone who is known will need, as far as one can tell before. */
    public Future<Verdict> tokens(RouteClass kind, PlanRules plan, Principal by, int amount) {
        List<Check> checks = new ArrayList<>();
        plan.tokens().forEach((subject, quota) -> checks.add(check("tokens", subject, quota, by, "")));
        by.limits()
                .tokensPerMinute()
                .ifPresent(most -> checks.add(check("key_tokens", Subject.API_KEY, Quota.perMinute(most), by, "")));
        return decide(kind, checks, amount);
    }

    private static Check check(String counted, Subject subject, Quota quota, Principal by, String address) {
        String whose = switch (subject) {
            case TENANT -> "";
            case USER -> by.user().or(by::apiKey).map(Object::toString).orElse("");
            case API_KEY -> by.apiKey().map(Object::toString).orElse("");
            case ADDRESS, ACCOUNT -> address;
        };
        return new Check(counted, subject, new LimitKey.OfTenant(by.tenant(), counted, subject, whose), quota);
    }

    private Future<Verdict> decide(RouteClass kind, List<Check> checks, int amount) {
        return ask(kind, checks, amount).map(Asked::verdict);
    }

    /** What all windows said together; they have been given back already where they did not all grant it. */
    private record Asked(Verdict verdict, List<Allowance> allowances) {

        void giveBack() {
            allowances.forEach(allowance -> {
                if (allowance instanceof Allowance.Granted granted) {
                    granted.giveBack().run();
                }
            });
        }
    }

    private Future<Asked> ask(RouteClass kind, List<Check> checks, int amount) {
        if (checks.isEmpty()) {
            return Future.succeededFuture(new Asked(new Verdict.Unlimited(), List.of()));
        }
        List<Future<Allowance>> asked = new ArrayList<>(checks.size());
        boolean decided = true;
        for (Check check : checks) {
            Future<Allowance> one = take(kind, check, amount);
            decided &= one.succeeded();
            asked.add(one);
        }
        return decided
                ? Future.succeededFuture(verdict(checks, asked, amount))
                : Future.join(asked).map(all -> verdict(checks, asked, amount));
    }

    private Future<Allowance> take(RouteClass kind, Check check, int amount) {
        Future<Allowance> taken = shared.take(check.key(), check.quota(), amount);
        // Most windows are on this node: then there is nothing to wait for.
        if (taken.succeeded() && !(taken.result() instanceof Allowance.Undecided)) {
            metrics.decided(kind, taken.result());
            return taken;
        }
        return taken.compose(allowance -> allowance instanceof Allowance.Undecided && kind.open()
                        ? own.take(check.key(), check.quota(), amount)
                        : Future.succeededFuture(allowance))
                .onSuccess(allowance -> metrics.decided(kind, allowance));
    }

    private static Asked verdict(List<Check> checks, List<Future<Allowance>> asked, int amount) {
        Verdict verdict = new Verdict.Unlimited();
        List<Allowance> allowances = new ArrayList<>(asked.size());
        for (int i = 0; i < asked.size(); i++) {
            allowances.add(asked.get(i).result());
            verdict = worse(verdict, verdict(checks.get(i), allowances.get(i), amount));
        }
        Asked all = new Asked(verdict, allowances);
        if (!(verdict instanceof Verdict.Within)) {
            all.giveBack();
        }
        return all;
    }

    private static Verdict verdict(Check check, Allowance allowance, int amount) {
        return switch (allowance) {
            case Allowance.Granted granted -> new Verdict.Within(granted.usage());
            case Allowance.Refused refused ->
                new Verdict.Exceeded(
                        check.inWords(),
                        refused.usage(),
                        refused.retryAfter(),
                        amount <= check.quota().limit());
            case Allowance.Undecided away -> new Verdict.Undecided();
            case Allowance.Overloaded full -> new Verdict.Overloaded();
        };
    }

    private static Verdict worse(Verdict one, Verdict other) {
        return switch (one) {
            case Verdict.Unlimited none -> other;
            case Verdict.Undecided away -> other instanceof Verdict.Exceeded ? other : one;
            case Verdict.Overloaded full -> other instanceof Verdict.Exceeded ? other : one;
            case Verdict.Within(Usage usage) ->
                other instanceof Verdict.Within(Usage more) && !more.tighterThan(usage) ? one : other;
            case Verdict.Exceeded exceeded ->
                other instanceof Verdict.Exceeded more && more.retryAfter().compareTo(exceeded.retryAfter()) > 0
                        ? other
                        : one;
        };
    }
}
