package io.temponest.gateway.http;

import io.temponest.gateway.limit.Usage;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.Locale;

/** What answers say of limits: the draft standard's {@code RateLimit-*}, and the headers that clients of OpenAI's API read. */
final class RateHeaders {

    private static final CharSequence LIMIT = HttpHeaders.createOptimized("ratelimit-limit");
    private static final CharSequence REMAINING = HttpHeaders.createOptimized("ratelimit-remaining");
    private static final CharSequence RESET = HttpHeaders.createOptimized("ratelimit-reset");

    private RateHeaders() {}

    /** What is counted. */
    enum Counted {
        REQUESTS,
        TOKENS;

        private final CharSequence limit = named("limit");
        private final CharSequence remaining = named("remaining");
        private final CharSequence reset = named("reset");

        private CharSequence named(String part) {
            return HttpHeaders.createOptimized("x-ratelimit-" + part + "-" + name().toLowerCase(Locale.ROOT));
        }
    }

    static void put(MultiMap headers, Counted counted, Usage usage) {
        String limit = Integer.toString(usage.quota().limit());
        String remaining = Integer.toString(usage.remaining());
        headers.set(counted.limit, limit).set(counted.remaining, remaining).set(counted.reset, span(usage.reset()));
        if (counted == Counted.REQUESTS) {
            headers.set(LIMIT, limit).set(REMAINING, remaining).set(RESET, Long.toString(seconds(usage.reset())));
        }
    }

    static void retryAfter(MultiMap headers, Duration after) {
        headers.set("retry-after", Long.toString(Math.max(1, seconds(after))))
                .set("retry-after-ms", Long.toString(Math.max(1, after.toMillis())));
    }

    private static long seconds(Duration span) {
        return Math.ceilDiv(span.toMillis(), 1_000);
    }

    /** As OpenAI writes it: {@code 120ms}, {@code 1s}, {@code 6m0s}, {@code 1h2m3s}; whole seconds, rounded up, from one on. */
    static String span(Duration span) {
        long millis = span.toMillis();
        if (millis < 1_000) {
            return millis + "ms";
        }
        Duration whole = Duration.ofSeconds(seconds(span));
        String text = whole.toSecondsPart() + "s";
        if (whole.toMinutes() > 0) {
            text = whole.toMinutesPart() + "m" + text;
        }
        return whole.toHours() > 0 ? whole.toHours() + "h" + text : text;
    }
}
