package io.temponest.gateway.answers;

import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a request wants of the answers that are kept.
 *
 * @param semantic whether the answer to a question that means the same will do
 * @param maxAge of the answer; empty: as old as they get
 * @param similarity the cosine from which on two questions are alike; empty: the setting's
 */
public record CacheWish(boolean semantic, Optional<Duration> maxAge, Optional<Double> similarity) {

    private static final String MODE = "X-Temponest-Cache";
    private static final String MAX_AGE = "X-Temponest-Cache-Max-Age";
    private static final String SIMILARITY = "X-Temponest-Cache-Similarity";

    private static final double LEAST_SIMILARITY = 0.5;

    /**
     * Reads a request's headers; empty where it wants nothing of it.
     *
     * @param header finds one by its name
     * @throws ApiException 400 that names the header which is wrong
     */
    public static Optional<CacheWish> read(Function<String, Optional<String>> header) {
        return header.apply(MODE)
                .map(mode -> new CacheWish(
                        semantic(mode),
                        header.apply(MAX_AGE).map(CacheWish::seconds),
                        header.apply(SIMILARITY).map(text -> {
                            try {
                                return similarity(text);
                            } catch (IllegalArgumentException e) {
                                throw wrong(SIMILARITY, "must be a number from 0.5 to 1");
                            }
                        })));
    }

    private static boolean semantic(String mode) {
        return switch (mode.strip().toLowerCase(Locale.ROOT)) {
            case "exact" -> false;
            case "semantic" -> true;
            default -> throw wrong(MODE, "must be exact or semantic");
        };
    }

    private static Duration seconds(String text) {
        try {
            int seconds = Integer.parseInt(text.strip());
            if (seconds >= 0) {
                return Duration.ofSeconds(seconds);
            }
        } catch (NumberFormatException e) {
            // refused below, as a number below zero is
        }
        throw wrong(MAX_AGE, "must be a whole number of seconds, 0 or more");
    }

    /** @throws IllegalArgumentException that says what is wrong */
    static double similarity(String text) {
        try {
            double value = Double.parseDouble(text.strip());
            if (value >= LEAST_SIMILARITY && value <= 1) {
                return value;
            }
        } catch (NumberFormatException e) {
            // refused below, as a number out of range is
        }
        throw new IllegalArgumentException("must be a number from 0.5 to 1, not '" + text + "'");
    }

    private static ApiException wrong(String header, String must) {
        return ApiError.invalid(header, "invalid_header", "'%s' %s.".formatted(header, must))
                .exception();
    }

    /** Whether what was kept then is young enough now. */
    boolean takes(Instant kept, Instant now) {
        return maxAge.filter(most -> kept.plus(most).isBefore(now)).isEmpty();
    }
}
