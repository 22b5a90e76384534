package io.temponest.gateway.http;

import io.temponest.gateway.limit.Usage;
import io.vertx.core.MultiMap;
import java.time.Duration;

/** What answers say of limits: the draft standard's {@code RateLimit-*}, and the headers that clients of OpenAI's API read. */
final class RateHeaders {

    private RateHeaders() {}

    /** @param counted {@code requests} or {@code tokens} */
    static void put(MultiMap headers, String counted, Usage usage) {
        String limit = Integer.toString(usage.quota().limit());
        String remaining = Integer.toString(usage.remaining());
        headers.set("x-ratelimit-limit-" + counted, limit)
                .set("x-ratelimit-remaining-" + counted, remaining)
                .set("x-ratelimit-reset-" + counted, span(usage.reset()));
        if (counted.equals("requests")) {
            headers.set("ratelimit-limit", limit)
                    .set("ratelimit-remaining", remaining)
                    .set("ratelimit-reset", Long.toString(seconds(usage.reset())));
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
