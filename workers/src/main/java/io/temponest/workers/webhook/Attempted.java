package io.temponest.workers.webhook;

import io.temponest.egress.Egress.Reply;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/**
 * How an attempt went.
 *
 * @param status of the answer, if there was one
 * @param failure why it counts for nothing; empty: it was delivered
 * @param response the answer's first characters
 * @param retryAfter how long the receiver wants to be left alone
 */
record Attempted(
        Optional<Integer> status, Optional<String> failure, Optional<String> response, Optional<Duration> retryAfter) {

    private static final int GONE = 410;

    /** Whoever gets it says so with any status of success; a redirect is none, for it is not followed. */
    static Attempted of(Reply reply, Instant now) {
        boolean taken = reply.status() / 100 == 2;
        return new Attempted(
                Optional.of(reply.status()),
                taken ? Optional.empty() : Optional.of("answered " + reply.status()),
                Optional.of(reply.body().toString().replace("\u0000", "")).filter(text -> !text.isEmpty()),
                reply.header("retry-after").flatMap(text -> span(text, now)));
    }

    static Attempted failed(String why) {
        return new Attempted(Optional.empty(), Optional.of(why), Optional.empty(), Optional.empty());
    }

    /** Whether the receiver wants to hear nothing any more. */
    boolean gone() {
        return status.filter(code -> code == GONE).isPresent();
    }

    /** Seconds or a date (RFC 9110, section 10.2.3). */
    private static Optional<Duration> span(String text, Instant now) {
        if (text.matches("\\d{1,9}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
        }
        try {
            Instant until = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return Optional.of(Duration.between(now, until)).filter(span -> !span.isNegative());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
