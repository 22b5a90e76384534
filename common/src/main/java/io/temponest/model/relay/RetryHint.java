package io.temponest.model.relay;

import io.vertx.core.MultiMap;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * When a provider wants to be asked again. Providers say it in many ways: {@code retry-after-ms}, {@code Retry-After} in
 * seconds or as a date (RFC 9110, 10.2.3), {@code x-ratelimit-reset-*} as OpenAI's spans, as seconds or as a date,
 * {@code anthropic-ratelimit-*-reset} as dates, Google's {@code retryDelay} and words in the error's message.
 */
final class RetryHint {

    /** Longer ones are not believed: a key would be lost for the day by one wrong answer. */
    static final Duration LONGEST = Duration.ofMinutes(10);

    private static final List<String> RESETS = List.of(
            "x-ratelimit-reset-requests",
            "x-ratelimit-reset-tokens",
            "anthropic-ratelimit-requests-reset",
            "anthropic-ratelimit-tokens-reset",
            "anthropic-ratelimit-input-tokens-reset",
            "anthropic-ratelimit-output-tokens-reset",
            "x-ratelimit-reset",
            "ratelimit-reset");

    private static final Pattern SPAN =
            Pattern.compile("(?:(\\d{1,6})h)?(?:(\\d{1,6})m(?!s))?(?:(\\d{1,9}(?:\\.\\d{1,9})?)s)?(?:(\\d{1,9})ms)?");
    /** Azure writes {@code Please retry after 6 seconds}, OpenAI {@code Please try again in 1m2.5s}. */
    private static final Pattern IN_WORDS =
            Pattern.compile("(?:try again in|retry in|retry after|\"retryDelay\":\\s*\")\\s*"
                    + "(?:(\\d[\\d.hms]{0,20}?(?:ms|s|m|h))\\b|(\\d{1,6}) seconds?\\b)");

    private RetryHint() {}

    /** @param body of the refusal, as far as it was read */
    static Optional<Duration> read(MultiMap headers, String body, Instant now) {
        return millis(headers.get("retry-after-ms"))
                .or(() -> time(headers.get("retry-after"), now))
                .or(() -> words(body))
                .or(() -> resets(headers, now))
                .map(span -> span.compareTo(LONGEST) > 0 ? LONGEST : span);
    }

    /** The latest of them: a limit on tokens may outlast the one on requests. Only where what is left says zero, if it says. */
    private static Optional<Duration> resets(MultiMap headers, Instant now) {
        return RESETS.stream()
                .filter(name -> exhausted(headers, name))
                .flatMap(name -> time(headers.get(name), now).stream())
                .max(Duration::compareTo);
    }

    private static boolean exhausted(MultiMap headers, String reset) {
        String left = headers.get(
                reset.contains("anthropic")
                        ? reset.replace("-reset", "-remaining")
                        : reset.replace("reset", "remaining"));
        return left == null || left.strip().equals("0");
    }

    private static Optional<Duration> millis(@Nullable String text) {
        return number(text).map(value -> Duration.ofNanos((long) (value * 1e6)));
    }

    private static Optional<Duration> time(@Nullable String text, Instant now) {
        if (text == null || text.isBlank()) {
            return Optional.empty();
        }
        String given = text.strip();
        return number(given)
                .map(seconds -> seconds > 1e9 ? until(epoch(seconds), now) : Duration.ofNanos((long) (seconds * 1e9)))
                .or(() -> span(given))
                .or(() -> date(given, DateTimeFormatter.RFC_1123_DATE_TIME, now))
                .or(() -> date(given, DateTimeFormatter.ISO_DATE_TIME, now));
    }

    /** A number this large is a moment since 1970, in seconds or milliseconds. */
    private static Instant epoch(double value) {
        return Instant.ofEpochMilli((long) (value > 1e11 ? value : value * 1_000));
    }

    private static Optional<Double> number(@Nullable String text) {
        try {
            return Optional.ofNullable(text)
                    .map(given -> Double.parseDouble(given.strip()))
                    .filter(value -> value >= 0 && value < 1e15);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static Optional<Duration> span(String text) {
        Matcher matcher = SPAN.matcher(text);
        if (text.isEmpty() || !matcher.matches()) {
            return Optional.empty();
        }
        double seconds = part(matcher, 1) * 3_600 + part(matcher, 2) * 60 + part(matcher, 3) + part(matcher, 4) / 1_000;
        return Optional.of(Duration.ofNanos((long) (seconds * 1e9)));
    }

    private static double part(Matcher matcher, int group) {
        return matcher.group(group) == null ? 0 : Double.parseDouble(matcher.group(group));
    }

    private static Optional<Duration> date(String text, DateTimeFormatter format, Instant now) {
        try {
            return Optional.of(until(ZonedDateTime.parse(text, format).toInstant(), now));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Duration until(Instant moment, Instant now) {
        Duration left = Duration.between(now, moment);
        return left.isNegative() ? Duration.ZERO : left;
    }

    private static Optional<Duration> words(String body) {
        Matcher matcher = IN_WORDS.matcher(body);
        if (!matcher.find()) {
            return Optional.empty();
        }
        return span(matcher.group(1) == null ? matcher.group(2) + "s" : matcher.group(1));
    }
}
