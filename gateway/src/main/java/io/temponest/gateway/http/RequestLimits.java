package io.temponest.gateway.http;

import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.temponest.gateway.auth.Attempt;
import io.temponest.gateway.http.RateHeaders.Counted;
import io.temponest.gateway.limit.KeySlots;
import io.temponest.gateway.limit.Limits;
import io.temponest.gateway.limit.PlanRules;
import io.temponest.gateway.limit.RouteClass;
import io.temponest.gateway.limit.Verdict;
import io.temponest.identity.Principal;
import io.temponest.identity.TypeId;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.Optional;

/** Holds requests to their limits, and tells clients of them in headers. */
public final class RequestLimits {

    /** Bytes of a body that are taken for a model token before anything is counted. */
    private static final int BYTES_PER_TOKEN = 4;

    private static final PlanRules NO_PLAN = new PlanRules(1, Map.of(), Map.of());

    private final Limits limits;
    private final KeySlots slots = new KeySlots();
    private final TrustedProxies proxies;

    public RequestLimits(Limits limits, TrustedProxies proxies) {
        this.limits = limits;
        this.proxies = proxies;
    }

    /** A request that was let in, as far as its limits go. */
    record Admission(RouteClass kind, Client client, PlanRules plan) {}

    /** The attempt of a request to get in. */
    Entrant entrant(RoutingContext context) {
        return new Entrant(context);
    }

    /**
     * Whoever is not known yet: an address has only so many attempts, of which each counts that is refused or is being looked
     * up. Lives as long as its request, on one event loop.
     */
    final class Entrant implements Attempt {

        private final RoutingContext context;
        private Optional<Limits.Attempt> begun = Optional.empty();

        private Entrant(RoutingContext context) {
            this.context = context;
        }

        @Override
        public Future<Void> begin() {
            return limits.attempt(client(context.request()).site()).map(attempt -> {
                if (!(attempt.verdict() instanceof Verdict.Within)) {
                    check(context, Counted.REQUESTS, attempt.verdict());
                }
                begun = Optional.of(attempt);
                return null;
            });
        }

        /** The same principal, or the same refusal, which is counted, or that there were too many of those. */
        Future<Principal> counted(Future<Principal> known) {
            return known.succeeded() && begun.isEmpty() ? known : known.transform(this::count);
        }

        private Future<Principal> count(AsyncResult<Principal> known) {
            if (!refused(known)) {
                begun.ifPresent(attempt -> attempt.succeeded().run());
                return known.succeeded() ? Future.succeededFuture(known.result()) : Future.failedFuture(known.cause());
            }
            Future<Void> counted = begun.isPresent() ? Future.succeededFuture() : begin();
            return counted.compose(done -> Future.failedFuture(known.cause()));
        }

        private static boolean refused(AsyncResult<Principal> known) {
            return known.cause() instanceof ApiException failure
                    && failure.error().type() == ErrorType.AUTHENTICATION_ERROR;
        }
    }

    /** Admits a request or fails with its refusal, before its body is read; fails with anything where its client has gone. */
    Future<Admission> admit(RoutingContext context, RouteClass kind, Optional<Principal> by) {
        Client client = client(context.request());
        String site = client.site();
        if (by.isEmpty()) {
            return limits.open(kind, site)
                    .map(verdict -> check(context, Counted.REQUESTS, verdict))
                    .map(done -> new Admission(kind, client, NO_PLAN));
        }
        if (Call.over(context)) {
            // It went while it was looked up who it is, and nobody would ever leave its slot.
            return Future.failedFuture("the client has gone");
        }
        enterSlot(context, by.get());
        return limits.plan(by.get())
                .compose(plan -> limits.request(kind, plan, by.get(), site)
                        .map(verdict -> check(context, Counted.REQUESTS, verdict))
                        .map(done -> new Admission(kind, client, plan)));
    }

    private Client client(HttpServerRequest request) {
        String peer = Optional.ofNullable(request.remoteAddress())
                .map(SocketAddress::hostAddress)
                .orElse("unknown");
        return new Client(
                proxies.client(peer, request.headers()), Optional.ofNullable(request.getHeader("user-agent")));
    }

    private void enterSlot(RoutingContext context, Principal by) {
        if (by.apiKey().isEmpty() || by.limits().concurrency().isEmpty()) {
            return;
        }
        TypeId key = by.apiKey().get();
        int most = by.limits().concurrency().get();
        if (!slots.enter(key, most)) {
            throw exceeded("%d requests in progress at once for this API key".formatted(most))
                    .exception();
        }
        context.addEndHandler(over -> slots.leave(key));
    }

    /** Charges the model tokens that a body seems to need; the body has been received. */
    Future<Void> tokens(RoutingContext context, Admission admission, Optional<Principal> by) {
        if (by.isEmpty()) {
            return Future.succeededFuture();
        }
        int estimate = Math.max(1, context.body().length() / BYTES_PER_TOKEN);
        return limits.tokens(admission.kind(), admission.plan(), by.get(), estimate)
                .map(verdict -> check(context, Counted.TOKENS, verdict))
                .mapEmpty();
    }

    Future<Void> account(RoutingContext context, Admission admission, String account) {
        return limits.account(admission.kind(), account)
                .map(verdict -> check(context, Counted.REQUESTS, verdict))
                .mapEmpty();
    }

    private static Verdict check(RoutingContext context, Counted counted, Verdict verdict) {
        MultiMap headers = context.response().headers();
        return switch (verdict) {
            case Verdict.Unlimited none -> none;
            case Verdict.Within within -> {
                RateHeaders.put(headers, counted, within.usage());
                yield within;
            }
            case Verdict.Exceeded(String limit, var usage, var retryAfter, boolean ever) -> {
                RateHeaders.put(headers, counted, usage);
                if (ever) {
                    RateHeaders.retryAfter(headers, retryAfter);
                } else {
                    headers.set("x-should-retry", "false");
                }
                throw exceeded(limit).exception();
            }
            case Verdict.Undecided away ->
                throw ApiError.of(
                                ErrorType.OVERLOADED_ERROR,
                                "limits_unavailable",
                                "The limits of this request cannot be checked at the moment; try again shortly.")
                        .exception();
            case Verdict.Overloaded full ->
                throw ApiError.overloaded("The number of requests that wait to be counted")
                        .exception();
        };
    }

    private static ApiError exceeded(String limit) {
        return ApiError.of(
                ErrorType.RATE_LIMIT_ERROR, "rate_limit_exceeded", "The limit of %s is reached.".formatted(limit));
    }
}
