package io.temponest.gateway.limit;

import io.temponest.store.Redis;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * So many in any window of such a length.
 *
 * @param limit at least 1
 * @param window 6 seconds to 1 day
 */
public record Quota(int limit, Duration window) {

    /** Slots that a window is counted in. */
    static final int SLOTS = 60;

    private static final Duration SHORTEST = Duration.ofSeconds(6);
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final long LONGEST_LEASE_MS = 1_000;

    /** What is granted by an answer that may still come can be used: else it is given back and asked for again, without end. */
    private static final long SHORTEST_LEASE_MS = Redis.DEADLINE.toMillis();

    private static final int MOST = 1_000_000_000;

    private static final Pattern FORM = Pattern.compile("(\\d{1,10})/(\\d{0,5})(s|min|h|d)");
    private static final Map<String, Duration> UNITS = Map.of(
            "s",
            Duration.ofSeconds(1),
            "min",
            Duration.ofMinutes(1),
            "h",
            Duration.ofHours(1),
            "d",
            Duration.ofDays(1));

    public Quota {
        if (limit < 1 || limit > MOST) {
            throw new IllegalArgumentException("a limit must be from 1 to " + MOST);
        }
        if (window.compareTo(SHORTEST) < 0 || window.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("a window must be from 6 seconds to 1 day");
        }
    }

    public static Quota perMinute(int limit) {
        return new Quota(limit, Duration.ofMinutes(1));
    }

    /** Reads {@code 5/min}, {@code 100/h}, {@code 30/10s}. */
    static Quota parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("'%s' must have a form like 5/min, 100/h or 30/10s".formatted(text));
        }
        long units = form.group(2).isEmpty() ? 1 : Long.parseLong(form.group(2));
        long limit = Long.parseLong(form.group(1));
        return new Quota(
                (int) Math.min(limit, MOST + 1L),
                UNITS.getOrDefault(form.group(3), SHORTEST).multipliedBy(units));
    }

    /** Rounded up: a window is never counted too short. */
    long slotMillis() {
        return Math.ceilDiv(window.toMillis(), SLOTS);
    }

    /** How long a permit may be used after it was granted. */
    long leaseMillis() {
        return Math.clamp(slotMillis(), SHORTEST_LEASE_MS, LONGEST_LEASE_MS);
    }

    /** Slots whose permits count: those of the window, of a lease's life before it, and the one in which time stands. */
    long counted() {
        return SLOTS + Math.ceilDiv(leaseMillis(), slotMillis()) + 1;
    }

    /** How many permits a node may fetch ahead of those who ask for them: a fiftieth. */
    int share() {
        return Math.max(1, limit / 50);
    }

    @Override
    public String toString() {
        return "%d per %s".formatted(limit, inWords(window));
    }

    private static String inWords(Duration window) {
        long seconds = window.toSeconds();
        if (seconds % 3_600 == 0) {
            return seconds == 3_600 ? "hour" : seconds / 3_600 + " hours";
        }
        return seconds % 60 != 0 ? seconds + " seconds" : seconds == 60 ? "minute" : seconds / 60 + " minutes";
    }
}
